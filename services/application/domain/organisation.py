"""An organisation (单位): a legal person with its unified social credit code and the figures that it entered itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TypedDict

from services.contracts.application.organisation_requests import (
    FigureDict,
    OperatingPeriodDict,
    OrganisationDict,
    PlatformDict,
)
from services.contracts.application.organisation_responses import OrganisationSnapshot
from services.kernel.errors import FieldError, Text
from services.policy import SECTIONS, Figure, Platform, Unit, industry_words, is_valid_industry


class Facts(TypedDict):
    """The facts on which the conditions of a recognised consortium depend."""

    legal_person: bool | None
    region: str | None
    kind: str | None


@dataclass(eq=False, kw_only=True)
class Organisation:
    """An organisation. `registered` is false for an organisation that a lead named and that has not registered yet; its data are
    unknown. Figures are stored as entered, money as decimal strings of yuan. `operating_period`: `{since, evidence}` if it began
    to operate later than it was founded. `to_verify`: whether it declares a fact that no bureau has verified."""

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
    operating_period: OperatingPeriodDict | None
    figures: list[FigureDict]
    platforms: list[PlatformDict]
    registered: bool
    revision: int
    created_at: datetime
    updated_at: datetime
    to_verify: bool = True

    def replace(self, data: OrganisationDict | OrganisationSnapshot, now: datetime) -> None:
        """Replace the data by those that the organisation, or the province on its behalf, entered."""
        for name, value in data.items():
            setattr(self, name, value)
        self.registered = True
        self.revision += 1
        self.updated_at = now

    def facts(self) -> Facts:
        """The facts on which the conditions of a recognised consortium depend (A5, A14(5))."""
        return {"legal_person": self.legal_person, "region": self.region, "kind": self.kind}

    def snapshot(self) -> OrganisationSnapshot:
        """The data that a verdict freezes."""
        return {
            "name": self.name,
            "kind": self.kind,
            "region": self.region,
            "industry": self.industry,
            "legal_person": self.legal_person,
            "public_institution": self.public_institution,
            "state_owned": self.state_owned,
            "rd_staff": self.rd_staff,
            "founded_on": self.founded_on,
            "operating_period": self.operating_period,
            "figures": self.figures,
            "platforms": self.platforms,
            "uscc": self.uscc,
            "registered": self.registered,
        }


def unit_of(data: OrganisationSnapshot, tier: str | None) -> Unit:
    """Convert an organisation's snapshot to the unit that the rules evaluate."""
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
        # Verdicts frozen by an early release, which did not know the operating period, lack this field.
        operating_since=date.fromisoformat(period["since"]) if (period := data.get("operating_period")) else None,
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


def mistakes(data: OrganisationDict, today: date) -> tuple[FieldError, ...]:
    """Return an error for each impossible value: an unknown industry, a day in the future, figures of a year that has not begun
    or that precedes the founding, and a main-business revenue above the sales revenue, which includes it."""
    errors = [_unknown_industry()] if data["industry"] and not is_valid_industry(data["industry"]) else []
    errors += _day_errors(data, today)
    years = Counter(row["year"] for row in data["figures"])
    for index, row in enumerate(data["figures"]):
        errors += _year_errors(row["year"], f"/figures/{index}/year", years, data["founded_on"], today)
        if Decimal(row["main_business_revenue"]) > Decimal(row["sales_revenue"]):
            text = Text(
                "主营业务收入不能高于同一年度的销售收入，请核对。",
                "The main-business revenue cannot be above the sales revenue of the same year; check them.",
            )
            errors.append(FieldError(f"/figures/{index}/main_business_revenue", "main_above_sales", text))
    return tuple(errors)


def _day_errors(data: OrganisationDict, today: date) -> Iterator[FieldError]:
    founded_on, period = data["founded_on"], data["operating_period"]
    if founded_on and founded_on > today.isoformat():
        text = Text("成立日期不能晚于今天，请核对。", "The founding date cannot lie ahead; check it.")
        yield FieldError("/founded_on", "date_ahead", text)
    if period and period["since"] > today.isoformat():
        text = Text("经营期起始日期不能晚于今天，请核对。", "The operating period cannot begin in the future; check it.")
        yield FieldError("/operating_period/since", "date_ahead", text)
    if period and founded_on and period["since"] < founded_on:
        text = Text(
            f"经营期不能早于成立日期（{founded_on}）开始，请核对。",
            f"The operating period cannot begin before the founding ({founded_on}); check them.",
        )
        yield FieldError("/operating_period/since", "before_founding", text)


def _year_errors(year: int, pointer: str, years: Mapping[int, int], founded_on: str | None, today: date) -> Iterator[FieldError]:
    if years[year] > 1:
        text = Text("同一会计年度只能填写一次。", "Each fiscal year can be entered once.")
        yield FieldError(pointer, "year_twice", text)
    elif year > today.year:
        text = Text("该会计年度尚未开始，请核对。", "This fiscal year has not begun; check it.")
        yield FieldError(pointer, "year_ahead", text)
    elif founded_on and year < date.fromisoformat(founded_on).year:
        text = Text(
            f"单位成立于 {founded_on}，不能填写成立以前年度的数据，请核对。",
            f"The organisation was founded on {founded_on}; it has no figures of earlier years. Check them.",
        )
        yield FieldError(pointer, "year_before_founding", text)


def _unknown_industry() -> FieldError:
    sections = [f"{section.letter} {section.name}" for section in SECTIONS.values()]
    words = [word for word in industry_words() if word not in {section.name for section in SECTIONS.values()}]
    text = Text(
        "没有这一行业。请填写国民经济行业分类（GB/T 4754—2017）代码，如 C 或 C1340，或下列名称之一。"
        f"门类：{'；'.join(sections)}。其他名称：{'、'.join(words)}。",
        "There is no such industry. Give a code of GB/T 4754-2017, such as C or C1340, or one of these names. "
        f"Sections: {'; '.join(sections)}. Other names: {', '.join(words)}.",
    )
    return FieldError("/industry", "unknown_industry", text)
