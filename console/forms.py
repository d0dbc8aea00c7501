"""Reads forms. A field's name is the JSON pointer of the member that it fills, so that an error's pointer is the name of its
field."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

#: Digits that are read as a number; a longer text is not a valid figure of any form.
_WHOLE = re.compile(r"-?\d{1,18}")
_DECIMAL = re.compile(r"-?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})")
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f\\]*")


def new_key() -> str:
    """A new Idempotency-Key for one form, so that a form sent twice takes effect once."""
    return secrets.token_urlsafe(18)


def field_id(name: str) -> str:
    """The element id of a field: `/contact/name` becomes `f-contact-name`."""
    return "f" + name.replace("/", "-")


def typed_fields(form: Mapping[str, str]) -> dict[str, str]:
    """The texts of the fields that a reader filled in, by pointer and without blanks around them; other inputs are left out."""
    return {name: value.strip() for name, value in form.items() if name.startswith("/")}


def body_of(form: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """The JSON body of a form. `names` says for each pointer how its text is read: `text` (empty becomes null), `required` (empty
    stays empty, so that the API reports it as missing), `flag` (`yes` is true) or `number`."""
    body: dict[str, Any] = {}
    for pointer, kind in names.items():
        steps = pointer.strip("/").split("/")
        holder = body
        for step in steps[:-1]:
            holder = holder.setdefault(step, {})
        holder[steps[-1]] = _read(form.get(pointer, ""), kind)
    return body


def _read(text: str, kind: str) -> Any:
    stripped = text.strip()
    if kind == "flag":
        return stripped == "yes"
    if kind == "number":
        return whole(stripped or None)
    if kind == "text":
        return stripped or None
    return stripped


def whole(text: Any) -> Any:
    """The text as a whole number; any other value is returned unchanged, so that the API refuses it with its own message."""
    return int(text) if isinstance(text, str) and _WHOLE.fullmatch(text) else text


def decimal(text: Any) -> Any:
    """The text as a JSON number; any other value is returned unchanged, so that the API refuses it with its own message."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        return text
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def safe_next(target: str | None) -> str | None:
    """A path of this console to continue at; None for an address elsewhere. The check allows for browsers, which drop control
    characters and read a backslash as a slash."""
    return target if target and _OWN_PATH.fullmatch(target) else None
