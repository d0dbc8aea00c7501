"""Mark the routes by which one person approves another person's work. Such a request must name in `If-Match` the version that the
person has read, so that a version which changed in the meantime is not approved."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def requires_etag(*, always: bool = True) -> Callable[[View], View]:
    """Mark a route that needs `If-Match`. The service refuses the request with 428 if the header is missing, and with 412 if the
    version that was read has changed. If `always` is false, the header is needed only if another person wrote the draft."""

    def decorate(view: View) -> View:
        view.approves = "always" if always else "draft"  # type: ignore[attr-defined]
        return view

    return decorate


def approval_of(view: object) -> str | None:
    """Return `always` or `draft` for a route that approves the version named in `If-Match`; None for other routes."""
    return getattr(view, "approves", None)
