"""Checks of written material: the operating systems (A5(4)) and the documents (A6(1))."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from services.kernel.errors import Text
from services.policy.checks.registry import Observation, check, problems, verdict
from services.policy.facts import Facts
from services.policy.finding import NEEDS_EVIDENCE


@dataclass(frozen=True, slots=True)
class Papers:
    """The kinds of document that each kind of case requires, in order, with their labels."""

    by_case: Mapping[str, tuple[str, ...]]
    labels: Mapping[str, Text]

    def called(self, kinds: Iterable[str]) -> Text:
        """Join the labels of kinds of document into one text. A kind that only the call requires appears with the name that the
        call gives it."""
        labels = [self.labels.get(kind, Text(kind, kind)) for kind in kinds]
        return Text("、".join(label.zh for label in labels), ", ".join(label.en for label in labels))


@check("operating_system", at="/operating_systems", words="state")
def operating_system(facts: Facts, *, system: str) -> Observation:
    """Check that the operating system `system` is described in the application form. The check `documents` examines the document
    about it."""
    described = bool((facts.operating_systems.get(system) or "").strip())
    state = Text("已设立", "set up") if described else Text("未填写", "not described")
    at = f"/operating_systems/{system}"
    return Observation(verdict(described), {"described": described}, {"described": True}, None, {"state": state}, at)


@check("documents", at="/documents", words="count problems", needs="count")
def documents(facts: Facts, *, papers: Papers) -> Observation:
    """Check that a clean document is present of every kind that the kind of case requires, and of every further kind that the
    call requires."""
    kinds = list(dict.fromkeys(papers.by_case.get(facts.case, ()) + facts.attachments))
    required = {"documents": kinds, "state": "clean"}
    if facts.documents is None:
        return Observation(NEEDS_EVIDENCE, {"documents": None}, required, None, {"count": len(kinds)})
    present = {document.kind for document in facts.documents}
    clean_kinds = {document.kind for document in facts.documents if document.state == "clean"}
    missing = [kind for kind in kinds if kind not in present]
    unclean = [kind for kind in kinds if kind in present and kind not in clean_kinds]
    observed: dict[str, object] = {"missing": missing, "not_clean": unclean}
    problem_texts = problems(
        ("缺少", "missing", papers.called(missing)),
        ("尚未通过检查", "not yet found clean", papers.called(unclean)),
        otherwise=Text("均已提交并通过检查", "all present and clean"),
    )
    words = {"count": len(kinds), "problems": problem_texts}
    return Observation(verdict(not missing and not unclean), observed, required, None, words)
