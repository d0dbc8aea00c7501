"""The content of an application: how an edit is merged into it, and which mistakes and gaps it has."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.kernel.errors import FieldError, Text

#: The content of an empty draft. `lead`, `recommender` and `call_id` are stored outside the content, because they are fixed after
#: the first submission.
EMPTY: dict[str, Any] = {
    "name": None,
    "field": None,
    "industry_chain": None,
    "research_direction": None,
    "chief_scientist": None,
    "members": [],
    "operating_systems": {},
    "goals": [],
    "documents": [],
}

_NEEDED = {
    "name": Text("请填写创新联合体名称。", "Give the consortium's name."),
    "field": Text("请填写组建领域。", "Give the field."),
    "research_direction": Text("请填写研究方向。", "Give the direction of research."),
    "recommender": Text("请填写推荐单位。", "Name the recommending bureau."),
    "chief_scientist": Text("请填写首席科学家。", "Name the chief scientist."),
}


def merged(content: Mapping[str, Any], change: Mapping[str, Any]) -> dict[str, Any]:
    """Return the content with each field that `change` names replaced; null clears a field."""
    return {name: change[name] or _copy(EMPTY[name]) if name in change else content[name] for name in EMPTY}


def mistakes(lead: str | None, members: list[dict[str, Any]]) -> tuple[FieldError, ...]:
    """Return the mistakes that are not allowed even in a draft: a unit listed twice, or the lead listed among the members
    (A5(1))."""
    found = []
    seen: set[str] = set()
    for place, member in enumerate(members):
        code = member["organisation"]
        pointer = f"/members/{place}/organisation"
        if code == lead:
            text = Text(
                "牵头单位不能同时列为参与单位，请从成员中删除。",
                "The lead cannot be among the members; remove it there.",
            )
            found.append(FieldError(pointer, "lead_among_members", text))
        elif code in seen:
            text = Text("该单位重复列入，请只保留一处。", "This unit is listed twice; keep one entry.")
            found.append(FieldError(pointer, "member_twice", text))
        seen.add(code)
    return tuple(found)


def gaps(content: Mapping[str, Any], recommender: str | None) -> tuple[FieldError, ...]:
    """Return the required content that a submission lacks (A6(1)). The conditions of article 5 are not checked here: the policy's
    rules do that."""
    said = {**content, "recommender": recommender}
    return tuple(FieldError(f"/{name}", "required", text) for name, text in _NEEDED.items() if not said[name])


def _copy(empty: Any) -> Any:
    return type(empty)() if isinstance(empty, list | dict) else empty


def related_units(chief_scientist: Mapping[str, Any] | None) -> list[str]:
    """Return the organisations that are no units but count for conflicts of interest: the chief scientist's employer."""
    employer = (chief_scientist or {}).get("employer")
    return [employer] if employer else []
