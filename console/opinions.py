"""Opinions as forms: what an officer drafts and a chief signs, read from the fields and sent as the API takes it.

The typed values are nested as the opinion's own members, so that they can be kept as a working copy and compared with a draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.application_form import Section, read
from console.problems import FieldProblem, FormErrors, Problem

Values = dict[str, Any]
#: The working copy of an opinion on a case, by the case's id.
FORM = "opinion"
_MEMBERS = ("outcome", "comment", "sections", "answers", "waivers", "differs_reason")
_SECTION = Section("opinion", _MEMBERS)


def typed(form: Mapping[str, str]) -> Values:
    """The typed values: `answers` by question, `waivers` by rule, `sections` as a list."""
    values = read(form, _SECTION)
    return values | {"sections": values["sections"] or [], "answers": values["answers"] or {}, "waivers": values["waivers"] or {}}


def of_draft(draft: Mapping[str, Any]) -> Values:
    """A given opinion in the shape of `typed`, for a chief who signs something else, or an officer who drafts again."""
    return {
        "outcome": draft["outcome"],
        "comment": draft["comment"],
        "sections": [dict(one) for one in draft["sections"]],
        "answers": {id: {"met": "yes" if one["met"] else "no", "reason": one["reason"]} for id, one in draft["answers"].items()},
        "waivers": {one["rule"]: one["reason"] for one in draft["waivers"]},
        "differs_reason": None,
    }


def draft_of(review: Mapping[str, Any]) -> dict[str, Any] | None:
    """The newest draft of the present round and stage that waits for a signature."""
    given = [one for one in review.get("opinions", []) if (one["round"], one["stage"]) == (review["round"], review["stage"])]
    if any(one["signed"] and not one["void"] for one in given):
        return None
    drafts = [one for one in given if not one["signed"] and not one["void"]]
    return drafts[-1] if drafts else None


def body(values: Values, stage: str, *, signs: bool) -> Values:
    """The body that the API takes: sections for a return, answers for a pass, and each waiver that has a reason."""
    outcome = values["outcome"]
    sent: Values = {
        "stage": stage,
        "outcome": outcome,
        "comment": values["comment"] or "",
        "sections": values["sections"] if outcome == "return" else [],
        "answers": {},
        "waivers": [{"rule": rule, "reason": reason} for rule, reason in values["waivers"].items() if reason],
    }
    if outcome == "pass":
        answered = {id: one for id, one in values["answers"].items() if one.get("met")}
        sent["answers"] = {id: {"met": one["met"] == "yes", "reason": one.get("reason") or ""} for id, one in answered.items()}
    if signs and values["differs_reason"]:
        sent["differs_reason"] = values["differs_reason"]
    return sent


def errors_of(problem: Problem, values: Values, names: set[str]) -> FormErrors:
    """The mistakes at their fields. The form names a waiver by its rule, the API by its place in what was sent."""
    rules = [rule for rule, reason in values["waivers"].items() if reason]
    found = [FieldProblem(_placed(one.pointer, rules), one.message, one.code) for one in problem.errors]
    document = problem.document | {"errors": [{"pointer": one.pointer, "message": one.message} for one in found]}
    return FormErrors.of(Problem(problem.status, document), names)


def _placed(pointer: str, rules: list[str]) -> str:
    steps = pointer.split("/")
    if steps[1:2] == ["waivers"] and steps[2:3] and steps[2].isdigit() and int(steps[2]) < len(rules):
        return f"/waivers/{rules[int(steps[2])]}"
    return pointer
