"""The kinds of generated document, each with the service that states its facts and the function that composes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from services.documents.generated.application_form import application_form
from services.documents.generated.certificate import certificate
from services.documents.generated.decisions import decision
from services.documents.generated.grades import grade_notice, revocation_decision
from services.documents.generated.layout import Facts, Sheet
from services.documents.generated.opinion import opinion
from services.documents.generated.publicity_list import publicity_list
from services.documents.generated.register_decisions import change_decision, deferral_decision, support_decision


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind of generated document: the service that may state its facts, its title, its article, and the function that
    composes it."""

    owner: str
    name: str
    article: str
    compose: Callable[[Facts], Sheet]


#: Name of a kind of generated document → its `Paper`.
PAPERS = {
    "application_form": Paper(owner="application", name="组建申请表", article="A6(1)", compose=application_form),
    "opinion": Paper(owner="review", name="审核意见", article="A6(1)", compose=opinion),
    "decision": Paper(owner="application", name="决定书", article="A6(2)", compose=decision),
    "publicity_list": Paper(owner="application", name="公示名单", article="A6(2)", compose=publicity_list),
    "certificate": Paper(owner="application", name="认定证书", article="A6(2)", compose=certificate),
    "grade_notice": Paper(owner="evaluation", name="评估结果通知书", article="A13", compose=grade_notice),
    "change_decision": Paper(owner="application", name="变更决定书", article="A12", compose=change_decision),
    "support_decision": Paper(owner="application", name="支持措施决定书", article="A9", compose=support_decision),
    "deferral_decision": Paper(owner="evaluation", name="延期评估决定书", article="A13", compose=deferral_decision),
    "revocation_decision": Paper(owner="evaluation", name="取消资格决定书", article="A14", compose=revocation_decision),
}
