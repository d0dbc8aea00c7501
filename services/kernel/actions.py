"""What an actor may do with a case now. The guards of the commands themselves decide, so that an offer never promises more."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from services.kernel.errors import DomainError, PreconditionRequired


def offer(action: str, *guards: Callable[[], object], signs: bool = False) -> dict[str, Any]:
    """One action with its guards, each of which raises what the command would raise. `signs`: the action binds the organisation,
    so that only an account that may sign for it can take it."""
    for guard in guards:
        try:
            guard()
        except PreconditionRequired:
            continue  # the action asks for the version that was read, which its request names
        except DomainError as refusal:
            return {"id": action, "allowed": False, "why": refusal.text.to_dict(), "signs": signs}
    return {"id": action, "allowed": True, "why": None, "signs": signs}
