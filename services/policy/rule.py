"""A rule, a question for reviewers, and a required document; each is read from a policy document."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from string import Formatter
from typing import Any

from services.contracts.review.case_parts import Question as QuestionDict
from services.kernel.errors import Text
from services.policy.checks import CHECKS, Check, Papers
from services.policy.checks.registry import listing, percent
from services.policy.citation import is_citation, spell_out
from services.policy.finding import IN_PRINCIPLE, MANDATORY
from services.policy.toml_reader import Node

#: Groups of rules: consortium, lead, members, operating systems, documents, integrity.
GROUPS = ("C", "L", "M", "O", "D", "I")


@dataclass(frozen=True)
class Rule:
    """One condition of the regulation: the check that evaluates it, its parameters, and its texts.

    `finding` states the observed and the required value, `remedy` says what to do if the rule fails, and `needs` what is missing
    if it cannot be evaluated. `words`: name of a parameter → its value in the form in which the texts show it.
    """

    id: str
    group: str
    citation: str
    severity: str
    title: Text
    check: Check
    params: Mapping[str, Any]
    finding: Text
    remedy: Text
    needs: Text | None
    words: Mapping[str, object]
    article: Text

    @classmethod
    def read(cls, node: Node, articles: int, papers: Papers) -> Rule:
        """Read a rule from a policy document. Raises PolicyError for an unknown check, a wrong parameter, and a citation or
        placeholder that does not exist."""
        name = node.text("check")
        if name not in CHECKS:
            raise node.wrong("check", f"没有名为 {name} 的检查", f"there is no check named {name}")
        check = CHECKS[name]
        params = _params(node, check, papers)
        words = {key: _parameter_shown(value) for key, value in params.items() if not isinstance(value, Papers)}
        citation = cited(node, articles)
        rule = cls(
            id=node.text("id"),
            group=node.choice("group", GROUPS),
            citation=citation,
            severity=node.choice("severity", (MANDATORY, IN_PRINCIPLE)),
            title=node.both("title"),
            check=check,
            params=params,
            finding=_template(node, "finding", check.words | words.keys()),
            remedy=_template(node, "remedy", check.words | words.keys()),
            needs=None if check.needs is None else _template(node, "needs", check.needs | words.keys()),
            words=words,
            article=spell_out(citation),
        )
        node.close()
        return rule


@dataclass(frozen=True, slots=True)
class Question:
    """A condition that cannot be computed: a reviewer answers it and gives reasons. `stages` are the stages that ask the
    question."""

    id: str
    citation: str
    text: Text
    stages: tuple[str, ...]

    @classmethod
    def read(cls, node: Node, articles: int, stages: tuple[str, ...]) -> Question:
        question = cls(node.text("id"), cited(node, articles), node.both("text"), stages)
        if not stages:
            raise node.wrong("id", "没有任何环节回答这一问题", "no stage answers this question")
        node.close()
        return question

    def to_dict(self) -> QuestionDict:
        return {"id": self.id, "citation": self.citation, "text": self.text.to_dict(), "stages": list(self.stages)}


@dataclass(frozen=True, slots=True)
class RequiredDocument:
    """A kind of document that the named kinds of case must contain."""

    kind: str
    citation: str
    label: Text
    cases: tuple[str, ...]

    @classmethod
    def read(cls, node: Node, articles: int) -> RequiredDocument:
        document = cls(node.text("kind"), cited(node, articles), node.both("label"), node.texts("cases"))
        if not document.cases:
            raise node.wrong("cases", "应至少列出一类事项", "must name at least one kind of case")
        node.close()
        return document


def cited(node: Node, articles: int) -> str:
    """Return the table's citation. Raises PolicyError if it is missing or cites no article of the regulation."""
    citation = node.text("citation")
    if not is_citation(citation, articles):
        raise node.wrong("citation", f"“{citation}” 不是本办法的条款", f"{citation!r} is no article of the regulation")
    return citation


def _params(node: Node, check: Check, papers: Papers) -> dict[str, object]:
    parameters = node.node("params") if node.has("params") else Node({}, node.at("params"))
    read: dict[Any, Callable[[str], Any]] = {
        int: parameters.integer,
        Fraction: parameters.percent,
        Decimal: parameters.yuan,
        str: parameters.text,
        tuple[str, ...]: parameters.texts,
    }
    params = {name: papers if kind is Papers else read[kind](name) for name, kind in check.params.items()}
    parameters.close()
    return params


def _parameter_shown(value: object) -> object:
    """Return a parameter in the form in which the rule's texts show it."""
    if isinstance(value, Fraction):
        return percent(value)
    if isinstance(value, Decimal):
        return f"{value:,.2f}"
    return listing(value) if isinstance(value, tuple) else value


def _template(node: Node, key: str, placeholders: frozenset[str]) -> Text:
    """Read a text with placeholders from a policy document. Raises PolicyError for a placeholder that is not in
    `placeholders`."""
    template = node.both(key)
    for language, text in template.to_dict().items():
        try:
            parsed = [part[1:] for part in Formatter().parse(text) if part[1] is not None]
        except ValueError as error:
            raise node.wrong(f"{key}.{language}", "花括号不成对", f"has unbalanced braces: {error}") from error
        if any(layout or conversion for _, layout, conversion in parsed):
            raise node.wrong(f"{key}.{language}", "占位符只能是名称", "a placeholder is a name and nothing else")
        fields = {field for field, _, _ in parsed if field is not None}
        for field in sorted(fields - placeholders):
            raise node.wrong(
                f"{key}.{language}",
                f"占位符 {{{field}}} 不存在",
                f"{{{field}}} is not filled; known: {', '.join(sorted(placeholders))}",
            )
    return template
