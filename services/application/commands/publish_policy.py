"""The province drafts and publishes a new version of the policy; existing cases keep their version (A15)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, update
from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.repository import policies as repository
from services.application.serializers.register_serializers import policy as shown
from services.application.serializers.register_serializers import policy_etag, policy_preview
from services.application.tables import policies as table
from services.contracts.application.policies import PolicyItemDict
from services.contracts.application.register_payloads import PolicyPublished
from services.contracts.payload import JsonObject
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, FieldError, Forbidden, Invalid
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work
from services.kernel.preconditions import require_current
from services.policy import Policies, Policy, PolicyError


def draft_policy(session: Session, clock: Clock, policies: Policies, actor: Actor, document: JsonObject) -> PolicyItemDict:
    """Store a version as a draft. It replaces an earlier draft of the same version.

    Raises Forbidden for any actor but the province, Invalid with the position of each mistake, Conflict for a version that is in
    force or published.
    """
    require_province(actor)
    try:
        policy = Policy.from_dict(document)
    except PolicyError as error:
        pointer = "/document/" + error.path.replace(".", "/").replace("[", "/").replace("]", "")
        mistake = FieldError(pointer, "invalid_policy", error.text)
        raise Invalid("invalid_policy", f"{error.path}：{error.text.zh}", str(error), errors=(mistake,)) from None
    _require_new(session, policies, policy.ref)
    row = {
        "ref": policy.ref,
        "document": policy.to_dict(),
        "status": "draft",
        "drafted_by": actor.username,
        "drafted_at": clock.now(),
    }
    repository.keep_draft(session, row)
    unit_of_work.audit_only(
        session, "policy.drafted", f"policy/{policy.ref}", bureau=PROVINCE, article="A15", after=policy.to_dict()
    )
    return shown(
        policy,
        "draft",
        drafted_by=actor.username,
        preview=repository.complete_preview(session, policy.ref, policy_etag(policy)),
    )


def publish_policy(
    session: Session, clock: Clock, policies: Policies, actor: Actor, version: str, if_match: str | None = None
) -> PolicyItemDict:
    """Publish the draft that was read (`if_match`) and previewed. The new version applies to cases that open on or after its
    effective day; existing cases keep their version (A15).

    Raises Forbidden for any actor but the province's chiefs and for the account that drafted the version, NotFound, Conflict if
    the version is published already or the draft's present text has no complete preview, PreconditionRequired without `if_match`,
    PreconditionFailed if the draft changed since it was read, Invalid for an effective day in the past.
    """
    require_province(actor)
    actor.require("chief")
    row = repository.version(session, version, lock=True)
    _require_new(session, policies, version)
    if row.drafted_by == actor.username:
        raise Forbidden("four_eyes", "起草人不能发布自己起草的版本，请由他人发布。", "Nobody publishes their own draft.")
    policy = Policy.from_dict(row.document)
    require_current(if_match, policy_etag(policy))
    if policy.effective_from < clock.today():
        raise Invalid.field(
            "/document/effective_from",
            "date_behind",
            "施行日期不能早于今天：已开的事项各依其时的规定。",
            "It cannot take effect on a day that lies behind.",
        )
    preview = _preview_of(session, policy)
    values = {"status": "published", "published_by": actor.username, "published_at": clock.now()}
    session.execute(update(table).where(table.c.ref == version).values(**values))
    event = PolicyPublished(
        policy=policy.ref,
        policy_title=policy.title.to_dict(),
        effective_from=policy.effective_from,
        document=policy.to_dict(),
    )
    after = event.to_dict() | {"preview": policy_preview(preview)}
    unit_of_work.record_change(
        session, "policy.published", f"policy/{policy.ref}", event, bureau=PROVINCE, article="A15", after=after
    )
    policies.expire()
    return shown(policy, "published", drafted_by=row.drafted_by, preview=preview)


def _preview_of(session: Session, policy: Policy) -> Row[Any]:
    """Return the newest complete preview of the draft's present text. Raises Conflict if there is none."""
    etag = policy_etag(policy)
    if (complete := repository.complete_preview(session, policy.ref, etag)) is not None:
        return complete
    if repository.is_preview_begun(session, policy.ref, etag):
        raise Conflict(
            "policy_preview_incomplete",
            "预览尚未看完，还不能确定哪些草稿受影响。请从第一页起看完预览，再发布。",
            "The preview does not cover all open applications yet, so the affected ones are not known. Preview from the first"
            " page to the last, then publish.",
            status="draft",
        )
    raise Conflict(
        "policy_not_previewed",
        "这一文本尚未预览。请先预览它对现有草稿的影响，看完各页后再发布；文本修改后须重新预览。",
        "This text was not previewed. Preview its effect on the open applications, page by page, then publish; a changed text"
        " needs another preview.",
        status="draft",
    )


def _require_new(session: Session, policies: Policies, ref: str) -> None:
    if ref in policies.refs() or any(row.ref == ref and row.status == "published" for row in repository.drafted(session)):
        raise Conflict(
            "policy_exists",
            f"政策版本 {ref} 已存在，版本一经发布不再更改；请使用新的版本号。",
            f"The version {ref} exists; a version never changes, so give the next number.",
            status="published",
        )
