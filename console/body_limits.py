"""Limits on the length of a request's body, by page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask, current_app, request
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

#: The longest body of a form without a file, in bytes.
LARGEST_FORM = 1024 * 1024
#: The key in the WSGI environment by which the console learns that the server refused a body as too long and did not read it.
REFUSED = "console.refused"

View = Callable[..., Any]


def takes_file(largest: int) -> Callable[[View], View]:
    """Mark a page whose form may contain a file of at most this many bytes besides its fields. This must be the innermost
    decorator, directly above the view function."""

    def decorate(view: View) -> View:
        view.largest_body = largest + LARGEST_FORM  # type: ignore[attr-defined]
        return view

    return decorate


def largest_body(app: Flask, path: str) -> int:
    """Return the longest body that a path accepts, in bytes. A server calls this before it reads the body, when no Flask request
    exists yet."""
    try:
        endpoint, _ = app.url_map.bind("console").match(path, method="POST")
    except HTTPException:
        return LARGEST_FORM
    return _of_view(app.view_functions.get(endpoint))


def check() -> None:
    """Set the limit for the present request. Raises RequestEntityTooLarge if the server has refused its body already."""
    if REFUSED in request.environ:
        raise RequestEntityTooLarge
    view = current_app.view_functions.get(request.endpoint) if request.endpoint else None
    request.max_content_length = _of_view(view)


def _of_view(view: View | None) -> int:
    return int(getattr(view, "largest_body", LARGEST_FORM))
