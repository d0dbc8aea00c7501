"""Read forms. A field's name is the JSON pointer of the value that it fills, so the pointer of an error is the name of its
field."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

#: A text that is converted to a whole number: at most 18 digits, more than any figure of a form needs.
_WHOLE = re.compile(r"-?\d{1,18}")
_DECIMAL = re.compile(r"-?(\d{1,18}(\.\d{0,18})?|\.\d{1,18})")
_OWN_PATH = re.compile(r"/(?![/\\])[^\x00-\x1f\x7f\\]*")


def new_key() -> str:
    """Return a new Idempotency-Key for one form, so that a form that is sent twice takes effect once."""
    return secrets.token_urlsafe(18)


def field_id(name: str) -> str:
    """Return the id of a field's HTML element: `/contact/name` becomes `f-contact-name`."""
    return "f" + name.replace("/", "-")


def typed_fields(form: Mapping[str, str]) -> dict[str, str]:
    """Return the texts that a reader typed, by JSON pointer and without surrounding blanks. Inputs whose names are no pointers
    are left out."""
    return {name: value.strip() for name, value in form.items() if name.startswith("/")}


def body_of(form: Mapping[str, str], names: Mapping[str, str]) -> dict[str, Any]:
    """Return the JSON body of a form. `names` says for each pointer how its text is read: `text` (empty becomes null), `required`
    (empty stays empty, so that the API reports it as missing), `flag` (`yes` is true) or `number`."""
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
    """Return the text as a whole number. Any other value is returned unchanged, so that the API refuses it with its own
    message."""
    return int(text) if isinstance(text, str) and _WHOLE.fullmatch(text) else text


def words_of(text: str | None) -> list[str]:
    """Return the words of a list that a person typed, separated by Chinese or Latin commas."""
    return [part.strip() for part in re.split("[、，,]", text or "") if part.strip()]


def decimal(text: Any) -> Any:
    """Return the text as a JSON number. Any other value is returned unchanged, so that the API refuses it with its own
    message."""
    if not isinstance(text, str) or not _DECIMAL.fullmatch(text):
        return text
    value = Decimal(text)
    return int(value) if value == value.to_integral_value() else float(value)


def safe_next(target: str | None) -> str | None:
    """Return the path of this console at which to continue; None for an address elsewhere. The check takes into account that
    browsers drop control characters and treat a backslash like a slash."""
    return target if target and _OWN_PATH.fullmatch(target) else None
