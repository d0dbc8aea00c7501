"""The bodies and queries of requests about formation applications."""

from __future__ import annotations

from typing import Any, TypedDict

from marshmallow import fields

from services.contracts.application.list_bounds import at_most
from services.contracts.common import (
    Body,
    Day,
    Page,
    Uscc,
    code,
    one_of,
    search_words,
    text,
    whole,
)
from services.contracts.labels import codes_of

TIERS = codes_of("tier")


SYSTEMS = codes_of("operating_system")


GOALS = codes_of("goal")


STATUSES = ("draft", "submitted", "returned", "rejected", "declined", "publicised", "held", "recognised", "withdrawn")


class ChiefScientist(Body):
    name = text(60, required=True)
    employer = Uscc(load_default=None, allow_none=True)
    title = text(100, load_default=None, allow_none=True)


class ChiefScientistDict(TypedDict):
    name: str
    employer: str | None
    title: str | None


class Member(Body):
    organisation = Uscc(required=True)
    tier = one_of(*TIERS, of="tier", load_default=None, allow_none=True)
    role = text(200, load_default=None, allow_none=True)


class MemberDict(TypedDict):
    organisation: str
    tier: str | None
    role: str | None


class Indicator(Body):
    name = text(100, required=True)
    target = text(100, required=True)
    unit = text(30, load_default=None, allow_none=True)
    due = Day(load_default=None, allow_none=True)


class IndicatorDict(TypedDict):
    name: str
    target: str
    unit: str | None
    due: str | None


class Goal(Body):
    kind = one_of(*GOALS, of="goal", required=True)
    statement = text(4000, required=True)
    indicators = fields.List(fields.Nested(Indicator), load_default=list, validate=at_most(100))


class GoalDict(TypedDict):
    kind: str
    statement: str
    indicators: list[IndicatorDict]


OperatingSystems = Body.from_dict(
    {name: text(4000, shortest=0, allow_none=True, load_default=None) for name in SYSTEMS}, name="OperatingSystems"
)


class Content(Body):
    """The content of an application. A draft may be incomplete. Each field that is sent replaces the stored one."""

    call_id = code(36, allow_none=True)
    name = text(100, allow_none=True)
    field = text(60, allow_none=True)
    industry_chain = text(200, allow_none=True)
    research_direction = text(2000, allow_none=True)
    lead = Uscc(allow_none=True)
    recommender = code(20, allow_none=True)
    chief_scientist = fields.Nested(ChiefScientist, allow_none=True)
    members = fields.List(fields.Nested(Member), validate=at_most(300))
    operating_systems = fields.Nested(OperatingSystems, allow_none=True)
    goals = fields.List(fields.Nested(Goal), validate=at_most(100))
    documents = fields.List(code(120), validate=at_most(500))


class ContentMembers(TypedDict, total=False):
    """The members of an application's content that a request may contain."""

    call_id: str | None
    name: str | None
    field: str | None
    industry_chain: str | None
    research_direction: str | None
    lead: str | None
    recommender: str | None
    chief_scientist: ChiefScientistDict | None
    members: list[MemberDict]
    operating_systems: dict[str, str | None] | None
    goals: list[GoalDict]
    documents: list[str]


class FullBasis(Body):
    text = text(4000, required=True)
    document = code(120, load_default=None, allow_none=True)
    waives_mandatory = fields.List(code(10), load_default=list, validate=at_most(50))


class SpecialCaseBasis(TypedDict):
    text: str
    document: str | None
    waives_mandatory: list[str]


class Basis(fields.Field[SpecialCaseBasis]):
    """The reason for a special case (A8): a text, or `{"text", "document"?, "waives_mandatory"?}`, which names the basis document
    and the mandatory rules that it expressly waives. The text is published as the reason of each rule that the basis waives."""

    def __init__(self, **kwargs: Any) -> None:
        plain = {"type": "string", "minLength": 1, "maxLength": 4000}
        properties = {
            "text": plain,
            "document": {"type": ["string", "null"], "maxLength": 120},
            "waives_mandatory": {"type": "array", "maxItems": 50, "items": {"type": "string", "maxLength": 10}},
        }
        full = {"type": "object", "required": ["text"], "additionalProperties": False, "properties": properties}
        super().__init__(metadata={"anyOf": [plain, full]}, **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> SpecialCaseBasis:
        loaded: SpecialCaseBasis = FullBasis().load({"text": value} if isinstance(value, str) else value)
        return loaded


class ApplicationStart(Content):
    """A new application. `channel`: `call` for an application in a call; `special_case` (A8), with its `basis`, only for the
    province."""

    channel = one_of("call", "special_case", of="application_channel", load_default="call")
    basis = Basis(load_default=None, allow_none=True)


class ApplicationStartMembers(ContentMembers, total=False):
    channel: str
    basis: SpecialCaseBasis | None


class ApplicationChange(Content):
    basis = Basis()


class ApplicationChangeMembers(ContentMembers, total=False):
    basis: SpecialCaseBasis


class Confirmation(Body):
    decision = one_of("confirm", "decline", of="confirmation", required=True)
    reason = text(1000, load_default=None, allow_none=True)
    agreement_version = code(80, load_default=None, allow_none=True)


class Withdrawal(Body):
    reason = text(1000, load_default=None, allow_none=True)


class CorrectionExtension(Body):
    """A longer correction window. `until`: its new last day, at most the policy's number of days after the old one."""

    until = Day(required=True)
    reason = text(1000, required=True)


class ApplicationQuery(Page):
    """The filter of the list of applications. `q`, of at least two characters, is searched in the application's name and in the
    code and name of its lead."""

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
    """The numbers of the two submitted versions to compare. Without `to`, the second is the last version."""

    from_ = whole(1, 100_000, strict=False, data_key="from", attribute="from_", required=True)
    to = whole(1, 100_000, strict=False, load_default=None)
