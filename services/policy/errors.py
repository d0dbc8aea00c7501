"""Errors of policy documents and of their use."""

from __future__ import annotations

from services.kernel.errors import Text


class PolicyError(ValueError):
    """An invalid policy document, or an invalid use of a policy. `path`: where in the document the mistake is, or the rule
    concerned; `text`: what is wrong."""

    def __init__(self, path: str, zh: str, en: str) -> None:
        super().__init__(f"{path}: {en}")
        self.path = path
        self.text = Text(zh, en)


class UnknownPolicy(KeyError):
    """There is no policy with this reference, or no policy was in force on this date."""

    def __str__(self) -> str:
        return str(self.args[0])
