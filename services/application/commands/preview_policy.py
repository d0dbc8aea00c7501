"""The province previews what a version of the policy would change for open applications. A publication requires it (A15)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application import verdict
from services.application.access import require_province
from services.application.domain.application import EDITABLE, Application
from services.application.repository import policies as repository
from services.application.serializers.register_serializers import policy_etag
from services.application.tables import applications
from services.application.verdict import Circumstances
from services.contracts.application.policies import PreviewAnswerDict, PreviewItem, RuleChange
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE, Actor
from services.kernel.persistence import unit_of_work
from services.kernel.persistence.paging import page
from services.policy import Policies, Policy


def preview_policy(
    session: Session,
    clock: Clock,
    policies: Policies,
    actor: Actor,
    version: str,
    limit: int = 50,
    cursor: str | None = None,
) -> PreviewAnswerDict:
    """Return, rule by rule, the findings that would change if a version of the policy applied to the open applications (drafts
    and returned ones), one page at a time. These applications keep their own version of the policy: the preview shows which
    applicants the next call would admit or exclude.

    A preview of a policy draft is recorded with the digest of the draft's text. The preview is complete when the account has read
    its pages in their order, from the first to the last. Raises Forbidden for any actor but the province, NotFound.
    """
    require_province(actor)
    drafted = version not in policies.refs()
    # Lock a draft, so that its text cannot change before the preview is recorded.
    policy = Policy.from_dict(repository.version(session, version, lock=True).document) if drafted else policies.get(version)
    statement = select(applications.c.id, Application).where(applications.c.status.in_(EDITABLE))
    rows, next_cursor = page(session, statement, [applications.c.id], limit=limit, cursor=cursor)
    items = [_difference(session, clock, policies, policy, row.Application) for row in rows if row.Application.lead]
    answer: PreviewAnswerDict = {
        "policy": policy.ref,
        "etag": policy_etag(policy),
        "looked_at": len(rows),
        "items": [item for item in items if item],
        "next_cursor": next_cursor,
        "complete": False,
    }
    if drafted:
        answer["complete"] = _record(session, clock, actor, cursor, answer)
    return answer


def _record(session: Session, clock: Clock, actor: Actor, cursor: str | None, seen: PreviewAnswerDict) -> bool:
    """Record a page of a preview. Return whether the account has now read all pages of the previewed text. A page does not count
    if it is not the one after the last page that the account read, or if it previews another text."""
    before = repository.preview_by(session, seen["policy"], seen["etag"], actor.username)
    if cursor and (before is None or before.next_cursor != cursor):
        return before is not None and before.next_cursor is None
    looked_at, affected = (before.looked_at, before.affected) if cursor and before is not None else (0, [])
    row = {
        "policy": seen["policy"],
        "etag": seen["etag"],
        "previewed_by": actor.username,
        "previewed_at": clock.now(),
        "looked_at": looked_at + seen["looked_at"],
        "affected": [*affected, *(item["application"] for item in seen["items"])],
        "next_cursor": seen["next_cursor"],
    }
    repository.keep_preview(session, row)
    subject = f"policy/{seen['policy']}"
    unit_of_work.audit_only(session, "policy.previewed", subject, bureau=PROVINCE, article="A15", after=row)
    return seen["next_cursor"] is None


def _difference(
    session: Session, clock: Clock, policies: Policies, policy: Policy, application: Application
) -> PreviewItem | None:
    around = Circumstances.load(session, application, clock.today(), lock=False)
    judged = [
        verdict.judge(by, application, around, None, (), clock.today()) for by in (policies.get(application.policy), policy)
    ]
    before, after = ({finding.rule: finding for finding in one.findings} for one in judged)
    changed: list[RuleChange] = [
        {
            "rule": rule,
            "before": before[rule].status if rule in before else None,
            "after": after[rule].status if rule in after else None,
            "message": (after.get(rule) or before[rule]).message.to_dict(),
        }
        for rule in dict.fromkeys((*before, *after))
        if (before[rule].status if rule in before else None) != (after[rule].status if rule in after else None)
    ]
    if not changed:
        return None
    return {
        "application": application.id,
        "name": application.name,
        "policy": application.policy,
        "eligible": {"before": judged[0].eligible, "after": judged[1].eligible},
        "changes": changed,
    }
