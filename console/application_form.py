"""The sections of the application form: the parts of the application that each section fills, how its fields are read, and the
body that is sent to save it.

A field's name is the JSON pointer of the value that it fills (`/members/0/tier`), so that every mistake that the API reports can
be shown at its field.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from console.problems import Problem

Values = dict[str, Any]
#: The most steps in a JSON pointer that a form may contain.
DEEPEST = 8

SYSTEMS = (
    "decision_body",
    "advisory_body",
    "executive_body",
    "rd_funding",
    "benefit_protection",
    "open_development",
    "major_matters",
)
_INDEX = re.compile(r"\d{1,3}")


@dataclass(frozen=True, slots=True)
class Section:
    """One page of the form. `members` are the fields of the application that it fills; `binding`: saving them voids the
    confirmations that members have given (A5(3)1, A4(4)). `also` are other names that mean this section when an officer returns
    the application."""

    name: str
    members: tuple[str, ...] = ()
    binding: bool = False
    also: tuple[str, ...] = ()


SECTIONS = (
    Section("basics", ("name", "field", "industry_chain", "research_direction", "recommender")),
    Section("lead"),
    Section("members", ("members",), binding=True),
    Section("scientist", ("chief_scientist",)),
    Section("systems", ("operating_systems",), binding=True),
    Section("goals", ("goals",)),
    Section("papers", also=("documents", "agreement")),
    Section("check"),
)
BY_NAME = {section.name: section for section in SECTIONS}


def after(section: Section) -> Section:
    """Return the section that follows this one; for the last section, the last section itself."""
    position = SECTIONS.index(section)
    return SECTIONS[min(position + 1, len(SECTIONS) - 1)]


def read(form: Mapping[str, str], section: Section) -> Values:
    """Return the typed values of a section, nested like the API's data. Empty fields are null. Raises Problem for names that no
    page sends: a field inside another field, or one deeper than any value of the form."""
    values: Values = dict.fromkeys(section.members)
    for pointer in sorted(name for name in form if name.startswith("/")):
        steps = pointer.strip("/").split("/")
        if len(steps) > DEEPEST:
            raise Problem.of_console(400, "bad_form")
        if steps[0] in section.members:
            _set_at(values, steps, form[pointer].strip() or None)
    return {name: _numbered_keys_to_lists(value) for name, value in values.items()}


def _set_at(holder: Any, steps: list[str], value: str | None) -> None:
    for step in steps[:-1]:
        if holder.get(step) is None:
            holder[step] = {}
        holder = holder[step]
        if not isinstance(holder, dict):
            raise Problem.of_console(400, "bad_form")
    holder[steps[-1]] = value


def _numbered_keys_to_lists(value: Any) -> Any:
    """Convert objects whose keys are all numbers into lists, in the order of the numbers."""
    if not isinstance(value, dict):
        return value
    inner = {key: _numbered_keys_to_lists(item) for key, item in value.items()}
    if inner and all(_INDEX.fullmatch(key) for key in inner):
        return [inner[key] for key in sorted(inner, key=int)]
    return inner


def present(application: Mapping[str, Any], section: Section) -> Values:
    """Return the section's saved values in the same shape as `read` returns the typed values."""
    values = {name: application.get(name) for name in section.members}
    if "members" in values:
        values["members"] = [
            {"organisation": member["organisation"], "tier": member["tier"], "role": member["role"]}
            for member in application["members"]
        ]
    if "goals" in values:
        values["goals"] = [
            {"kind": goal["kind"], "statement": goal["statement"], "indicators": [_indicator(i) for i in goal["indicators"]]}
            for goal in application["goals"]
        ]
    if "operating_systems" in values:
        systems = application["operating_systems"] or {}
        values["operating_systems"] = {name: systems.get(name) for name in SYSTEMS}
    return values


def _indicator(indicator: Mapping[str, Any]) -> Values:
    return {name: indicator.get(name) for name in ("name", "target", "unit", "due")}


def body(values: Values, saved: Values) -> Values:
    """Return the body of the request that saves a section: the typed fields that differ from the saved ones. Empty list entries
    are left out."""
    payload = {name: _without_blanks(value) for name, value in values.items()}
    return {name: value for name, value in payload.items() if value != _without_blanks(saved[name])}


