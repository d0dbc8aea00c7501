"""Compare a Python type with its marshmallow schema: the payload of an event, a part of a request, or the TypedDict of an
answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import MISSING
from dataclasses import fields as members_of
from datetime import date, datetime
from enum import StrEnum
from types import UnionType
from typing import Any, NotRequired, get_args, get_origin, get_type_hints, is_typeddict

from marshmallow import Schema, fields

from services.contracts.application.call_requests import Number
from services.contracts.payload import ABSENT, Absent, Payload

#: Members that the gateway adds to the answer of a service, so that the service's type need not have them.
ADDED_BY_GATEWAY = {
    "CandidateAnswerDict.name",
    "CandidatesAnswerDict.candidates[].name",
    "CandidatesAnswerDict.excluded[].name",
    "CandidatesAnswerDict.third_parties[].name",
    "ExcludedCandidateAnswerDict.name",
    "ThirdPartyCandidateAnswerDict.name",
}

#: The type of a function that compares a Python type with a schema and yields the differences; its last argument is the path of
#: the compared part.
Differences = Callable[[Any, type[Schema], str], Iterator[str]]

#: The type of a text in Chinese and English, as services return it. The gateway then selects the language that the client
#: requests.
TEXTS = dict[str, str]


def payload_differences(payload: type[Payload], schema: type[Schema], where: str = "") -> Iterator[str]:
    """Yield the differences between a payload and its schema. A field of the payload may have a narrower type than the schema's
    field, never a wider one."""
    where = where or payload.__name__
    hints = get_type_hints(payload)
    known = {field.data_key or name: field for name, field in schema().fields.items()}
    members = {member.metadata.get("name", member.name): member for member in members_of(payload)}  # type: ignore[arg-type]
    yield from _names(where, set(members), set(known))
    for name in members.keys() & known.keys():
        here, expected, default = f"{where}.{name}", known[name], members[name].default
        left_out = default is None or default is ABSENT
        if expected.required and left_out:
            yield f"{here}: required, but left out at times"
        if not expected.required and not left_out and not expected.allow_none:
            yield f"{here}: not required, so give it the default None"
        hint = hints[members[name].name]
        can_be_null = type(None) in get_args(hint) and default is not None
        if can_be_null and not expected.allow_none:
            yield f"{here}: null, which the schema does not allow"
        if expected.required and expected.allow_none and not can_be_null:
            yield f"{here}: can be null"
        yield from _types(here, hint, expected, payload_differences, dates=True)


def part_differences(part: type[Payload], schema: type[Schema], where: str = "") -> Iterator[str]:
    """Yield the differences between a part of a request and its schema. A field that the schema does not require must have a
    default or allow null."""
    where = where or part.__name__
    if is_typeddict(part):  # JSON that is stored as the client sent it, perhaps with further members
        yield from _names(where, set(), set(schema().fields) - set(get_type_hints(part)))
        return
    hints, known = get_type_hints(part), schema().fields
    members = {member.name: member for member in members_of(part)}  # type: ignore[arg-type]
    yield from _names(where, set(members), set(known))
    for name in members.keys() & known.keys():
        here, expected = f"{where}.{name}", known[name]
        can_be_null = type(None) in get_args(hints[name])
        no_default = members[name].default is MISSING and members[name].default_factory is MISSING
        if expected.required and not no_default:
            yield f"{here}: required, so give it no default"
        if not expected.required and no_default and not can_be_null:
            yield f"{here}: not required, so give it a default"
        if can_be_null and expected.required and not expected.allow_none:
            yield f"{here}: never null"
        if expected.allow_none and not can_be_null:
            yield f"{here}: can be null"
        yield from _types(here, hints[name], expected, part_differences, dates=True)


def answer_differences(answer: Any, schema: type[Schema], where: str = "") -> Iterator[str]:
    """Yield the differences between an answer's TypedDict and its schema. A field may be `NotRequired` only if the schema does
    not require it."""
    where = where or answer.__name__
    hints = get_type_hints(answer, include_extras=True)
    known = {field.data_key or name: field for name, field in schema().fields.items()}
    yield from _names(where, set(hints), set(known))
    for name in hints.keys() & known.keys():
        here, expected, hint = f"{where}.{name}", known[name], hints[name]
        optional = get_origin(hint) is NotRequired
        if optional:
            (hint,) = get_args(hint)
        if optional and expected.required and here not in ADDED_BY_GATEWAY:
            yield f"{here}: required, so not NotRequired"
        if (type(None) in get_args(hint)) != bool(expected.allow_none):
            yield f"{here}: {'can be' if expected.allow_none else 'is never'} null"
        yield from _types(here, hint, expected, answer_differences, dates=False)


def _names(where: str, given: set[str], known: set[str]) -> Iterator[str]:
    for name in sorted(given - known):
        yield f"{where}.{name}: not in the schema"
    for name in sorted(known - given):
        yield f"{where}.{name}: only in the schema"


def _types(where: str, hint: Any, field: fields.Field[Any], nested: Differences, *, dates: bool) -> Iterator[str]:
    """Yield the differences between one field's type and the schema's field. `dates` is true if days and instants must be `date`
    and `datetime`, and false for an answer, in which they are text."""
    arguments = get_args(hint)
    if type(None) in arguments or Absent in arguments:
        kinds = [each for each in arguments if each not in (type(None), Absent)]
        hint = kinds[0] if len(kinds) == 1 else hint
    if isinstance(field, fields.List):
        if get_origin(hint) is not list:
            yield f"{where}: a list"
        else:
            yield from _types(f"{where}[]", get_args(hint)[0], field.inner, nested, dates=dates)
    elif isinstance(field, fields.Nested):
        if is_typeddict(hint) or (isinstance(hint, type) and issubclass(hint, Payload)):
            yield from nested(hint, type(field.schema), where)
        elif where not in ADDED_BY_GATEWAY:
            yield f"{where}: an object with known members"
    elif not _fits(hint, field, dates=dates):
        yield f"{where}: {type(field).__name__}, not {hint}"


def _is_payload(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, Payload)


def _fits(hint: Any, field: fields.Field[Any], *, dates: bool) -> bool:
    if isinstance(field, fields.Dict):
        kinds = get_args(hint) if isinstance(hint, UnionType) else (hint,)
        return all(get_origin(kind) is dict or is_typeddict(kind) or _is_payload(kind) for kind in kinds)
    if isinstance(field, fields.String) and hint in (TEXTS, str | TEXTS, str | TEXTS | None):
        return not dates
    if hint == int | float:
        return isinstance(field, Number)
    if not isinstance(hint, type):
        return type(field) is fields.Raw
    if isinstance(field, (fields.DateTime, fields.AwareDateTime)):
        return hint is (datetime if dates else str)
    if isinstance(field, fields.Date):
        return hint is (date if dates else str)
    if isinstance(field, fields.Boolean):
        return hint is bool
    if isinstance(field, fields.Integer):
        return hint is int
    if isinstance(field, fields.Float):
        return hint is float
    if isinstance(field, fields.Number):
        return hint in (int, float)
    return hint is str or issubclass(hint, StrEnum)
