"""Findings, which are the results of the rules, and the conclusions drawn from them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from services.contracts.findings import StoredFinding
from services.kernel.errors import Text
from services.policy.errors import PolicyError

PASS, FAIL, WAIVED, NEEDS_EVIDENCE = "pass", "fail", "waived", "needs_evidence"
MANDATORY, IN_PRINCIPLE = "mandatory", "in_principle"

#: The groups of rules, and one single rule (M2), whose findings decide the field `eligible` of the API.
ELIGIBILITY = frozenset({"C", "L", "O", "M2"})


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one rule: the observed value, the required value, and the article.

    `observed`, `required`: JSON values, money as decimal strings of yuan. `margin`: the distance above (+) or below (-) the
    threshold, in the threshold's own unit; None if the rule has no threshold. `reason`: why the rule was waived.
    """

    rule: str
    group: str
    citation: str
    severity: str
    status: str
    observed: Mapping[str, object]
    required: Mapping[str, object]
    margin: str | None
    message: Text
    reason: str | None = None
    #: The rule's name; None in findings of earlier releases.
    title: Text | None = None
    #: How to correct a failing rule; None for any other status.
    remedy: Text | None = None
    #: JSON pointer to the field of the application form to correct; None if there is none, and for changes.
    at: str | None = None

    def to_dict(self) -> StoredFinding:
        return {
            "rule": self.rule,
            "group": self.group,
            "citation": self.citation,
            "severity": self.severity,
            "status": self.status,
            "observed": dict(self.observed),
            "required": dict(self.required),
            "margin": self.margin,
            "message": self.message.to_dict(),
            "reason": self.reason,
            "title": self.title.to_dict() if self.title else None,
            "remedy": self.remedy.to_dict() if self.remedy else None,
            "at": self.at,
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Finding:
        texts = {name: Text.from_dict(data[name]) for name in ("message", "title", "remedy") if data.get(name)}
        return cls(**{**data, **texts})


def eligible(findings: Iterable[Finding]) -> bool:
    """Return whether no mandatory rule about the consortium (C), the lead (L), the operating systems (O) or M2 fails."""
    return not any(
        finding.severity == MANDATORY and finding.status == FAIL and not ELIGIBILITY.isdisjoint((finding.group, finding.rule))
        for finding in findings
    )


def blocking(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings that block a submission: mandatory rules that fail or lack evidence."""
    return tuple(f for f in findings if f.severity == MANDATORY and f.status in (FAIL, NEEDS_EVIDENCE))


def open_in_principle(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Return the findings of the in-principle rules that an approval must waive with a reason: the rules that fail or lack
    evidence.

    Missing evidence counts, so that leaving a field empty is not easier than entering a figure below the threshold.
    """
    return tuple(f for f in findings if f.severity == IN_PRINCIPLE and f.status in (FAIL, NEEDS_EVIDENCE))


def waive(
    findings: Iterable[Finding], waivers: Mapping[str, str], *, named_in_basis: Collection[str] = ()
) -> tuple[Finding, ...]:
    """Return the findings, in which the rules of `waivers` (rule → written reason) have the status `waived`; a rule that passes
    keeps its status.

    A mandatory rule can be waived only if the basis document of a special case names it (`named_in_basis`, A8). Raises
    PolicyError for an unknown or mandatory rule and for a missing reason.
    """
    finding_by_rule = {finding.rule: finding for finding in findings}
    for rule, reason in waivers.items():
        if rule not in finding_by_rule:
            raise PolicyError(rule, "没有这一规则的核查结果，不能豁免。", "There is no finding of this rule to waive.")
        if finding_by_rule[rule].severity == MANDATORY and rule not in named_in_basis:
            raise PolicyError(rule, "强制性条件不能豁免。", "A mandatory rule cannot be waived.")
        if not reason.strip():
            raise PolicyError(rule, "豁免须书面说明理由。", "A waiver needs a written reason.")
        if finding_by_rule[rule].status in (FAIL, NEEDS_EVIDENCE):
            finding_by_rule[rule] = replace(finding_by_rule[rule], status=WAIVED, reason=reason, remedy=None, at=None)
    return tuple(finding_by_rule.values())
