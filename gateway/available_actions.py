"""Limit the actions that a service offers to those that the caller's credentials allow. For a colleague without the right to
sign, and for an API key without the write scope, the answer says why an action is not possible."""

from __future__ import annotations

from typing import TypedDict

from gateway.auth.authorization import within_bounds
from gateway.http.localisation import localised_text
from services.kernel.errors import Forbidden


class OfferedAction(TypedDict):
    """An action that the reader may or may not take (`ActionAnswer`), with texts in the reader's language."""

    id: str
    allowed: bool
    why: str | None
    signs: bool


def narrowed(actions: list[OfferedAction]) -> list[OfferedAction]:
    """Return an answer's actions, limited to those that the caller's credentials allow."""
    return [_narrowed(action) for action in actions]


def _narrowed(action: OfferedAction) -> OfferedAction:
    if not action["allowed"]:
        return action
    try:
        within_bounds("write", signs=action["signs"])
    except Forbidden as refusal:
        return {**action, "allowed": False, "why": localised_text(refusal.text)}
    return action
