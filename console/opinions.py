"""Forms for opinions, which an officer drafts and a chief signs. This module reads the fields and builds the body that the API
accepts.

The typed values are nested like the opinion's own fields, so that they can be stored as a working copy (what the account typed
and has not sent) and compared with a draft.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from console.application_form import Section, read
from console.problems import FieldProblem, FormErrors, Problem

Values = dict[str, Any]
#: The form name under which the unsent text of an opinion (its working copy) is stored; its subject is the case's id.
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
    """Return the typed values: `sections` as a list, `answers` and `acknowledgements` by question, `waivers` by rule,
    `main_task_bearing` by unit, and `knowingly` as {asked, yes}. Raises Problem for names that the form does not have."""
    values = read(form, _SECTION)
    values |= {"sections": values["sections"] or []} | {name: values[name] or {} for name in _BY_CODE}
    nested = isinstance(values["sections"], list) and all(isinstance(values[name], dict) for name in _BY_CODE)
    if not nested or not all(isinstance(answer, dict) for answer in values["answers"].values()):
        raise Problem.of_console(400, "bad_form")
    return values


def of_draft(draft: Mapping[str, Any]) -> Values:
    """Return an existing opinion in the shape of `typed`, for a chief who signs something different or an officer who drafts
    again."""
    return {
        "outcome": draft["outcome"],
        "comment": draft["comment"],
        "sections": [dict(section) for section in draft["sections"]],
        "answers": {
            id: {"met": "yes" if answer["met"] else "no", "reason": answer["reason"]} for id, answer in draft["answers"].items()
        },
        "waivers": {waiver["rule"]: waiver["reason"] for waiver in draft["waivers"]},
        "acknowledgements": {entry["question"]: entry["reason"] for entry in draft["acknowledgements"]},
        "main_task_bearing": dict.fromkeys(draft["main_task_bearing"] or (), "yes"),
        "amount": draft.get("amount"),
        "knowingly": {"yes": "yes"} if draft.get("knowingly") else {},
        "differs_reason": None,
    }


def insert(values: Values, pointer: str, text: str) -> None:
    """Append a saved phrase to the text of the field with this JSON pointer. A pointer that the form does not have changes
    nothing."""
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
    """Return the newest draft of the present round and stage that waits for a signature; if possible, a draft that `reader` did
    not write."""
    opinions = [
        opinion
        for opinion in review.get("opinions", [])
        if (opinion["round"], opinion["stage"]) == (review["round"], review["stage"])
    ]
    if any(opinion["signed"] and not opinion["void"] for opinion in opinions):
        return None
    drafts = [opinion for opinion in opinions if not opinion["signed"] and not opinion["void"]]
    of_others = [opinion for opinion in drafts if opinion["by"] != reader] or drafts
    return of_others[-1] if of_others else None


def body(values: Values, stage: str, *, signs: bool, drafts: bool = False) -> Values:
    """Return the opinion as the body for the API: with the named sections if it returns the case, with the answers if it passes
    the case, and with each waiver that has a reason. `drafts`: the opinion is a draft of an account that may also sign."""
    outcome = values["outcome"]
    payload: Values = {
        "stage": stage,
        "outcome": outcome,
        "comment": values["comment"] or "",
        "sections": values["sections"] if outcome == "return" else [],
        "answers": {},
        "waivers": [{"rule": rule, "reason": reason} for rule, reason in values["waivers"].items() if reason],
    }
    if outcome == "pass":
        met = {id: answer for id, answer in values["answers"].items() if answer.get("met")}
        payload["answers"] = {
            id: {"met": answer["met"] == "yes", "reason": answer.get("reason") or ""} for id, answer in met.items()
        }
        acknowledged = values["acknowledgements"].items()
        payload["acknowledgements"] = [{"question": id, "reason": reason} for id, reason in acknowledged if reason]
        payload |= {"amount": values["amount"]} if values["amount"] else {}
        payload |= {"knowingly": bool(values["knowingly"].get("yes"))} if "asked" in values["knowingly"] else {}
    if "asked" in values["main_task_bearing"]:
        payload["main_task_bearing"] = [
            code for code, ticked in values["main_task_bearing"].items() if ticked and code != "asked"
        ]
    if signs and values["differs_reason"]:
        payload["differs_reason"] = values["differs_reason"]
    return payload | ({"draft": True} if drafts else {})


def errors_of(problem: Problem, values: Values, names: set[str]) -> FormErrors:
    """Assign the mistakes that the API reports to the form's fields. The form identifies a waiver by its rule and an
    acknowledgement by its question; the API identifies both by their position in the sent body."""
    codes = {name: [code for code, reason in values.get(name, {}).items() if reason] for name in ("waivers", "acknowledgements")}
    problems = [FieldProblem(_form_pointer(error.pointer, codes), error.message, error.code) for error in problem.errors]
    document = problem.document | {"errors": [{"pointer": error.pointer, "message": error.message} for error in problems]}
    return FormErrors.of(Problem(problem.status, document), names)


def _form_pointer(pointer: str, codes_by_name: Mapping[str, list[str]]) -> str:
    _, name, index, *_ = [*pointer.split("/"), "", ""]
    codes = codes_by_name.get(name, [])
    return f"/{name}/{codes[int(index)]}" if index.isdigit() and int(index) < len(codes) else pointer
