"""The bodies and queries of requests to the application service: organisations, calls, applications, the register."""

from __future__ import annotations

import math
from decimal import Decimal
from typing import Any

from marshmallow import ValidationError, fields, validate

from services.contracts.acts import act_made
from services.contracts.application.change_events import EVENTS as CHANGES
from services.contracts.application.events import EVENTS as FORMATION
from services.contracts.application.imports import EVENTS as IMPORTS
from services.contracts.application.organisation_events import EVENTS as ORGANISATIONS
from services.contracts.application.policies import EVENTS as POLICIES
from services.contracts.application.support import EVENTS as SUPPORT
from services.contracts.common import (
    Body,
    Day,
    EventType,
    FieldMessage,
    Flag,
    Moment,
    Money,
    Page,
    Region,
    Uscc,
    code,
    one_of,
    search_words,
    text,
    whole,
)
from services.contracts.labels import codes_of
from services.contracts.text_fields import email, phone
from services.input.dates import LAST_YEAR

#: Every event that the application service publishes.
_ACTS = act_made("application", "decision", "1.approved.2026-03-23")
EVENTS: dict[str, EventType] = FORMATION | CHANGES | SUPPORT | POLICIES | ORGANISATIONS | IMPORTS | _ACTS

KINDS = codes_of("organisation_kind")
FACTS = ("kind", "legal_person", "public_institution", "state_owned", "platforms", "figures")
VERIFICATION_OUTCOMES = ("verified", "refused")
LEVELS = ("national", "provincial", "other")
TIERS = codes_of("tier")
SYSTEMS = codes_of("operating_system")
GOALS = codes_of("goal")
CALL_KINDS = codes_of("call_kind")
STATUSES = ("draft", "submitted", "returned", "rejected", "declined", "publicised", "held", "recognised", "withdrawn")


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=FieldMessage("too_many", f"最多 {count} 项。", f"At most {count} entries."))


class Number(fields.Field[Any]):
    """A JSON number above zero, at most 1,000,000, with at most four decimals; it stays a number."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"type": "number", "exclusiveMinimum": 0, "maximum": 1_000_000}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int | float:
        fits = not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value)
        if not fits or not 0 < value <= 1_000_000 or Decimal(str(value)) != round(Decimal(str(value)), 4):
            raise ValidationError(
                FieldMessage(
                    "bad_number",
                    "请填写大于零、不超过 1000000 的数，最多四位小数。",
                    "Give a number above zero, at most 1,000,000, with at most four decimals.",
                )
            )
        return value  # type: ignore[no-any-return]


# Organisations


class Figure(Body):
    """One fiscal year of an organisation, in yuan."""

    year = whole(1950, LAST_YEAR, required=True)
    main_business_revenue = Money(required=True)
    sales_revenue = Money(required=True)
    rd_expense = Money(required=True)


class OperatingPeriod(Body):
    """经营期: the day since which an organisation operates, if it began later than it was founded, and the evidence."""

    since = Day(required=True)
    evidence = text(2000, required=True)


class Platform(Body):
    """An innovation platform and how it was recognised."""

    name = text(200, required=True)
    level = one_of(*LEVELS, of="platform_level", required=True)
    evidence = text(2000, shortest=0, load_default="")


class Organisation(Body):
    """An organisation's own data; PUT replaces them completely. Without `operating_period`, the organisation operates since its
    foundation."""

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
    figures = fields.List(fields.Nested(Figure), load_default=list, validate=_at_most(50))
    platforms = fields.List(fields.Nested(Platform), load_default=list, validate=_at_most(200))


class VerifiedFact(Body):
    """A fact that an organisation declares, and the evidence of it that was seen. `refused`: the evidence does not show it, for
    the `reason` given."""

    fact = one_of(*FACTS, of="organisation_fact", required=True)
    evidence = text(2000, required=True)
    outcome = one_of(*VERIFICATION_OUTCOMES, of="verification_outcome", load_default="verified")
    reason = text(2000, load_default=None, allow_none=True)


class VerificationGiven(Body):
    """The facts of an organisation that a bureau verifies. `documents`: the organisation's own documents that the bureau saw."""

    facts = fields.List(
        fields.Nested(VerifiedFact),
        required=True,
        validate=validate.Length(1, 6, error=FieldMessage("count_of_facts", "请列出 1 至 6 项事实。", "Name 1 to 6 facts.")),
    )
    documents = fields.List(code(120), load_default=list, validate=_at_most(50))


