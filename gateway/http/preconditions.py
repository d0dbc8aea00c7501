"""Marks the routes by which one person approves another person's work. Such a request must name in `If-Match` the version that
the person read, so that a text changed meanwhile is not approved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def requires_etag(*, always: bool = True) -> Callable[[View], View]:
    """Mark a route that takes `If-Match`. The service refuses with 428 if it is missing, with 412 if the version that was read
    has changed. If `always` is false, `If-Match` is needed only if another person wrote the draft."""

    def decorate(view: View) -> View:
        view.approves = "always" if always else "draft"  # type: ignore[attr-defined]
        return view

    return decorate


def approval_of(view: object) -> str | None:
    """`always` or `draft` if the route takes `If-Match` to approve the version that was read; None for other routes."""
    return getattr(view, "approves", None)
