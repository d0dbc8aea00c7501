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
    return tuple(_walk_messages(messages, schema, ""))


def _walk_messages(messages: Any, node: Schema | fields.Field[Any] | None, pointer: str) -> Iterator[FieldError]:
    if isinstance(messages, Mapping):
        for name, inner in messages.items():
            if name == _WHOLE:
                yield from _walk_messages(inner, None, pointer)
            elif isinstance(node, fields.Dict):
                yield from _walk_entry(inner, node, f"{pointer}/{escaped(name)}")
            else:
                yield from _walk_messages(inner, _node_of(node, name), f"{pointer}/{escaped(name)}")
    elif isinstance(messages, list | tuple):
        for message in messages:
            yield from _walk_messages(message, node, pointer)
    else:
        yield _field_error(messages, pointer)


def _walk_entry(messages: Any, node: fields.Dict, pointer: str) -> Iterator[FieldError]:
    # For an entry of a map, marshmallow reports {"key": […], "value": …}; both belong to the entry itself.
    if isinstance(messages, Mapping):
        for part, inner in messages.items():
            yield from _walk_messages(inner, node.value_field if part == "value" else None, pointer)
    else:
        yield from _walk_messages(messages, None, pointer)


def _node_of(node: Schema | fields.Field[Any] | None, name: Any) -> Schema | fields.Field[Any] | None:
    if isinstance(node, fields.List):
        return node.inner
    if isinstance(node, fields.Nested):
        node = node.schema
        if isinstance(name, int):  # The schema has many=True, so the names at the top are indexes.
            return node
    if isinstance(node, Schema):
        for attribute, field in node.fields.items():
            if name == (field.data_key or attribute):
                return field
    return None


def _field_error(message: Any, pointer: str) -> FieldError:
    if isinstance(message, FieldMessage):
        return FieldError(pointer, message.code, Text(message.zh, message.en))
    return FieldError(pointer, WRONG_TYPE.code, Text(WRONG_TYPE.zh, str(message)))


def escaped(name: Any) -> str:
    """Return a name escaped for use in a JSON pointer."""
    return str(name).replace("~", "~0").replace("/", "~1")
