"""The actions that an actor may take on a case now. An action is offered as possible only if the guards of its command pass, so
that an offered action is not refused."""

from __future__ import annotations

from collections.abc import Callable

from services.contracts.case_view import ActionAnswerDict
from services.kernel.errors import DomainError, PreconditionRequired


def offer(action: str, *guards: Callable[[], object], signs: bool = False) -> ActionAnswerDict:
    """Return one action, saying whether the actor may take it. Each of `guards` is a check of the command and raises the error
    that the command would raise. `signs`: the action binds the organisation, so only an account that may sign for the
    organisation can take the action."""
    for guard in guards:
        try:
            guard()
        except PreconditionRequired:
            continue  # Ignored: the command needs an If-Match, and the client's request will contain one.
        except DomainError as refusal:
            return {"id": action, "allowed": False, "why": refusal.text.to_dict(), "signs": signs}
    return {"id": action, "allowed": True, "why": None, "signs": signs}
