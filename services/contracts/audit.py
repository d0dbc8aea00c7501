"""The audit log in the form that auditors read."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from marshmallow import fields

from services.contracts.bilingual import Bilingual
from services.contracts.common import Answer, Day, Page, code, one_of
from services.contracts.labels import LABELS
from services.contracts.text_fields import matching

SERVICES = ("application", "review", "evaluation", "documents", "notification", "gateway")


class AuditQuery(Page):
    """The filter of the audit log: by subject, by the account that acted, by action and by day; at least one is required. With a
    subject the oldest entries come first, otherwise the newest. `from` and `until` are days in Asia/Shanghai, both included."""

    subject = matching(
        "[a-z-]{1,40}/[A-Za-z0-9._-]{1,80}",
        "bad_subject",
        "请填写事项的种类和编号。",
        "Give the kind and the id of the subject.",
        load_default=None,
    )
    actor = code(120, load_default=None)
    action = matching(
        "[a-z_]{1,40}[.][a-z_]{1,60}",
        "bad_action",
        "请选择一项操作。",
        "Give an action, such as review.decided.",
        load_default=None,
    )
    from_ = Day(data_key="from", attribute="since", load_default=None)
    until = Day(load_default=None)
    service = one_of(
        *SERVICES,
        of="service",
        load_default=None,
        metadata={"description": "whose log; by default that of the service the subject belongs to, without a subject all logs"},
    )
    bureau = code(20, load_default=None, metadata={"description": "whose review's log; by default the province's"})


class AuditEntry(Answer):
    """One entry of the audit log. `before` and `after` are digests of the subject's state. `verification`: the entry is sealed
    and unchanged since, or waits for its seal with a valid signature, or is flawed; null from a service of an older release."""

    service = one_of(*SERVICES, of="service")
    position = fields.Integer(required=True)
    at = fields.AwareDateTime(required=True)
    bureau = fields.String(required=True)
    actor = fields.String(required=True)
    role = fields.String(required=True, allow_none=True)
    action = fields.String(required=True)
    subject = fields.String(required=True)
    article = fields.String(required=True, allow_none=True)
    before = fields.String(required=True, allow_none=True)
    after = fields.String(required=True, allow_none=True)
    correlation_id = fields.String(required=True)
    verification = one_of(*LABELS["audit_verification"], of="audit_verification", allow_none=True)


class AuditEntryDict(TypedDict):
    """`service` is added by the gateway."""

    service: NotRequired[str]
    position: int
    at: str
    bureau: str
    actor: str
    role: str | None
    action: str
    subject: str
    article: str | None
    before: str | None
    after: str | None
    correlation_id: str
    verification: str | None


class AuditPage(Answer):
    """One page of audit entries. `unavailable`: services that did not answer, so that their entries are missing."""

    items = fields.List(fields.Nested(AuditEntry), required=True)
    next_cursor = fields.String(allow_none=True)
    unavailable = fields.List(one_of(*LABELS["service"], of="service"))


class AuditPageDict(TypedDict):
    items: list[AuditEntryDict]
    next_cursor: str | None
    unavailable: NotRequired[list[str]]


class AuditFlaw(Answer):
    """A flaw of an audit chain. `number`: the number of the link that does not verify, 0 if the flaw concerns no single link."""

    number = fields.Integer(required=True)
    code = one_of(*LABELS["audit_flaw"], of="audit_flaw", required=True)
    message = fields.String(required=True)


class AuditChain(Answer):
    """The audit chain of a bureau in one service. It has `length` links; the newest `checked` links were recomputed for this
    answer. `anchored`: the newest link of which another service stores a copy. `waiting` entries are not sealed yet, the oldest
    since `waiting_since`. `holds` is true if no flaw was found."""

    service = one_of(*SERVICES, of="service", required=True)
    bureau = fields.String(required=True)
    holds = fields.Boolean(required=True)
    length = fields.Integer(required=True)
    checked = fields.Integer(required=True)
    anchored = fields.Integer(required=True)
    waiting = fields.Integer(required=True)
    waiting_since = fields.AwareDateTime(required=True, allow_none=True)
    flaws = fields.List(fields.Nested(AuditFlaw), required=True)


class FlawCode(TypedDict):
    """A flaw as a service answers it; the gateway adds its text."""

    number: int
    code: str


class ChainState(TypedDict):
    """A chain as its service answers it; the gateway adds the service and whether the chain holds."""

    bureau: str
    length: int
    checked: int
    waiting: int
    waiting_since: str | None
    anchored: int
    flaws: list[FlawCode]


class ChainStates(TypedDict):
    items: list[ChainState]


class AuditFlawDict(FlawCode):
    message: Bilingual


class AuditChainDict(TypedDict):
    service: str
    bureau: str
    holds: bool
    length: int
    checked: int
    anchored: int
    waiting: int
    waiting_since: str | None
    flaws: list[AuditFlawDict]


class StoredHead(TypedDict):
    """The head (newest link) of another service's chain, as the service that keeps a copy of it answers it. `kept_at`: null if an
    earlier release stored the copy."""

    service: str
    bureau: str
    number: int
    hash: str
    kept_at: str | None


class StoredHeads(TypedDict):
    """The newest heads of other services' chains that a service stores. `began`: since when it stores heads, null if it stores
    none."""

    heads: list[StoredHead]
    began: str | None


class AuditVerification(Answer):
    """The verification of all audit chains. `unavailable`: services that did not answer or do not report it;
    `unavailable_bureaus`: bureaus whose review service did not answer."""

    holds = fields.Boolean(required=True)
    chains = fields.List(fields.Nested(AuditChain), required=True)
    unavailable = fields.List(one_of(*LABELS["service"], of="service"), required=True)
    unavailable_bureaus = fields.List(fields.String(), required=True)


class AuditVerificationDict(TypedDict):
    holds: bool
    chains: list[AuditChainDict]
    unavailable: list[str]
    unavailable_bureaus: list[str]
