"""Versions of the policy: requests, answers and events (A15)."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.application.register_payloads import PolicyPublished
from services.contracts.common import Answer, Body, Cleaned, EventData, EventType
from services.contracts.payload import JsonObject


class PolicyDraft(Body):
    """A new version of the policy. The client sends the complete document of the present version with its changes, the next
    `version` and its `effective_from`."""

    document = Cleaned(required=True)


class PolicyPreview(Answer):
    """The newest preview of a draft's present text that covers all open applications. `affected`: the applications for which this
    text would change a finding."""

    by = fields.String(required=True)
    at = fields.AwareDateTime(required=True)
    looked_at = fields.Integer(required=True, metadata={"description": "the number of open applications"})
    affected = fields.List(fields.String(), required=True)


class PolicyPreviewDict(TypedDict):
    by: str
    at: str
    looked_at: int
    affected: list[str]


class PolicyItem(Answer):
    """A version of the policy in a list. `status`: builtin, draft or published. `etag` is the digest of the document; a
    publication sends it in If-Match. `preview`: the complete preview of a draft, shown to the province and auditors; a draft
    without a preview cannot be published."""

    policy = fields.String(required=True)
    title = fields.String(required=True)
    effective_from = fields.Date(required=True)
    status = fields.String(required=True)
    drafted_by = fields.String(required=True, allow_none=True)
    etag = fields.String(required=True)
    preview = fields.Nested(PolicyPreview, required=True, allow_none=True)


class PolicyItemDict(TypedDict):
    policy: str
    title: dict[str, str]
    effective_from: str
    status: str
    drafted_by: str | None
    etag: str
    preview: PolicyPreviewDict | None


class PoliciesAnswer(Answer):
    items = fields.List(fields.Nested(PolicyItem), required=True)


class PoliciesAnswerDict(TypedDict):
    items: list[PolicyItemDict]


class PolicyAnswer(PolicyItem):
    document = fields.Dict(required=True)


class PolicyAnswerDict(PolicyItemDict):
    document: JsonObject


class PreviewAnswer(Answer):
    """A page of a preview of a policy version. It lists those of the examined open applications (drafts and returned ones) for
    which the version would change a finding, rule by rule. `etag` is the digest of the text that was previewed. `complete`: the
    account has read the pages of this draft from the first to the last, so the draft can be published."""

    policy = fields.String(required=True)
    etag = fields.String(required=True)
    looked_at = fields.Integer(required=True)
    items = fields.List(fields.Dict(), required=True)
    next_cursor = fields.String(required=True, allow_none=True)
    complete = fields.Boolean(required=True)


class EligibleBeforeAfter(TypedDict):
    before: bool
    after: bool


class RuleChange(TypedDict):
    rule: str
    before: str | None
    after: str | None
    message: dict[str, str]


class PreviewItem(TypedDict):
    application: str
    name: str | None
    policy: str
    eligible: EligibleBeforeAfter
    changes: list[RuleChange]


class PreviewAnswerDict(TypedDict):
    policy: str
    etag: str
    looked_at: int
    items: list[PreviewItem]
    next_cursor: str | None
    complete: bool


class PublishedPolicyData(EventData):
    policy = fields.String(required=True)
    policy_title = fields.Dict(required=True)
    effective_from = fields.Date(required=True)
    document = fields.Dict(required=True)
    article = fields.String()


_example: JsonObject = {
    "policy": "guangxi_trial@2",
    "policy_title": {"zh": "广西创新联合体管理办法（第二版）", "en": "Guangxi measures, second version"},
    "effective_from": "2027-01-01",
    "document": {"id": "guangxi_trial", "version": 2},
    "article": "A15",
}
EVENTS: dict[str, EventType] = {"policy.published": EventType("application", PublishedPolicyData, _example, PolicyPublished)}
