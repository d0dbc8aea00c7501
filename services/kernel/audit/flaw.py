"""Flaws of the audit log: places where a chain or an anchor fails the check."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """A place where a chain or an anchor fails the check."""

    bureau: str
    #: The number of the link; 0 if the flaw concerns no link.
    number: int
    what: str
    #: A restore that the service signed explains the flaw: it is reported, but is no sign of tampering.
    explained: bool = False
    #: No keeper has received an event of the service since these entries were written, so their anchors may be on their way: the
    #: keeper or the link to it is away. The newest part of the log is not confirmed, and nothing indicates tampering.
    awaited: bool = False
    #: The code of the flaw's text for users, in the set `audit_flaw` of the labels.
    code: str = "changed"

    def __str__(self) -> str:
        return f"{self.bureau}{f', link {self.number}' if self.number else ''}: {self.what}"
