"""Actions that a service offers, narrowed to what the caller's credentials allow. A colleague without the right to sign, and an
API key without the scope to write, learn why they cannot take them."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import within_bounds
from gateway.http.localisation import localised_text
from services.kernel.errors import Forbidden


def narrowed(actions: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The actions of an answer as the caller may take them."""
    return [_narrowed(action) for action in actions]


def _narrowed(action: dict[str, Any]) -> dict[str, Any]:
    if not action["allowed"]:
        return action
    try:
        within_bounds("write", signs=action["signs"])
    except Forbidden as refusal:
        return action | {"allowed": False, "why": localised_text(refusal.text)}
    return action
