"""A place where the audit log or an anchor does not hold."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where a chain does not hold."""

    bureau: str
    #: The link; 0 where it is about no link.
    number: int
    what: str
    #: A restore that the service signed explains it: it is reported and is no sign of tampering.
    explained: bool = False
    #: What people read for it, in `audit_flaw` of the labels.
    code: str = "changed"

    def __str__(self) -> str:
        return f"{self.bureau}{f', link {self.number}' if self.number else ''}: {self.what}"
