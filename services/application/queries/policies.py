"""Queries about the versions of the policy (A15)."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from services.application.access import reads_for_bureau
from services.application.repository import policies as repository
from services.application.serializers.register_serializers import policy as shown
from services.application.serializers.register_serializers import policy_etag
from services.contracts.application.policies import PoliciesAnswerDict, PolicyAnswerDict, PolicyItemDict
from services.contracts.vocabulary import PolicyArticles, PolicyWords
from services.kernel.clock import Clock
from services.kernel.errors import NotFound
from services.kernel.identity import Actor
from services.policy import Policies, Policy
from services.policy.articles import articles_of
from services.policy.words import words_of


def list_policies(session: Session, policies: Policies, actor: Actor) -> PoliciesAnswerDict:
    """List every version in force or published; the province and auditors also get drafts."""
    drafted = {row.ref: row for row in repository.drafted(session)}
    policies_known = [
        shown(policies.get(ref), "published" if ref in drafted else "builtin", drafted_by=None) for ref in policies.refs()
    ]
    if _sees_drafts(actor):
        drafts = [row for row in drafted.values() if row.status == "draft"]
        policies_known += [_draft(session, row) for row in drafts]
    return {"items": policies_known}


def get_policy(session: Session, policies: Policies, actor: Actor, version: str) -> PolicyAnswerDict:
    """Return one version of the policy with its whole document, which can be the basis of the next draft. Raises NotFound."""
    if version in policies.refs():
        policy = policies.get(version)
        return {**shown(policy, "published", drafted_by=None), "document": policy.to_dict()}
    if not _sees_drafts(actor):
        raise repository.no_policy()
    row = repository.version(session, version)
    return {**_draft(session, row), "document": row.document}


def _draft(session: Session, row: Row[Any]) -> PolicyItemDict:
    """Serialize a version that was drafted on this platform, with its complete preview."""
    policy = Policy.from_dict(row.document)
    preview = repository.complete_preview(session, policy.ref, policy_etag(policy))
    return shown(policy, row.status, drafted_by=row.drafted_by, preview=preview)


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


def _sees_drafts(actor: Actor) -> bool:
    return actor.has("auditor") or (reads_for_bureau(actor) and actor.of_province)
