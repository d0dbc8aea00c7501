"""An organisation (单位): a legal person by its unified social credit code, with the figures it entered itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.kernel.errors import FieldError, Text
from services.policy import SECTIONS, Figure, Platform, Unit, industry_words, is_valid_industry

#: What PUT replaces, and what a verdict freezes.
DATA = (
    "name",
    "kind",
    "region",
    "industry",
    "legal_person",
    "public_institution",
    "state_owned",
    "rd_staff",
    "founded_on",
    "figures",
    "platforms",
)


#: What of its data the conditions of a recognised consortium rest on (A5, A14(5)).
FACTS = ("legal_person", "region", "kind")


@dataclass(eq=False, kw_only=True)
class Organisation:
    """`registered` is false for one that a lead named and that has not come to the platform yet: nothing is known of it.
    Figures are kept as entered, money as decimal strings of yuan."""

    uscc: str
    name: str | None
    kind: str | None
    region: str | None
    industry: str | None
    legal_person: bool | None
    public_institution: bool | None
    state_owned: bool | None
    rd_staff: int | None
    founded_on: str | None
    figures: list[dict[str, Any]]
    platforms: list[dict[str, Any]]
    registered: bool
    revision: int
    created_at: datetime
    updated_at: datetime

    def replace(self, data: Mapping[str, Any], now: datetime) -> None:
        """Take the data as the organisation (or the province for it) entered it."""
        for name in DATA:
            setattr(self, name, data[name])
        self.registered = True
        self.revision += 1
        self.updated_at = now

    def facts(self) -> dict[str, Any]:
        """What the conditions of a recognised consortium rest on."""
        return {name: getattr(self, name) for name in FACTS}

    def snapshot(self) -> dict[str, Any]:
        """Its data as a verdict freezes it."""
        return {name: getattr(self, name) for name in (*DATA, "uscc", "registered")}


def unit_of(data: Mapping[str, Any], tier: str | None) -> Unit:
    """An organisation's snapshot as the rules see it."""
    return Unit(
        uscc=data["uscc"],
        name=data["name"] or "",
        kind=data["kind"],
        region=data["region"],
        tier=tier,
        legal_person=data["legal_person"],
        public_institution=data["public_institution"],
        rd_staff=data["rd_staff"],
        founded_on=date.fromisoformat(data["founded_on"]) if data["founded_on"] else None,
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
        registered=data["registered"],
    )


def mistakes(data: Mapping[str, Any], today: date) -> tuple[FieldError, ...]:
    """Years entered twice, years and a founding that lie ahead, an industry that is none."""
    found = []
    if data.get("industry") and not is_valid_industry(data["industry"]):
        found.append(_unknown_industry())
    years = Counter(row["year"] for row in data["figures"])
    for place, row in enumerate(data["figures"]):
        pointer = f"/figures/{place}/year"
        if years[row["year"]] > 1:
            text = Text("同一会计年度只能填写一次。", "Each fiscal year can be entered once.")
            found.append(FieldError(pointer, "year_twice", text))
        elif row["year"] > today.year:
            text = Text("该会计年度尚未开始，请核对。", "This fiscal year has not begun; check it.")
            found.append(FieldError(pointer, "year_ahead", text))
    if data["founded_on"] and data["founded_on"] > today.isoformat():
        text = Text("成立日期不能晚于今天，请核对。", "The founding date cannot lie ahead; check it.")
        found.append(FieldError("/founded_on", "date_ahead", text))
    return tuple(found)


def _unknown_industry() -> FieldError:
    sections = [f"{section.letter} {section.name}" for section in SECTIONS.values()]
    others = [word for word in industry_words() if word not in {section.name for section in SECTIONS.values()}]
    text = Text(
        "没有这一行业。请填写国民经济行业分类（GB/T 4754—2017）代码，如 C 或 C1340，或下列名称之一。"
        f"门类：{'；'.join(sections)}。其他名称：{'、'.join(others)}。",
        "There is no such industry. Give a code of GB/T 4754-2017, such as C or C1340, or one of these names. "
        f"Sections: {'; '.join(sections)}. Other names: {', '.join(others)}.",
    )
    return FieldError("/industry", "unknown_industry", text)
