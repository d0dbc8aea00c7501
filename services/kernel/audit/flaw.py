"""Flaws of the audit log: places where a chain or an anchor fails the check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """A place where a chain or an anchor fails the check."""

    bureau: str
    #: The number of the faulty link in its chain; 0 if the flaw concerns no link.
    number: int
    what: str
    #: Whether a restore that the service recorded and signed explains the flaw. Such a flaw is reported, but is no sign of
    #: tampering.
    explained: bool = False
    #: Whether the missing anchors may still arrive, because the keeper that lacks them (for a chain: every keeper) has received
    #: no event of the service since these entries were written: the keeper, or the connection to it, is unavailable. The newest
    #: part of the log is then not confirmed, but nothing indicates tampering.
    awaited: bool = False
    #: The code of the flaw's text for users, in the set `audit_flaw` of the labels.
    code: str = "changed"

    def __str__(self) -> str:
        return f"{self.bureau}{f', link {self.number}' if self.number else ''}: {self.what}"
