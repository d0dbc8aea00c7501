"""The titles of a policy's rules, questions, documents, measures, grades and grounds, for API answers."""

from __future__ import annotations

from services.contracts.vocabulary import PolicyWords
from services.policy.citation import spell_out
from services.policy.policy import Policy


def words_of(policy: Policy) -> PolicyWords:
    """Return the titles of the policy's parts in Chinese and English, by id or code."""
    return {
        "policy": policy.ref,
        "policy_title": policy.title.to_dict(),
        "rules": [
            {
                "id": rule.id,
                "group": rule.group,
                "citation": rule.citation,
                "article": rule.article.to_dict(),
                "severity": rule.severity,
                "title": rule.title.to_dict(),
            }
            for rule in policy.rules
        ],
        "questions": [
            {"id": each.id, "citation": each.citation, "text": each.text.to_dict(), "stages": list(each.stages)}
            for each in policy.questions
        ],
        "required_documents": [
            {"kind": paper.kind, "citation": paper.citation, "title": paper.label.to_dict(), "cases": list(paper.cases)}
            for paper in policy.required_documents
        ],
        "grades": [{"grade": grade.grade, "title": grade.title.to_dict()} for grade in policy.evaluation.grades],
        "measures": [
            {"measure": measure.measure, "citation": measure.citation, "title": measure.title.to_dict()}
            for measure in policy.measures
        ],
        "grounds": [
            {"code": ground.code, "article": spell_out(ground.code).to_dict(), "text": ground.text.to_dict()}
            for ground in policy.grounds
        ],
    }