class IntegrityRecord(Body):
    """An untrustworthiness record; `penalty_until` is its last day, null if it has no end."""

    uscc = Uscc(required=True)
    reason = text(1000, required=True)
    recorded_on = Day(required=True)
    penalty_until = Day(load_default=None, allow_none=True)


class IntegrityRepair(Body):
    """信用修复: `shortened` moves the penalty's last day to an earlier one; `withdrawn` cancels the penalty from its beginning.
    `documents` are uploaded under the organisation."""

    kind = one_of("shortened", "withdrawn", of="integrity_repair", required=True)
    penalty_until = Day(load_default=None, allow_none=True)
    reason = text(2000, required=True)
    documents = fields.List(code(120), required=True, validate=_at_most(50))


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


# Calls


class Criterion(Body):
    criterion = text(100, required=True)
    weight = Number(required=True)
    max = Number(required=True)


class CallContact(Body):
    """The contact for questions about a call."""

    name = text(60, one_line=True, required=True)
    telephone = phone(required=True)
    address = text(200, one_line=True, load_default=None, allow_none=True)
    email = email(load_default=None, allow_none=True)


class Call(Body):
    """An announcement. `policy` defaults to the version in force. An empty `fields` allows any field. `attachments` are the kinds
    of document required in addition to the policy's."""

    title = text(200, required=True)
    kind = one_of(*CALL_KINDS, of="call_kind", load_default="formation")
    opens_at = Moment(required=True)
    closes_at = Moment(required=True)
    policy = code(80, load_default=None, allow_none=True)
    fields_ = fields.List(text(60), load_default=list, data_key="fields", attribute="fields", validate=_at_most(100))
    industry_bureaus = fields.List(code(20), load_default=list, validate=_at_most(50))
    rubric = fields.List(fields.Nested(Criterion), load_default=list, validate=_at_most(50))
    min_reviewers = whole(1, 99, load_default=3)
    places = whole(1, 10_000, load_default=None, allow_none=True)
    budget = Money(load_default=None, allow_none=True)
    attachments = fields.List(code(60), load_default=list, validate=_at_most(50))
    text = text(50_000, load_default=None, allow_none=True)
    contact = fields.Nested(CallContact, load_default=None, allow_none=True)


class CallChange(Body):
    """`closes_at` can only move later. Title, text and fields can change until the call opens, `contact` at any time."""

    title = text(200)
    contact = fields.Nested(CallContact, allow_none=True)
    fields_ = fields.List(text(60), data_key="fields", attribute="fields", validate=_at_most(100))
    closes_at = Moment()
    text = text(50_000, allow_none=True)


class Cancellation(Body):
    reason = text(1000, required=True)


class CallQuery(Page):
    kind = one_of(*CALL_KINDS, of="call_kind", load_default=None)
    status = one_of("upcoming", "open", "closed", "cancelled", of="call_status", load_default=None)


# Applications


class ChiefScientist(Body):
    name = text(60, required=True)
    employer = Uscc(load_default=None, allow_none=True)
    title = text(100, load_default=None, allow_none=True)


class Member(Body):
    organisation = Uscc(required=True)
    tier = one_of(*TIERS, of="tier", load_default=None, allow_none=True)
    role = text(200, load_default=None, allow_none=True)


class Indicator(Body):
    name = text(100, required=True)
    target = text(100, required=True)
    unit = text(30, load_default=None, allow_none=True)
    due = Day(load_default=None, allow_none=True)


class Goal(Body):
    kind = one_of(*GOALS, of="goal", required=True)
    statement = text(4000, required=True)
    indicators = fields.List(fields.Nested(Indicator), load_default=list, validate=_at_most(100))


OperatingSystems = Body.from_dict(
    {name: text(4000, shortest=0, allow_none=True, load_default=None) for name in SYSTEMS}, name="OperatingSystems"
)


