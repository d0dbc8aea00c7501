"""The bodies and queries of requests about organisations and integrity records."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields, validate

from services.contracts.application.list_bounds import at_most
from services.contracts.common import (
    Body,
    Day,
    FieldMessage,
    Flag,
    Money,
    Page,
    Region,
    Uscc,
    code,
    one_of,
    text,
    whole,
)
from services.contracts.labels import codes_of
from services.input.dates import LAST_YEAR

KINDS = codes_of("organisation_kind")


FACTS = ("kind", "legal_person", "public_institution", "state_owned", "platforms", "figures")


VERIFICATION_OUTCOMES = ("verified", "refused")


LEVELS = ("national", "provincial", "other")


class Figure(Body):
    """An organisation's figures of one fiscal year, in yuan."""

    year = whole(1950, LAST_YEAR, required=True)
    main_business_revenue = Money(required=True)
    sales_revenue = Money(required=True)
    rd_expense = Money(required=True)


class FigureDict(TypedDict):
    year: int
    main_business_revenue: str
    sales_revenue: str
    rd_expense: str


class OperatingPeriod(Body):
    """The operating period (经营期): the day since which an organisation has operated, if it began later than it was founded, and
    the evidence."""

    since = Day(required=True)
    evidence = text(2000, required=True)


class OperatingPeriodDict(TypedDict):
    since: str
    evidence: str


class Platform(Body):
    """An innovation platform of an organisation, and how it was recognised."""

    name = text(200, required=True)
    level = one_of(*LEVELS, of="platform_level", required=True)
    evidence = text(2000, shortest=0, load_default="")


class PlatformDict(TypedDict):
    name: str
    level: str
    evidence: str


class Organisation(Body):
    """An organisation's own data; PUT replaces them completely. Without `operating_period`, the organisation has operated since
    its foundation."""

    name = text(200, required=True)
    kind = one_of(*KINDS, of="organisation_kind", required=True)
    region = Region(required=True)
    industry = text(60, load_default=None, allow_none=True)
    legal_person = Flag(required=True)
    public_institution = Flag(load_default=False)
    state_owned = Flag(load_default=None, allow_none=True)
    rd_staff = whole(0, 10_000_000, load_default=None, allow_none=True)
    founded_on = Day(load_default=None, allow_none=True)
    operating_period = fields.Nested(OperatingPeriod, load_default=None, allow_none=True)
    figures = fields.List(fields.Nested(Figure), load_default=list, validate=at_most(50))
    platforms = fields.List(fields.Nested(Platform), load_default=list, validate=at_most(200))


class OrganisationDict(TypedDict):
    name: str
    kind: str
    region: str
    industry: str | None
    legal_person: bool
    public_institution: bool
    state_owned: bool | None
    rd_staff: int | None
    founded_on: str | None
    operating_period: OperatingPeriodDict | None
    figures: list[FigureDict]
    platforms: list[PlatformDict]


class VerifiedFact(Body):
    """A bureau's result for one fact that an organisation declares, with the evidence that the bureau saw. `refused`: the
    evidence does not prove the fact, for the given `reason`."""

    fact = one_of(*FACTS, of="organisation_fact", required=True)
    evidence = text(2000, required=True)
    outcome = one_of(*VERIFICATION_OUTCOMES, of="verification_outcome", load_default="verified")
    reason = text(2000, load_default=None, allow_none=True)


class VerifiedFactDict(TypedDict):
    fact: str
    evidence: str
    outcome: str
    reason: str | None


class VerificationGiven(Body):
    """The facts of an organisation that a bureau verifies or refuses to verify. `documents`: the organisation's own documents
    that the bureau saw."""

    facts = fields.List(
        fields.Nested(VerifiedFact),
        required=True,
        validate=validate.Length(1, 6, error=FieldMessage("count_of_facts", "请列出 1 至 6 项事实。", "Name 1 to 6 facts.")),
    )
    documents = fields.List(code(120), load_default=list, validate=at_most(50))


class VerificationGivenDict(TypedDict):
    facts: list[VerifiedFactDict]
    documents: list[str]


class IntegrityRecord(Body):
    """A record of research misconduct. `penalty_until` is the last day of its penalty, null if the penalty has no end."""

    uscc = Uscc(required=True)
    reason = text(1000, required=True)
    recorded_on = Day(required=True)
    penalty_until = Day(load_default=None, allow_none=True)


class IntegrityRecordDict(TypedDict):
    uscc: str
    reason: str
    recorded_on: str
    penalty_until: str | None


class IntegrityRepair(Body):
    """The repair of an integrity record (信用修复): `shortened` moves the penalty's last day to an earlier one; `withdrawn`
    cancels the penalty from its beginning. `documents` are uploaded under the organisation."""

    kind = one_of("shortened", "withdrawn", of="integrity_repair", required=True)
    penalty_until = Day(load_default=None, allow_none=True)
    reason = text(2000, required=True)
    documents = fields.List(code(120), required=True, validate=at_most(50))


class IntegrityRepairDict(TypedDict):
    kind: str
    penalty_until: str | None
    reason: str
    documents: list[str]


class IntegrityRecords(Body):
    records = fields.List(
        fields.Nested(IntegrityRecord),
        required=True,
        validate=validate.Length(
            1, 5000, error=FieldMessage("count_of_records", "请给出 1 至 5000 条记录。", "Give 1 to 5000 records.")
        ),
    )


class IntegrityQuery(Page):
    uscc = Uscc(load_default=None)
