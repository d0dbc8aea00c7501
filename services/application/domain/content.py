"""The content of an application: how an edit is merged into it, and which mistakes and gaps it has."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypedDict, cast

from services.contracts.application.application_requests import ChiefScientistDict, ContentMembers, GoalDict, MemberDict
from services.kernel.errors import FieldError, Text


class Content(TypedDict):
    """The stored content of an application."""

    name: str | None
    field: str | None
    industry_chain: str | None
    research_direction: str | None
    chief_scientist: ChiefScientistDict | None
    members: list[MemberDict]
    operating_systems: dict[str, str | None]
    goals: list[GoalDict]
    documents: list[str]


class NamedMember(TypedDict):
    """A member of an application or of an imported consortium, by its code."""

    organisation: str


class VersionContent(Content):
    """The content of a submitted version."""

    call_id: str | None
    lead: str | None
    recommender: str | None


#: The content of an empty draft. `lead`, `recommender` and `call_id` are stored outside the content, because they are fixed after
#: the first submission.
EMPTY: Content = {
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

_Members = Mapping[str, object]

_NEEDED = {
    "name": Text("请填写创新联合体名称。", "Give the consortium's name."),
    "field": Text("请填写组建领域。", "Give the field."),
    "research_direction": Text("请填写研究方向。", "Give the direction of research."),
    "recommender": Text("请填写推荐单位。", "Name the recommending bureau."),
    "chief_scientist": Text("请填写首席科学家。", "Name the chief scientist."),
}


def merged(content: Content, change: ContentMembers) -> Content:
    """Return the content with each field that `change` names replaced; null clears a field."""
    before, changes, empty = cast(_Members, content), cast(_Members, change), cast(_Members, EMPTY)
    members = {name: changes[name] or _empty_copy(empty[name]) if name in changes else before[name] for name in empty}
    return cast(Content, members)


def mistakes(lead: str | None, members: Iterable[NamedMember]) -> tuple[FieldError, ...]:
    """Return the mistakes that are not allowed even in a draft: a unit listed twice, or the lead listed among the members
    (A5(1))."""
    errors = []
    listed_units: set[str] = set()
    for index, member in enumerate(members):
        code = member["organisation"]
        pointer = f"/members/{index}/organisation"
        if code == lead:
            text = Text(
                "牵头单位不能同时列为参与单位，请从成员中删除。",
                "The lead cannot be among the members; remove it there.",
            )
            errors.append(FieldError(pointer, "lead_among_members", text))
        elif code in listed_units:
            text = Text("该单位重复列入，请只保留一处。", "This unit is listed twice; keep one entry.")
            errors.append(FieldError(pointer, "member_twice", text))
        listed_units.add(code)
    return tuple(errors)


def gaps(content: Content, recommender: str | None) -> tuple[FieldError, ...]:
    """Return the required content that a submission lacks (A6(1)). The conditions of article 5 are not checked here: the policy's
    rules do that."""
    members = {**content, "recommender": recommender}
    return tuple(FieldError(f"/{name}", "required", text) for name, text in _NEEDED.items() if not members[name])


def _empty_copy(empty: object) -> object:
    return type(empty)() if isinstance(empty, list | dict) else empty


def related_units(chief_scientist: ChiefScientistDict | None) -> list[str]:
    """Return the organisations that are no units but count for conflicts of interest: the chief scientist's employer."""
    employer = chief_scientist.get("employer") if chief_scientist else None
    return [employer] if employer else []
