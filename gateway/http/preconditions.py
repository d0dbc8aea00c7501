"""Routes by which somebody approves what another prepared: the request names the version that was read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

View = TypeVar("View", bound=Callable[..., Any])


def requires_etag(*, always: bool = True) -> Callable[[View], View]:
    """The route takes `If-Match`; the service refuses with 428 where it is missing, with 412 where what was read has changed.
    Not `always`: only where another person drafted."""

    def decorate(view: View) -> View:
        view.approves = "always" if always else "draft"  # type: ignore[attr-defined]
        return view

    return decorate


def approval_of(view: object) -> str | None:
    """`always` or `draft` where the route takes `If-Match` to approve what was read; None for others."""
    return getattr(view, "approves", None)
