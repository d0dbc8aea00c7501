"""`guichuang move`: move a bureau from one database of the review service to another (docs/operations/moving.md)."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

from deploy import composition
from services.kernel.errors import Unavailable
from services.kernel.identity import PROVINCE
from services.kernel.messaging.signing import Verifier
from services.kernel.relocation.endpoint import Endpoint, MoveRefused
from services.kernel.relocation.mover import Move
from services.kernel.settings import Settings
from services.policy.bureaus import BUREAUS
from services.review.relocated_tables import PORTION

#: Service that runs per bureau → the description of the rows that move with a bureau.
PORTIONS = {"review": PORTION}


def move(settings: Settings, bureau: str, source: str | None, target: str) -> int:
    """Move a bureau. `source` and `target` are URLs or files of settings; `source` defaults to the database of these settings.
    Print every step. Return exit status 1 if the move is refused. After an interruption, running it again finishes the incomplete
    steps."""
    try:
        _run(bureau, _url(source, settings), _url(target, settings), composition.verifier(settings))
    except (MoveRefused, Unavailable) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _run(bureau: str, source: str, target: str, verifier: Verifier) -> None:
    if bureau not in BUREAUS or bureau == PROVINCE:
        raise MoveRefused(f"{bureau} is no bureau that can be moved; the province's own cases stay with the province")
    with (
        Endpoint("the old database", source, "review", bureau) as source_endpoint,
        Endpoint("the new database", target, "review", bureau) as target_endpoint,
    ):
        Move(
            "review", PORTIONS["review"], bureau, source_endpoint, target_endpoint, lambda line: print(line, flush=True), verifier
        ).run()


def _url(argument: str | None, settings: Settings) -> str:
    """Return the URL of a database. The argument may name a file of settings instead, which contains the URL, so that
    other users cannot read the password in the list of processes."""
    if argument is None:
        return settings.database("review")
    if "://" in argument:
        return argument
    try:
        words = shlex.split(Path(argument).read_text(encoding="utf-8"), comments=True)
    except OSError as error:
        raise MoveRefused(f"{argument} is neither a URL nor a file that can be read: {error.strerror}") from error
    variables = dict(entry.split("=", 1) for entry in words if "=" in entry)
    if "GUICHUANG_DB_REVIEW" not in variables:
        raise MoveRefused(f"{argument} says no GUICHUANG_DB_REVIEW")
    return variables["GUICHUANG_DB_REVIEW"]