def _without_blanks(value: Any) -> Any:
    if isinstance(value, list):
        return [_without_blanks(item) for item in value if not blank(item)]
    if isinstance(value, dict):
        if set(value) == set(SYSTEMS):
            return value
        return None if blank(value) else {key: _without_blanks(item) for key, item in value.items()}
    return value


def blank(value: Any) -> bool:
    """Return whether a field is empty; for an entry, whether all its fields are."""
    if isinstance(value, dict):
        return all(blank(item) for item in value.values())
    if isinstance(value, list):
        return all(blank(item) for item in value)
    return value in (None, "")


#: The JSON pointer of a list in the form → a function that creates an empty entry of the list.
EMPTY: Mapping[str, Callable[[], Values]] = {
    "members": lambda: {"organisation": None, "tier": None, "role": None},
    "goals": lambda: {"kind": None, "statement": None, "indicators": []},
    "figures": dict,
    "platforms": dict,
    "grades": dict,
    "deferrals": dict,
    "support": dict,
    "outcomes": dict,
    "rubric": lambda: {"criterion": None, "weight": None, "max": None},
    "sections": lambda: {"section": None, "comment": None},
    "indicators": lambda: {"name": None, "target": None, "unit": None, "due": None},
}


def act(values: Values, action: str) -> None:
    """Add or remove a list entry in `values`, as the pressed button requests: `add:/members`, `remove:/goals/2`,
    `add:/goals/0/indicators`. Other actions change nothing."""
    verb, _, pointer = action.partition(":")
    steps = pointer.strip("/").split("/")
    if verb == "add" and steps[-1] in EMPTY:
        holder, name = _value_at(values, steps[:-1]), steps[-1]
        if holder is not None:
            holder[name] = [*(holder.get(name) or []), EMPTY[name]()]
    elif verb == "remove" and _INDEX.fullmatch(steps[-1]):
        entries = _value_at(values, steps[:-1])
        if isinstance(entries, list) and int(steps[-1]) < len(entries):
            entries.pop(int(steps[-1]))


def _value_at(values: Any, steps: list[str]) -> Any:
    for step in steps:
        try:
            values = values[int(step)] if isinstance(values, list) else values[step]
        except (LookupError, ValueError, TypeError):
            return None
    return values


def label_of(translated: Callable[..., str], label_word: Callable[[str, str], str], pointer: str) -> str:
    """Return the label of a field, given by its pointer: `/members/0/tier` gives 层级 1. The operating systems (A5(4)) get the
    vocabulary's names."""
    steps = pointer.strip("/").split("/")
    if steps[0] == "operating_systems" and len(steps) == 2:
        return label_word("operating_system", steps[1])
    numbers = [int(step) + 1 for step in steps if _INDEX.fullmatch(step)]
    key = f"field.{'_'.join(step for step in steps if not _INDEX.fullmatch(step))}"
    text = translated(key)
    return f"{text} {'.'.join(map(str, numbers))}" if numbers else text


def state(section: Section, application: Mapping[str, Any]) -> str:
    """Return how far a section is filled in: `empty`, `begun` or `full`. It does not say whether the regulation's rules are met;
    the eligibility findings do."""
    if not section.members:
        return "full"
    values = present(application, section)
    flat = [value for name in section.members for value in _leaves(values[name])]
    if not flat or all(value in (None, "") for value in flat):
        return "empty"
    optional = {"industry_chain"}
    needed = [values[name] for name in section.members if name not in optional]
    return "full" if all(_complete(value) for value in needed) else "begun"


def _leaves(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [leaf for item in value.values() for leaf in _leaves(item)]
    if isinstance(value, list):
        return [leaf for item in value for leaf in _leaves(item)]
    return [value]


#: Fields of list entries that may stay empty.
_MAY_BE_EMPTY = {"role", "unit", "due", "employer", "title", "indicators"}


def _complete(value: Any) -> bool:
    if isinstance(value, dict):
        return all(_complete(item) for name, item in value.items() if name not in _MAY_BE_EMPTY)
    if isinstance(value, list):
        return bool(value) and all(_complete(item) for item in value)
    return value not in (None, "")
