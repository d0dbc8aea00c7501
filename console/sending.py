"""Send a form to the API. Mistakes are shown at their fields; any other refusal is shown as an error page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from flask import g, request

from console.problems import FormErrors, Problem

#: Statuses of refusals that are shown beside the form, because the reader can correct them there.
CORRECTABLE = (409, 412, 413, 415, 422)


def send(
    method: str,
    path: str,
    body: Any = None,
    *,
    fields: Iterable[str] = (),
    renamed: Mapping[str, str] | None = None,
    if_match: str | None = None,
    file: tuple[bytes, str] | None = None,
) -> FormErrors | None:
    """Send a form's data. Return None if the API accepted them, otherwise the mistakes. `fields` are the names of the form's
    fields. `renamed`: the JSON pointer of a value in the body → the name of its field, if that differs; it applies to all
    pointers inside the value too. Raises Problem for a refusal that cannot be corrected in the form."""
    _, errors = answered(method, path, body, fields=fields, renamed=renamed, if_match=if_match, file=file)
    return errors


def answered(
    method: str,
    path: str,
    body: Any = None,
    *,
    fields: Iterable[str] = (),
    renamed: Mapping[str, str] | None = None,
    if_match: str | None = None,
    file: tuple[bytes, str] | None = None,
) -> tuple[Any, FormErrors | None]:
    """Like `send`, but return a pair: the data of the API's answer (None if the API refused) and the mistakes (None if it
    accepted)."""
    key = request.form.get("idempotency_key") if method == "POST" else None
    try:
        answer = g.api.call(method, path, body=body, idempotency_key=key, if_match=if_match, file=file)
    except Problem as problem:
        if problem.status not in CORRECTABLE:
            raise
        places = renamed or {}
        errors = [{"pointer": _form_field(error.pointer, places), "message": error.message} for error in problem.errors]
        return None, FormErrors.of(Problem(problem.status, problem.document | {"errors": errors}), {*fields, *places.values()})
    return answer.data, None


def _form_field(pointer: str, fields: Mapping[str, str]) -> str:
    """Return the name of the field for a JSON pointer: the one that `fields` gives for the pointer or for the nearest pointer
    that encloses it; otherwise the pointer itself."""
    around = pointer
    while around:
        if around in fields:
            return fields[around]
        around = around.rpartition("/")[0]
    return pointer


def typed(*names: str) -> dict[str, Any]:
    """Return the values of the form's fields `/<name>`; an empty value is null."""
    return {name: request.form.get(f"/{name}", "").strip() or None for name in names}