class Content(Body):
    """The content of an application. A draft may be incomplete. Each member that is sent replaces the stored one."""

    call_id = code(36, allow_none=True)
    name = text(100, allow_none=True)
    field = text(60, allow_none=True)
    industry_chain = text(200, allow_none=True)
    research_direction = text(2000, allow_none=True)
    lead = Uscc(allow_none=True)
    recommender = code(20, allow_none=True)
    chief_scientist = fields.Nested(ChiefScientist, allow_none=True)
    members = fields.List(fields.Nested(Member), validate=_at_most(300))
    operating_systems = fields.Nested(OperatingSystems, allow_none=True)
    goals = fields.List(fields.Nested(Goal), validate=_at_most(100))
    documents = fields.List(code(120), validate=_at_most(500))


class FullBasis(Body):
    text = text(4000, required=True)
    document = code(120, load_default=None, allow_none=True)
    waives_mandatory = fields.List(code(10), load_default=list, validate=_at_most(50))


class Basis(fields.Field[dict[str, Any]]):
    """The reason for a special case (A8): a text, or `{"text", "document"?, "waives_mandatory"?}`, which names the basis document
    and the mandatory rules that it expressly waives."""

    def __init__(self, **kwargs: Any) -> None:
        plain = {"type": "string", "minLength": 1, "maxLength": 4000}
        properties = {
            "text": plain,
            "document": {"type": ["string", "null"], "maxLength": 120},
            "waives_mandatory": {"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 10}},
        }
        full = {"type": "object", "required": ["text"], "additionalProperties": False, "properties": properties}
        super().__init__(metadata={"anyOf": [plain, full]}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> dict[str, Any]:
        loaded: dict[str, Any] = FullBasis().load({"text": value} if isinstance(value, str) else value)
        return loaded


class ApplicationStart(Content):
    """`channel` special_case (A8), with its `basis`, is only for the province; the other channels apply to a call."""

    channel = one_of("call", "special_case", of="application_channel", load_default="call")
    basis = Basis(load_default=None, allow_none=True)


class ApplicationChange(Content):
    basis = Basis()


class Confirmation(Body):
    decision = one_of("confirm", "decline", of="confirmation", required=True)
    reason = text(1000, load_default=None, allow_none=True)
    agreement_version = code(80, load_default=None, allow_none=True)


class Withdrawal(Body):
    reason = text(1000, load_default=None, allow_none=True)


class CorrectionExtension(Body):
    """`until`: the new last day of the correction, at most the policy's number of days after the old one."""

    until = Day(required=True)
    reason = text(1000, required=True)


class ApplicationQuery(Page):
    """`q`, of at least two characters, is searched in the name and in the number and name of the lead."""

    status = one_of(*STATUSES, of="application_status", load_default=None)
    call = code(36, load_default=None)
    channel = one_of("call", "special_case", of="application_channel", load_default=None)
    recommender = code(20, load_default=None)
    q = search_words(50, shortest=2, load_default=None)
    part = one_of(
        "lead",
        "member",
        of="application_part",
        load_default=None,
        metadata={"description": "what your organisation is in it"},
    )
    confirmation = one_of(
        "pending",
        "confirmed",
        "declined",
        of="confirmation_state",
        load_default=None,
        metadata={"description": "what your organisation answered as a member"},
    )


class ImportQuery(Body):
    call_id = code(36, load_default=None, metadata={"description": "the call the draft is for"})


class DiffQuery(Body):
    """The numbers of two submitted versions; without `to`, the last one."""

    from_ = whole(1, 100_000, strict=False, data_key="from", attribute="from_", required=True)
    to = whole(1, 100_000, strict=False, load_default=None)


# The register


class HandOver(Body):
    """`recommender`: the city or industry bureau that is the recommender from now on."""

    recommender = code(20, required=True)
    reason = text(4000, required=True)


class ConsortiumQuery(Page):
    status = one_of("active", "rectifying", "revoked", "dissolved", of="consortium_status", load_default=None)
    recommender = code(20, load_default=None)
    field = text(60, load_default=None)
    q = search_words(50, shortest=2, load_default=None)
    number = code(30, load_default=None)


class RegisterQuery(ConsortiumQuery):
    """`proposed`: consortia of the plan of 2021 that wait for confirmation by a second person of the province."""

    status = one_of("active", "rectifying", "revoked", "dissolved", "proposed", of="register_status", load_default=None)
