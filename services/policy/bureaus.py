"""The authorities that act on the platform: the province, 14 cities and the industry bureaus (A3, A6(1), A10, A11)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from services.contracts.gateway.answers import BureauAnswerDict, BureauTreeDict
from services.kernel.errors import Text

_SECTION = re.compile(r"([A-T])\d{0,4}")


@dataclass(frozen=True, slots=True)
class Bureau:
    """One authority. `tier`: province, city or industry; `trades`: the trades for which an industry bureau is responsible."""

    code: str
    tier: str
    name: Text
    parent: str | None
    trades: frozenset[str] = frozenset()

    def to_dict(self) -> BureauAnswerDict:
        return {"code": self.code, "tier": self.tier, "name": self.name.to_dict(), "parent": self.parent}


def _load() -> dict[str, Bureau]:
    table = tomllib.loads(Path(__file__).with_name("bureaus.toml").read_text(encoding="utf-8"))
    top = table["province"]
    bureaus = [Bureau(top["code"], "province", Text(top["zh"], top["en"]), None)]
    for code, row in table["cities"].items():
        bureaus.append(Bureau(code, "city", Text(row["zh"], row["en"]), top["code"]))
    for code, row in table["industries"].items():
        bureaus.append(Bureau(code, "industry", Text(row["zh"], row["en"]), top["code"], frozenset(row["trades"])))
    return {bureau.code: bureau for bureau in bureaus}


#: All bureaus by code, the province first.
BUREAUS = _load()
PROVINCE = next(iter(BUREAUS))


def city_bureau_of(region: str) -> str | None:
    """Return the code of the city bureau for a six-digit region of Guangxi; None for a region outside Guangxi, and for a code
    that belongs to no city, such as that of Guangxi itself."""
    code = f"{region[:4]}00"
    return code if len(region) == 6 and code in BUREAUS and BUREAUS[code].tier == "city" else None


def industry_bureaus_of(industry: str) -> tuple[str, ...]:
    """Return the codes of the industry bureaus responsible for a trade, which is given as a GB/T 4754 code ("C", "C1340") or a
    word. Empty if no industry bureau is responsible."""
    section = _SECTION.fullmatch(industry)
    trade = section[1] if section else industry
    return tuple(bureau.code for bureau in BUREAUS.values() if trade in bureau.trades)


def bureau_tree() -> BureauTreeDict:
    """Return the province's bureau with all bureaus below it, as JSON values."""
    cities = [bureau.to_dict() for bureau in BUREAUS.values() if bureau.parent == PROVINCE]
    return {**BUREAUS[PROVINCE].to_dict(), "children": cities}
