"""Rectifications and revocations: requests and answers (A13, A14)."""

from __future__ import annotations

from marshmallow import fields, validate

from services.contracts.case_view import actions
from services.contracts.common import Answer, Body, FieldMessage, Page, code, one_of, page_of, text

RECTIFICATION_STATUSES = ("open", "submitted", "acceptance", "passed", "failed", "ended")
REVOCATION_STATUSES = ("proposed", "dismissed", "open", "revoked", "kept", "ended", "void")


def _at_most(count: int) -> validate.Length:
    return validate.Length(max=count, error=FieldMessage("too_many", f"最多 {count} 项。", f"At most {count} entries."))


#: A revocation case that the province opens needs at least one document as evidence.
_EVIDENCE = validate.Length(
    min=1, error=FieldMessage("evidence_required", "请至少提交一份证据材料。", "Give at least one document as evidence.")
)


def _documents() -> fields.List[str]:
    return fields.List(code(120), load_default=list, validate=_at_most(500))


# Requests and answers about rectifications


class RectificationReport(Body):
    """The lead's report on its rectification. It also asks for acceptance, which takes place when the year is over, or earlier if
    the policy allows it."""

    text = text(20_000, required=True)
    documents = _documents()


class Acceptance(Body):
    outcome = one_of("pass", "fail", of="acceptance_outcome", required=True)
    reason = text(8000, required=True)
    documents = _documents()


class RectificationQuery(Page):
    status = one_of(*RECTIFICATION_STATUSES, of="rectification_status", load_default=None)
    consortium = code(36, load_default=None)


class RectificationAnswer(Answer):
    """A rectification. `due_on`: one year after the grade's publication; `acceptance_from`: the first day on which acceptance may
    take place."""

    id = fields.String(required=True)
    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    recommender = fields.String(required=True)
    evaluation = fields.String(required=True)
    policy = fields.String(required=True)
    status = one_of(*RECTIFICATION_STATUSES, of="rectification_status", required=True)
    opened_on = fields.Date(required=True)
    due_on = fields.Date(required=True)
    report = fields.Dict(required=True, allow_none=True)
    acceptance_from = fields.Date(required=True, allow_none=True)
    acceptance = fields.Dict(required=True, allow_none=True)
    closed_on = fields.Date(required=True, allow_none=True)
    etag = fields.String(required=True)
    actions = actions()


# Requests and answers about revocations


class RevocationOpened(Body):
    """A revocation case that the province opens. `grounds` are citations, A14(1) to A14(8) and A13; `documents` are the evidence,
    at least one."""

    consortium = code(36, required=True)
    grounds = fields.List(code(20), required=True, validate=_at_most(20))
    reason = text(8000, required=True)
    documents = fields.List(code(120), required=True, validate=(_EVIDENCE, _at_most(500)))


class RevocationConfirmed(Body):
    """The province's answer to a revocation case that the platform proposes: open it or not. `open` requires at least one
    document as evidence."""

    outcome = one_of("open", "dismiss", of="revocation_confirmation", required=True)
    reason = text(8000, required=True)
    documents = _documents()


class Statement(Body):
    text = text(20_000, required=True)
    documents = _documents()


class RevocationDecided(Body):
    """The decision on a revocation. `documents`: the evidence; required for `revoke` if the case has none yet."""

    outcome = one_of("revoke", "keep", of="revocation_outcome", required=True)
    reason = text(8000, required=True)
    documents = _documents()


class RevocationQuery(Page):
    status = one_of(*REVOCATION_STATUSES, of="revocation_status", load_default=None)
    consortium = code(36, load_default=None)


class RevocationAnswer(Answer):
    """A revocation case. `origin`: whether the province or the system proposed it; `facts`: the facts that the platform found.
    The case cannot be decided before `statement_due`."""

    id = fields.String(required=True)
    consortium = fields.Dict(required=True)
    lead = fields.Dict(required=True)
    recommender = fields.String(required=True)
    origin = fields.String(required=True)
    status = one_of(*REVOCATION_STATUSES, of="revocation_status", required=True)
    policy = fields.String(required=True)
    grounds = fields.List(fields.String(), required=True)
    facts = fields.List(fields.Dict(), required=True)
    reason = fields.String(required=True, allow_none=True)
    documents = fields.List(fields.Dict(), required=True)
    proposed_on = fields.Date(required=True)
    opened_on = fields.Date(required=True, allow_none=True)
    statement_due = fields.AwareDateTime(required=True, allow_none=True)
    statements = fields.List(fields.Dict(), required=True)
    decision = fields.Dict(required=True, allow_none=True)
    etag = fields.String(required=True)
    actions = actions()


RectificationPage = page_of(RectificationAnswer)
RevocationPage = page_of(RevocationAnswer)
