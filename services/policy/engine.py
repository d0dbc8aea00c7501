"""Evaluate a policy's rules on the facts of a case."""

from __future__ import annotations

from collections.abc import Collection

from services.kernel.errors import Text
from services.policy.checks import Observation
from services.policy.facts import Facts
from services.policy.finding import FAIL, IN_PRINCIPLE, NEEDS_EVIDENCE, Finding
from services.policy.policy import Policy
from services.policy.rule import Rule


def evaluate(policy: Policy, facts: Facts, groups: Collection[str] | None = None) -> tuple[Finding, ...]:
    """One finding for each rule, in the policy's order; `groups` limits it to groups ("C") or single rules ("M2").

    Pure: the same policy and facts give the same findings. Reviewers' questions are not rules and are not answered here.
    """
    return tuple(
        _finding(rule, rule.check.run(facts, **rule.params))
        for rule in policy.rules
        if groups is None or rule.group in groups or rule.id in groups
    )


def _finding(rule: Rule, seen: Observation) -> Finding:
    return Finding(
        rule=rule.id,
        group=rule.group,
        citation=rule.citation,
        severity=rule.severity,
        status=seen.status,
        observed=seen.observed,
        required=seen.required,
        margin=seen.margin,
        message=_message(rule, seen),
        title=rule.title,
    )


def _message(rule: Rule, seen: Observation) -> Text:
    """What was observed and is required, by which article, and (unless it passes) what to do."""
    template = rule.needs if seen.status == NEEDS_EVIDENCE and rule.needs is not None else rule.finding
    words = {**rule.words, **seen.words}
    chinese = {key: word.zh if isinstance(word, Text) else word for key, word in words.items()}
    english = {key: word.en if isinstance(word, Text) else word for key, word in words.items()}
    zh = f"{template.zh.format_map(chinese)}（依据：{rule.article.zh}）。"
    en = f"{template.en.format_map(english)} ({rule.article.en})."
    if seen.status == FAIL:
        zh += rule.remedy.zh.format_map(chinese)
        en += " " + rule.remedy.en.format_map(english)
        if rule.severity == IN_PRINCIPLE:
            zh += "本条为原则性条件，决定机关可书面说明理由予以豁免。"
            en += " This holds in principle: the deciding authority may waive it with a written reason."
    return Text(zh, en)
