"""Load formation cases, and turn a case into the facts that the policy engine evaluates."""

from __future__ import annotations

import json
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from services.policy import Facts, Figure, Platform, Unit

#: The folder with the formation cases of this repository.
FORMATION = Path(__file__).parent / "formation"
#: The day on which the call of all formation cases opened.
OPENED_ON = date(2026, 3, 1)


def load_cases(folder: Path = FORMATION) -> list[dict[str, Any]]:
    """Return every formation case of a folder, in the order of the file names."""
    return [json.loads(path.read_text(encoding="utf-8")) for path in sorted(folder.glob("*.json"))]


def facts_of(case: dict[str, Any], as_of: date = OPENED_ON) -> Facts:
    """Return the facts of the case's draft on the day `as_of`. Confirmations and documents are left out and count as unknown:
    other tests cover them."""
    application = case["application"]
    known = {organisation["uscc"]: organisation for organisation in case["organisations"]}
    entered = [(application["lead"], None)]
    entered += [(member["organisation"], member.get("tier")) for member in application.get("members", [])]
    return Facts(
        as_of=as_of,
        today=as_of,
        lead=application["lead"],
        units=tuple(_unit(code, tier, known.get(code)) for code, tier in entered),
        operating_systems=application.get("operating_systems") or {},
    )


def _unit(code: str, tier: str | None, data: dict[str, Any] | None) -> Unit:
    if data is None:
        return Unit(code, "", tier=tier, registered=False)
    return Unit(
        uscc=code,
        name=data["name"],
        kind=data["kind"],
        region=data["region"],
        tier=tier,
        legal_person=data["legal_person"],
        public_institution=data["public_institution"],
        rd_staff=data["rd_staff"],
        founded_on=date.fromisoformat(data["founded_on"]) if data.get("founded_on") else None,
        operating_since=date.fromisoformat(data["operating_period"]["since"]) if data.get("operating_period") else None,
        figures=tuple(
            Figure(
                row["year"],
                Decimal(row["main_business_revenue"]),
                Decimal(row["sales_revenue"]),
                Decimal(row["rd_expense"]),
            )
            for row in data["figures"]
        ),
        platforms=tuple(Platform(row["name"], row["level"], row["evidence"]) for row in data["platforms"]),
    )
