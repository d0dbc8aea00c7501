"""Typed payloads: a frozen dataclass for JSON with known members, such as the data of an event. A marshmallow schema documents
the same members; `tests/contract/test_payloads.py` compares the two."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import MISSING, Field, fields
from datetime import date, datetime
from enum import Enum, StrEnum
from functools import cache, partial
from typing import Any, Final, NamedTuple, Self, cast, get_args, get_origin, get_type_hints

#: The type of JSON that is stored or passed on as a whole. Describe JSON whose members the code reads by a `Payload` or a
#: `TypedDict`.
JsonObject = dict[str, Any]


class Absent(Enum):
    """The type of `ABSENT`, which is the default of a member that can be missing, null or a value."""

    ABSENT = "absent"


ABSENT: Final = Absent.ABSENT


class Payload:
    """The base of payload dataclasses: `@dataclass(frozen=True, kw_only=True)`.

    A member with the default None or ABSENT is left out while it has that value; every other member is always written. A member
    with `field(init=False)` belongs to the header, which `with_header` sets: for example the case that an event is about.
    Members are text, numbers, booleans, dates, instants, `StrEnum`, payloads, lists of these, and `JsonObject`.
    """

    def to_dict(self) -> JsonObject:
        """The payload as JSON. Raises AttributeError if a member of the header is not set."""
        kind: Any = type(self)  # lru_cache takes no `type` of a dataclass
        values = ((member, getattr(self, member.attribute)) for member in _members(kind))
        return {member.name: _encode(value) for member, value in values if not (member.optional and value is member.default)}

    @classmethod
    def from_dict(cls, data: JsonObject) -> Self:
        """Read a payload. Unknown members are ignored, because a newer release may add members. A missing member gets its
        default, or null if it may be null, because an older release may not have the member. Raises ValueError if any other
        member is missing."""
        new, kind = object.__new__(cls), cast(Any, cls)
        for member in _members(kind):
            if member.name in data:
                value = member.decode(data[member.name])
            elif member.default is not MISSING:
                value = member.default() if member.factory else member.default
            else:
                raise ValueError(f"{cls.__name__} lacks {member.name}")
            object.__setattr__(new, member.attribute, value)
        return new

    def with_header(self, **members: object) -> Self:
        """Return a copy of the payload with these members set."""
        new = object.__new__(type(self))
        for name, value in {**vars(self), **members}.items():
            object.__setattr__(new, name, value)
        return new


class _Member(NamedTuple):
    name: str
    #: The member's name in the class. It differs from the name in the JSON if that is a keyword of Python:
    #: `field(metadata={"name": "from"})`.
    attribute: str
    decode: Callable[[Any], Any]
    #: The value of a missing member; MISSING if it must be present. `factory`: a function that makes the value.
    default: Any
    factory: bool
    #: Whether the member is left out while it has its default.
    optional: bool


@cache
def _members(cls: type[Any]) -> tuple[_Member, ...]:
    hints = get_type_hints(cls)
    return tuple(
        _Member(
            each.metadata.get("name", each.name),
            each.name,
            _decoder(hints[each.name]),
            _default(each, hints[each.name]),
            each.default_factory is not MISSING,
            each.default in (None, ABSENT),
        )
        for each in fields(cls)
    )


def _default(member: Field[Any], hint: Any) -> Any:
    if member.default_factory is not MISSING:
        return member.default_factory
    return None if member.default is MISSING and type(None) in get_args(hint) else member.default


def _encode(value: Any) -> Any:
    if isinstance(value, Payload):
        return value.to_dict()
    if isinstance(value, date):  # a datetime is a date
        return value.isoformat()
    if isinstance(value, StrEnum):
        return value.value
    return [_encode(each) for each in value] if isinstance(value, (list, tuple)) else value


def decoder_of(hint: Any) -> Callable[[Any], Any] | None:
    """Return the function that reads a value of this type from JSON; None if the value needs no conversion."""
    decode = _decoder(hint)
    return None if decode is _unchanged else decode


def _decoder(hint: Any) -> Callable[[Any], Any]:
    arguments = get_args(hint)
    if type(None) in arguments:
        inner = _decoder(next(argument for argument in arguments if argument not in (type(None), Absent)))
        return inner if inner is _unchanged else partial(_nullable, inner)
    if get_origin(hint) in (list, Sequence):
        inner = _decoder(arguments[0])
        return inner if inner is _unchanged else partial(_list, inner)
    if not isinstance(hint, type) or get_origin(hint):
        return _unchanged
    if issubclass(hint, Payload):
        return hint.from_dict
    if issubclass(hint, (date, datetime)):
        return hint.fromisoformat
    return partial(_member_or_text, hint) if issubclass(hint, StrEnum) else _unchanged


def _nullable(decode: Callable[[Any], Any], value: Any) -> Any:
    return None if value is None else decode(value)


def _list(decode: Callable[[Any], Any], values: list[Any]) -> list[Any]:
    return [decode(value) for value in values]


def _member_or_text(kind: type[StrEnum], value: str) -> str:
    """Return the member of the enum or, if a newer release added the value, the text itself, which then equals no member."""
    return kind(value) if value in kind._value2member_map_ else value


def _unchanged(value: Any) -> Any:
    return value
