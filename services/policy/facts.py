"""The input of a policy's evaluation: simple immutable facts about one case.

`None` always means "unknown" and never "no": a rule that needs an unknown fact answers `needs_evidence`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cached_property

#: The amount, in yuan, that every amount must stay below, so that sums of amounts are exact in Decimal's default precision.
LARGEST_AMOUNT = Decimal(10) ** 15


@dataclass(frozen=True, slots=True)
class Figure:
    """The figures of one fiscal year (a calendar year) of an organisation, in yuan.

    Raises ValueError for money that is not a Decimal of whole fen below LARGEST_AMOUNT.
    """

    year: int
    main_business_revenue: Decimal
    sales_revenue: Decimal
    rd_expense: Decimal

    def __post_init__(self) -> None:
        for amount in (self.main_business_revenue, self.sales_revenue, self.rd_expense):
            exact = isinstance(amount, Decimal) and amount.is_finite() and abs(amount) < LARGEST_AMOUNT
            if not exact or amount != round(amount, 2):
                raise ValueError(f"money of {self.year} must be a Decimal of whole fen, not {amount!r}")


@dataclass(frozen=True, slots=True)
class Platform:
    """An innovation platform that an organisation hosts. `level` is national, provincial or other; `evidence` is the text in
    which the organisation states the evidence."""

    name: str
    level: str
    evidence: str


@dataclass(frozen=True, slots=True)
class Unit:
    """One unit of a consortium. `registered` false: the unit is invited but has no account, so nothing else is known about the
    unit. `operating_since`: the start of the unit's operating period (实际经营期), if the unit states that this period began
    after its founding."""

    uscc: str
    name: str
    kind: str | None = None
    region: str | None = None
    tier: str | None = None
    legal_person: bool | None = None
    public_institution: bool | None = None
    rd_staff: int | None = None
    founded_on: date | None = None
    operating_since: date | None = None
    figures: tuple[Figure, ...] = ()
    platforms: tuple[Platform, ...] = ()
    registered: bool = True

    @property
    def began_on(self) -> date | None:
        """Return the first day of the unit's operating period: the day that the unit states or, without a statement, the day of
        its founding."""
        return self.operating_since or self.founded_on


@dataclass(frozen=True, slots=True)
class Standing:
    """The number of *other* consortia, recognised or in process, in which an organisation takes part. `joins` includes the
    consortia that the organisation leads (`leads`)."""

    leads: int = 0
    joins: int = 0


@dataclass(frozen=True, slots=True)
class DocumentFact:
    """A document submitted with the case; only a document in the state `clean` counts."""

    kind: str
    state: str


@dataclass(frozen=True)
class Facts:
    """One case as the rules see it.

    `as_of`: the day on which the call opened; without a call, the day on which the case was opened. `today`: the day of the
    evaluation. `units`: the lead first, then the members, as entered (rule C2 finds repeated codes). `confirmed`: codes of the
    members that confirmed `agreement_version`; None if unknown. `standing`: an organisation's participation in other consortia;
    no entry means none. `documents`: None if unknown. `attachments`: further kinds of document that the call requires.
    `integrity`: code → last day of the penalty of a record in force, None for a penalty without end. `case`: the kind of case,
    which determines the required documents.
    """

    as_of: date
    today: date
    lead: str | None = None
    units: tuple[Unit, ...] = ()
    agreement_version: str = ""
    confirmed: frozenset[str] | None = None
    operating_systems: Mapping[str, str | None] = field(default_factory=dict)
    standing: Mapping[str, Standing] = field(default_factory=dict)
    documents: tuple[DocumentFact, ...] | None = None
    attachments: tuple[str, ...] = ()
    integrity: Mapping[str, date | None] = field(default_factory=dict)
    case: str = "formation"

    @cached_property
    def distinct(self) -> tuple[Unit, ...]:
        """Return every unit once, in the order of the codes, so that no finding depends on the order in which units were
        entered."""
        return tuple(sorted({unit.uscc: unit for unit in self.units}.values(), key=lambda unit: unit.uscc))

    def pointer(self, unit: Unit, *, repeated: bool = False) -> str:
        """Return the JSON pointer to the field of the application form that names the unit; with `repeated`, to the field that
        names the unit a second time."""
        codes = [unit.uscc for unit in self.units]
        pointers = []
        if self.lead in codes:
            codes.remove(self.lead)
            pointers = ["/lead"] if unit.uscc == self.lead else []
        pointers += [f"/members/{index}" for index, code in enumerate(codes) if code == unit.uscc]
        return pointers[1 if repeated else 0]

    @cached_property
    def members(self) -> tuple[Unit, ...]:
        """Return the members, each once, without the lead."""
        return tuple(unit for unit in self.distinct if unit.uscc != self.lead)

    @cached_property
    def lead_unit(self) -> Unit | None:
        """Return the lead if it is named, listed among the units and registered; otherwise None."""
        unit = next((unit for unit in self.distinct if unit.uscc == self.lead), None)
        return unit if unit is not None and unit.registered else None
