"""Forms for opinions, which an officer drafts and a chief signs. This module reads the fields and builds the body that the API
accepts.

The typed values are nested like the opinion's own fields, so that they can be stored as a working copy and compared with
a draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.application_form import Section, read
from console.problems import FieldProblem, FormErrors, Problem

Values = dict[str, Any]
#: The form name of an opinion's working copy; the copy's subject is the case's id.
FORM = "opinion"
_MEMBERS = (
    "outcome",
    "comment",
    "sections",
    "answers",
    "waivers",
    "acknowledgements",
    "main_task_bearing",
    "amount",
    "knowingly",
    "differs_reason",
)
#: The fields of an opinion whose entries the form identifies by a code, not by their position.
_BY_CODE = ("answers", "waivers", "acknowledgements", "main_task_bearing", "knowingly")
_SECTION = Section("opinion", _MEMBERS)


def typed(form: Mapping[str, str]) -> Values:
    """The typed values: `sections` as a list, `answers` and `acknowledgements` by question, `waivers` by rule,
    `main_task_bearing` by unit, and `knowingly` as {asked, yes}. Raises Problem for names that the form does not have."""
    values = read(form, _SECTION)
    values |= {"sections": values["sections"] or []} | {name: values[name] or {} for name in _BY_CODE}
    nested = isinstance(values["sections"], list) and all(isinstance(values[name], dict) for name in _BY_CODE)
    if not nested or not all(isinstance(one, dict) for one in values["answers"].values()):
        raise Problem.of_console(400, "bad_form")
    return values


def of_draft(draft: Mapping[str, Any]) -> Values:
    """Return an existing opinion in the shape of `typed`, for a chief who signs something different or an officer who drafts
    again."""
    return {
        "outcome": draft["outcome"],
        "comment": draft["comment"],
        "sections": [dict(one) for one in draft["sections"]],
        "answers": {id: {"met": "yes" if one["met"] else "no", "reason": one["reason"]} for id, one in draft["answers"].items()},
        "waivers": {one["rule"]: one["reason"] for one in draft["waivers"]},
        "acknowledgements": {one["question"]: one["reason"] for one in draft["acknowledgements"]},
        "main_task_bearing": dict.fromkeys(draft["main_task_bearing"] or (), "yes"),
        "amount": draft.get("amount"),
        "knowingly": {"yes": "yes"} if draft.get("knowingly") else {},
        "differs_reason": None,
    }


def insert(values: Values, pointer: str, text: str) -> None:
    """Append a phrase to the text of a field. A pointer that the form does not have changes nothing."""
    *steps, last = pointer.strip("/").split("/")
    holder: Any = values
    for step in steps:
        if isinstance(holder, list):
            holder = holder[int(step)] if step.isdigit() and int(step) < len(holder) else None
        elif isinstance(holder, dict) and holder is not values:
            holder = holder.setdefault(step, {})
        else:
            holder = values.get(step)
    if isinstance(holder, dict) and (holder is not values or last in ("comment", "differs_reason")):
        holder[last] = f"{holder.get(last) or ''}{text}"


def draft_of(review: Mapping[str, Any], reader: str | None = None) -> dict[str, Any] | None:
    """Return the newest draft of the present round and stage that waits for a signature; if possible, one that `reader` did not
    write."""
    given = [one for one in review.get("opinions", []) if (one["round"], one["stage"]) == (review["round"], review["stage"])]
    if any(one["signed"] and not one["void"] for one in given):
        return None
    drafts = [one for one in given if not one["signed"] and not one["void"]]
    others = [one for one in drafts if one["by"] != reader] or drafts
    return others[-1] if others else None


def body(values: Values, stage: str, *, signs: bool, drafts: bool = False) -> Values:
    """Return the body for the API: sections for a return, answers for a pass, and each waiver that has a reason. `drafts`: the
    opinion is a draft of an account that may also sign."""
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
        acknowledged = values["acknowledgements"].items()
        sent["acknowledgements"] = [{"question": id, "reason": reason} for id, reason in acknowledged if reason]
        sent |= {"amount": values["amount"]} if values["amount"] else {}
        sent |= {"knowingly": bool(values["knowingly"].get("yes"))} if "asked" in values["knowingly"] else {}
    if "asked" in values["main_task_bearing"]:
        sent["main_task_bearing"] = [code for code, given in values["main_task_bearing"].items() if given and code != "asked"]
    if signs and values["differs_reason"]:
        sent["differs_reason"] = values["differs_reason"]
    return sent | ({"draft": True} if drafts else {})


def errors_of(problem: Problem, values: Values, names: set[str]) -> FormErrors:
    """Return the mistakes at their fields. The form identifies a waiver by its rule and an acknowledgement by its question; the
    API identifies both by their position in the sent body."""
    sent = {name: [code for code, reason in values.get(name, {}).items() if reason] for name in ("waivers", "acknowledgements")}
    found = [FieldProblem(_placed(one.pointer, sent), one.message, one.code) for one in problem.errors]
    document = problem.document | {"errors": [{"pointer": one.pointer, "message": one.message} for one in found]}
    return FormErrors.of(Problem(problem.status, document), names)


def _placed(pointer: str, sent: Mapping[str, list[str]]) -> str:
    _, name, place, *_ = [*pointer.split("/"), "", ""]
    codes = sent.get(name, [])
    return f"/{name}/{codes[int(place)]}" if place.isdigit() and int(place) < len(codes) else pointer
