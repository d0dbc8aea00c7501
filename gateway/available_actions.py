"""Actions that a service offers, limited to the caller's credentials. A colleague without the right to sign, and an API key
without the write scope, are told why they cannot take an action."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import within_bounds
from gateway.http.localisation import localised_text
from services.kernel.errors import Forbidden


def narrowed(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The actions of an answer, limited to those that the caller's credentials allow."""
    return [_narrowed(action) for action in actions]


def _narrowed(action: dict[str, Any]) -> dict[str, Any]:
    if not action["allowed"]:
        return action
    try:
        within_bounds("write", signs=action["signs"])
    except Forbidden as refusal:
        return action | {"allowed": False, "why": localised_text(refusal.text)}
    return action
