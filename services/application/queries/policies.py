"""Queries about the versions of the policy, and about the effects that a draft of the policy would have (A15)."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application import verdict
from services.application.access import reads_for_bureau, require_province
from services.application.domain.application import EDITABLE, Application
from services.application.repository import policies as repository
from services.application.serializers.register_serializers import policy as shown
from services.application.tables import applications
from services.application.verdict import Circumstances
from services.contracts.application.policies import (
    PoliciesAnswerDict,
    PolicyAnswerDict,
    PreviewAnswerDict,
    PreviewItem,
    RuleChange,
)
from services.contracts.vocabulary import PolicyArticles, PolicyWords
from services.kernel.clock import Clock
from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.kernel.persistence.paging import page
from services.policy import Policies, Policy
from services.policy.articles import articles_of
from services.policy.words import words_of


def list_policies(session: Session, policies: Policies, actor: Actor) -> PoliciesAnswerDict:
    """List every version in force or published; the province and auditors also get drafts."""
    drafted = {row.ref: row for row in repository.drafted(session)}
    known = [shown(policies.get(ref), "published" if ref in drafted else "builtin", drafted_by=None) for ref in policies.refs()]
    if _sees_drafts(actor):
        drafts = [row for row in drafted.values() if row.status == "draft"]
        known += [shown(Policy.from_dict(row.document), "draft", drafted_by=row.drafted_by) for row in drafts]
    return {"items": known}


def get_policy(session: Session, policies: Policies, actor: Actor, version: str) -> PolicyAnswerDict:
    """One version with its whole document, which can be the basis of the next draft. Raises NotFound."""
    if version in policies.refs():
        policy = policies.get(version)
        return {**shown(policy, "published", drafted_by=None), "document": policy.to_dict()}
    if not _sees_drafts(actor):
        raise repository.no_policy()
    row = repository.version(session, version)
    return {**shown(Policy.from_dict(row.document), row.status, drafted_by=row.drafted_by), "document": row.document}


def policy_words(clock: Clock, policies: Policies) -> PolicyWords:
    """The titles of the rules, questions, documents, measures, grades and grounds of the policy in force today, in Chinese and
    English."""
    return words_of(policies.in_force(clock.today()))


def policy_articles(clock: Clock, policies: Policies, version: str) -> PolicyArticles:
    """The regulation's text for the named version or, for `current`, for the version in force. Raises NotFound for a draft, for
    an unknown version, and for a policy whose text the platform does not have."""
    if version == "current":
        policy = policies.in_force(clock.today())
    elif version in policies.refs():
        policy = policies.get(version)
    else:
        raise repository.no_policy()
    articles = articles_of(policy.id)
    if not articles:
        raise NotFound("no_articles", "平台没有这一政策的条文。", "The platform does not have the text of this policy.")
    return {
        "policy": policy.ref,
        "title": policy.title.to_dict(),
        "effective_from": policy.effective_from.isoformat(),
        "prevailing": "zh",
        "note": {
            "zh": "以中文文本为准；英文为平台的非官方译文。",
            "en": "The Chinese text prevails; the English text is an unofficial translation of this platform.",
        },
        "articles": [article.to_dict() for article in articles],
    }


def preview_policy(
    session: Session,
    clock: Clock,
    policies: Policies,
    actor: Actor,
    version: str,
    limit: int = 50,
    cursor: str | None = None,
) -> PreviewAnswerDict:
    """Return, rule by rule, the findings that would change if a version of the policy applied to the applications in draft now;
    one page at a time. These drafts keep their own version: the preview shows the author which applicants the next call would
    admit or exclude. Raises Forbidden for any actor but the province, NotFound."""
    require_province(actor)
    try:
        policy = Policy.from_dict(repository.version(session, version).document)
    except NotFound:
        if version not in policies.refs():
            raise
        policy = policies.get(version)
    statement = select(applications.c.id, Application).where(applications.c.status.in_(EDITABLE))
    rows, next_cursor = page(session, statement, [applications.c.id], limit=limit, cursor=cursor)
    items = [_difference(session, clock, policies, policy, row.Application) for row in rows if row.Application.lead]
    return {"policy": policy.ref, "looked_at": len(rows), "items": [i for i in items if i], "next_cursor": next_cursor}


def _difference(
    session: Session, clock: Clock, policies: Policies, policy: Policy, application: Application
) -> PreviewItem | None:
    around = Circumstances.look_up(session, application, clock.today(), lock=False)
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


def _sees_drafts(actor: Actor) -> bool:
    return actor.has("auditor") or (reads_for_bureau(actor) and actor.of_province)
