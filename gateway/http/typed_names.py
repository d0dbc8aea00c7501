"""Convert names and codes that a client typed in a path or a login to the spelling in which they are stored."""

from __future__ import annotations

from flask import g, request

from gateway.context import gateway_context
from services.input.text import clean_code
from services.kernel.identity import NOBODY


def account_name(typed: str) -> str:
    """Return the account name that a typed name means: capitals, full-width letters and blanks make no difference."""
    payload = {"typed": typed}
    return str(gateway_context().identity.call("gateway", "account_name", payload, NOBODY, correlation_id=g.correlation_id))


def clean_path_parameters() -> None:
    """Convert every parameter of this request's path to its canonical spelling before the route receives it."""
    for name, value in (request.view_args or {}).items():
        if name == "username":
            value = account_name(value)
        elif name == "uscc":
            value = clean_code(value).replace("-", "").upper()
        else:
            value = clean_code(value)
        request.view_args[name] = value  # type: ignore[index]
