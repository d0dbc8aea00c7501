"""Limits on the length of a request's body, by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

#: Longest body in bytes: a form's fields.
LARGEST_FORM = 1024 * 1024
#: The key of the WSGI environment under which whoever runs the console says that a body is too long and was not read.
REFUSED = "console.refused"

View = Callable[..., Any]


def takes_file(largest: int) -> Callable[[View], View]:
    """A page whose form may carry a file of so many bytes beside its fields. Goes directly above the view's function."""

    def decorate(view: View) -> View:
        view.largest_body = largest + LARGEST_FORM  # type: ignore[attr-defined]
        return view

    return decorate


def largest_body(app: Flask, path: str) -> int:
    """The longest body in bytes that a path takes: for a server, which reads bodies before there is a request."""
    try:
        endpoint, _ = app.url_map.bind("console").match(path, method="POST")
    except HTTPException:
        return LARGEST_FORM
    return _of_view(app.view_functions.get(endpoint))


def check() -> None:
    """Set the limit of the present request. RequestEntityTooLarge when its body was refused already."""
    if REFUSED in request.environ:
        raise RequestEntityTooLarge
    view = current_app.view_functions.get(request.endpoint) if request.endpoint else None
    request.max_content_length = _of_view(view)


def _of_view(view: View | None) -> int:
    return int(getattr(view, "largest_body", LARGEST_FORM))
