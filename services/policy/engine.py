"""Evaluate a policy's rules on the facts of a case."""

from __future__ import annotations

from collections.abc import Collection

from services.kernel.errors import Text
from services.policy.checks import Observation
from services.policy.facts import Facts
from services.policy.finding import FAIL, IN_PRINCIPLE, NEEDS_EVIDENCE, Finding
from services.policy.policy import Policy
from services.policy.rule import Rule

#: The kind of case of a change of a consortium, for which there is no application form.
CHANGE = "change"


def evaluate(policy: Policy, facts: Facts, groups: Collection[str] | None = None) -> tuple[Finding, ...]:
    """Evaluate each rule and return one finding for each, in the policy's order. `groups` limits the evaluation to the rules of
    these groups ("C") and to these single rules ("M2").

    The function is pure: the same policy and facts give the same findings. The questions that reviewers answer are not rules and
    are not evaluated here.
    """
    return tuple(
        _finding(rule, facts, rule.check.run(facts, **rule.params))
        for rule in policy.rules
        if groups is None or rule.group in groups or rule.id in groups
    )


def _finding(rule: Rule, facts: Facts, observation: Observation) -> Finding:
    open_ = observation.status in (FAIL, NEEDS_EVIDENCE)
    on_form = facts.case != CHANGE
    return Finding(
        rule=rule.id,
        group=rule.group,
        citation=rule.citation,
        severity=rule.severity,
        status=observation.status,
        observed=observation.observed,
        required=observation.required,
        margin=observation.margin,
        message=_message(rule, observation),
        title=rule.title,
        remedy=_filled(rule.remedy, rule, observation) if observation.status == FAIL else None,
        at=(observation.at or rule.check.at) if open_ and on_form else None,
    )


def _message(rule: Rule, observation: Observation) -> Text:
    """Return the text of a finding: the observed and the required value and the article; if the rule fails, also what to do; if
    it cannot be evaluated, which evidence is missing."""
    template = rule.needs if observation.status == NEEDS_EVIDENCE and rule.needs is not None else rule.finding
    text = _filled(template, rule, observation)
    zh = f"{text.zh}（依据：{rule.article.zh}）。"
    en = f"{text.en} ({rule.article.en})."
    if observation.status == FAIL:
        remedy = _filled(rule.remedy, rule, observation)
        zh += remedy.zh
        en += " " + remedy.en
        if rule.severity == IN_PRINCIPLE:
            zh += "本条为原则性条件，决定机关可书面说明理由予以豁免。"
            en += " This holds in principle: the deciding authority may waive it with a written reason."
    return Text(zh, en)


def _filled(template: Text, rule: Rule, observation: Observation) -> Text:
    """Fill the template with the rule's parameters and the words of the check's observation."""
    words = {**rule.words, **observation.words}
    chinese = {key: text.zh if isinstance(text, Text) else text for key, text in words.items()}
    english = {key: text.en if isinstance(text, Text) else text for key, text in words.items()}
    return Text(template.zh.format_map(chinese), template.en.format_map(english))
