"""A policy, which is one version of the regulation as data, and the collection of versions that a service knows."""

from __future__ import annotations

import threading
import time
import tomllib
from collections.abc import Callable, Collection, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any, Self

from services.contracts.payload import JsonObject
from services.contracts.review.review_request import ReviewTerms
from services.kernel.errors import Text
from services.policy.checks import Papers
from services.policy.errors import PolicyError, UnknownPolicy
from services.policy.evaluation_and_support import Evaluation, Ground, Measure
from services.policy.finding import IN_PRINCIPLE
from services.policy.pipeline import AnnualReport, Changes, Deadlines, Objections, Stage, read_pipelines
from services.policy.retention import Retention
from services.policy.rule import Question, RequiredDocument, Rule
from services.policy.toml_reader import Node


@dataclass(frozen=True)
class Policy:
    """One version of one regulation. `from_dict` builds it from a document; `to_dict` returns the document."""

    id: str
    version: int
    title: Text
    effective_from: date
    articles: int
    rules: tuple[Rule, ...]
    questions: tuple[Question, ...]
    required_documents: tuple[RequiredDocument, ...]
    integrity_promise: Text | None
    pipelines: Mapping[str, tuple[Stage, ...]]
    deadlines: Deadlines
    objections: Objections
    annual_report: AnnualReport
    changes: Changes
    evaluation: Evaluation
    grounds: tuple[Ground, ...]
    measures: tuple[Measure, ...]
    retention: Mapping[str, Retention]
    document: Mapping[str, Any] = field(repr=False)

    @property
    def ref(self) -> str:
        """The reference that a case stores, like "guangxi_trial@1"."""
        return f"{self.id}@{self.version}"

    @classmethod
    def from_dict(cls, document: Mapping[str, Any]) -> Self:
        """Build the policy from a document (TOML or JSON, with the same structure). Raises PolicyError naming the path of a
        mistake."""
        document = deepcopy(dict(document))
        node = Node(document)
        articles = node.integer("articles", 1)
        papers_wanted = tuple(RequiredDocument.read(row, articles) for row in node.rows("required_documents", "kind"))
        question_rows = list(node.rows("questions"))
        pipelines = read_pipelines(node, articles, tuple(row.text("id") for row in question_rows))
        evaluation = Evaluation.read(node.node("evaluation"), articles)
        grades = tuple(grade.grade for grade in evaluation.grades)
        policy = cls(
            id=node.text("id"),
            version=node.integer("version", 1),
            title=node.both("title"),
            effective_from=node.day("effective_from"),
            articles=articles,
            rules=tuple(Rule.read(row, articles, _papers(papers_wanted)) for row in node.rows("rules")),
            questions=tuple(Question.read(row, articles, _stages_asking(pipelines, row.text("id"))) for row in question_rows),
            required_documents=papers_wanted,
            integrity_promise=node.both("integrity_promise") if node.has("integrity_promise") else None,
            pipelines=pipelines,
            deadlines=Deadlines.read(node.node("deadlines")),
            objections=Objections.read(node.node("objections")) if node.has("objections") else Objections(),
            annual_report=AnnualReport.read(node.node("annual_report"), articles),
            changes=Changes.read(node.node("changes"), articles),
            evaluation=evaluation,
            grounds=tuple(Ground.read(row, articles) for row in node.rows("grounds", "citation")),
            measures=tuple(Measure.read(row, articles, grades) for row in node.rows("measures", "measure")),
            # Under a policy without retention terms no document is deleted.
            retention=_retention(node) if node.has("retention") else {},
            document=document,
        )
        node.close()
        return policy

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Build the policy from a TOML text. Raises PolicyError."""
        try:
            document = tomllib.loads(text)
        except tomllib.TOMLDecodeError as error:
            raise PolicyError("(document)", f"不是有效的 TOML：{error}", f"is not TOML: {error}") from error
        return cls.from_dict(document)

    def to_dict(self) -> JsonObject:
        """Return the document as JSON values; `from_dict` turns it into an equal policy."""
        return deepcopy(dict(self.document))

    def rule(self, rule_id: str) -> Rule:
        """Return a rule. Raises PolicyError if this policy has no such rule."""
        for rule in self.rules:
            if rule.id == rule_id:
                return rule
        raise PolicyError(f"rules[{rule_id}]", f"{self.ref} 没有这一规则", f"{self.ref} has no such rule")

    def measure(self, name: str) -> Measure:
        """Return a support measure. Raises PolicyError if this policy has no such measure."""
        for measure in self.measures:
            if measure.measure == name:
                return measure
        raise PolicyError(f"measures[{name}]", f"{self.ref} 没有这一支持措施", f"{self.ref} has no such support measure")

    def pipeline(self, kind: str) -> tuple[Stage, ...]:
        """Return the stages of a kind of case, in order. Raises PolicyError if this policy has no such kind."""
        if kind not in self.pipelines:
            raise PolicyError(f"pipelines.{kind}", f"{self.ref} 没有这类事项的流程", f"{self.ref} has no pipeline of this kind")
        return self.pipelines[kind]

    def documents_for(self, case: str) -> tuple[RequiredDocument, ...]:
        """Return the documents that a kind of case requires."""
        return tuple(document for document in self.required_documents if case in document.cases)

    def waivable(self) -> tuple[str, ...]:
        """Return the ids of the in-principle rules, which can be waived."""
        return tuple(rule.id for rule in self.rules if rule.severity == IN_PRINCIPLE)

    def review_terms(self, kind: str) -> ReviewTerms:
        """Return the part of this policy that a reviewing bureau needs for one kind of case. Raises PolicyError if this policy
        has no such kind of case."""
        stages = self.pipeline(kind)
        question_ids = {question for stage in stages for question in stage.questions}
        return ReviewTerms(
            policy=self.ref,
            pipeline=[stage.to_dict() for stage in stages],
            questions=[question.to_dict() for question in self.questions if question.id in question_ids],
            waivable=list(self.waivable()),
        )


def _papers(required: tuple[RequiredDocument, ...]) -> Papers:
    cases = dict.fromkeys(case for document in required for case in document.cases)
    by_case = {case: tuple(document.kind for document in required if case in document.cases) for case in cases}
    return Papers(by_case, {document.kind: document.label for document in required})


def _retention(node: Node) -> Mapping[str, Retention]:
    return {term.of: term for term in map(Retention.read, node.rows("retention", "of"))}


def _stages_asking(pipelines: Mapping[str, tuple[Stage, ...]], question: str) -> tuple[str, ...]:
    """Return the names of the stages, in any pipeline, at which reviewers answer this question, each name once."""
    return tuple(dict.fromkeys(s.name for stages in pipelines.values() for s in stages if question in s.questions))


#: The least number of seconds between two checks for newly published policy versions.
LOOK_EVERY = 1.0
#: A function that takes the references of the known policy versions and returns the documents of the other published versions.
Source = Callable[[Collection[str]], Iterable[Mapping[str, Any]]]


class Policies:
    """The policy versions that a service knows: the built-in and the published versions. A version never changes."""

    def __init__(self, policies: Iterable[Policy] = ()) -> None:
        self._by_ref: dict[str, Policy] = {}
        self._source: Source = lambda known: ()
        self._looked = -LOOK_EVERY
        self._looking = threading.Lock()
        for policy in policies:
            self.add(policy)

    @classmethod
    def builtin(cls) -> Self:
        """Return the versions that come with the software."""
        return cls(load_builtin())

    def add(self, policy: Policy) -> None:
        """Add a policy version. Adding the same version twice changes nothing. Raises PolicyError if another version with the
        same reference is known."""
        if self._by_ref.setdefault(policy.ref, policy) != policy:
            raise PolicyError(policy.ref, "该版本已存在且内容不同", "this version exists with another content")

    def follow(self, source: Source) -> None:
        """From now on, load published versions from this source, because another process of the service may publish a version."""
        self._source = source

    def refresh(self, *, now: bool = True) -> None:
        """Load newly published versions; without `now`, only if the last check is older than LOOK_EVERY. The runtime calls this
        before each transaction: a check inside a transaction would take a second database connection while other transactions
        wait for their first."""
        if not now and time.monotonic() - self._looked < LOOK_EVERY:
            return
        if self._looking.acquire(blocking=False):  # If another thread is checking, this thread uses the versions known so far.
            try:
                self._looked = time.monotonic()
                for document in self._source(tuple(self._by_ref)):
                    self.add(Policy.from_dict(document))
            finally:
                self._looking.release()

    def expire(self) -> None:
        """Make the next call of `refresh` check the source in any case, because a version is being published."""
        self._looked = -LOOK_EVERY

    def get(self, ref: str) -> Policy:
        """Return the policy version with this reference. Raises UnknownPolicy."""
        if ref not in self._by_ref:
            self.refresh()
        try:
            return self._by_ref[ref]
        except KeyError:
            raise UnknownPolicy(f"no policy {ref!r}; known: {', '.join(self.refs()) or 'none'}") from None

    def in_force(self, day: date) -> Policy:
        """Return the policy in force on a date: the version that took effect last; of two versions that took effect on the same
        day, the higher one. Raises UnknownPolicy if no version had taken effect by that date."""
        candidates = [policy for policy in self._by_ref.values() if policy.effective_from <= day]
        if not candidates:
            raise UnknownPolicy(f"no policy was in force on {day.isoformat()}")
        return max(candidates, key=lambda policy: (policy.effective_from, policy.version))

    def since(self) -> date:
        """Return the day on which the first policy took effect. Consortia recognised earlier belong to the plan of 2021 (A16)."""
        return min(policy.effective_from for policy in self._by_ref.values())

    def refs(self) -> tuple[str, ...]:
        """Return the references of the known versions, in the order in which they took effect."""
        ordered = sorted(self._by_ref.values(), key=lambda policy: (policy.effective_from, policy.id, policy.version))
        return tuple(policy.ref for policy in ordered)


def measure_titles() -> dict[str, Text]:
    """Return code → name of each support measure in the policies of this folder. The policy files are the only source of these
    names."""
    return {measure.measure: measure.title for policy in load_builtin() for measure in policy.measures}


@cache
def load_builtin() -> tuple[Policy, ...]:
    """Return the policies in this folder: every TOML file except the tables of bureaus and industries and the regulations' texts.
    Raises PolicyError."""
    tables = ("bureaus.toml", "industries.toml", "papers.toml")
    files = Path(__file__).parent.glob("*.toml")
    paths = sorted(path for path in files if path.name not in tables and not path.name.endswith(".articles.toml"))
    return tuple(Policy.from_toml(path.read_text(encoding="utf-8")) for path in paths)
