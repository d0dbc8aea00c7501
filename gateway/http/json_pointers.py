"""Translate marshmallow's nested messages into JSON pointers (RFC 6901), which name the mistaken field of a request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from marshmallow import Schema, fields

from services.contracts.common import WRONG_TYPE, FieldMessage
from services.kernel.errors import FieldError, Text

_WHOLE = "_schema"


def field_errors(messages: Any, schema: Schema | None) -> tuple[FieldError, ...]:
    """Return every message with its JSON pointer. The schema shows which values are lists or maps and which are objects."""
    return tuple(_walk(messages, schema, ""))


def _walk(messages: Any, of: Schema | fields.Field[Any] | None, pointer: str) -> Iterator[FieldError]:
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            if name == _WHOLE:
                yield from _walk(below, None, pointer)
            elif isinstance(of, fields.Dict):
                yield from _of_entry(below, of, f"{pointer}/{escaped(name)}")
            else:
                yield from _walk(below, _inside(of, name), f"{pointer}/{escaped(name)}")
    elif isinstance(messages, list | tuple):
        for message in messages:
            yield from _walk(message, of, pointer)
    else:
        yield _said(messages, pointer)


def _of_entry(messages: Any, of: fields.Dict, pointer: str) -> Iterator[FieldError]:
    # For an entry of a map, marshmallow reports {"key": […], "value": …}; both belong to the entry itself.
    if isinstance(messages, Mapping):
        for part, below in messages.items():
            yield from _walk(below, of.value_field if part == "value" else None, pointer)
    else:
        yield from _walk(messages, None, pointer)


def _inside(of: Schema | fields.Field[Any] | None, name: Any) -> Schema | fields.Field[Any] | None:
    if isinstance(of, fields.List):
        return of.inner
    if isinstance(of, fields.Nested):
        of = of.schema
        if isinstance(name, int):  # The schema has many=True, so the names at the top are indexes.
            return of
    if isinstance(of, Schema):
        for attribute, field in of.fields.items():
            if name == (field.data_key or attribute):
                return field
    return None


def _said(message: Any, pointer: str) -> FieldError:
    if isinstance(message, FieldMessage):
        return FieldError(pointer, message.code, Text(message.zh, message.en))
    return FieldError(pointer, WRONG_TYPE.code, Text(WRONG_TYPE.zh, str(message)))


def escaped(name: Any) -> str:
    """Return a name escaped for use in a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")
