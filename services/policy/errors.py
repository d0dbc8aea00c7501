"""What can be wrong with a policy document, or with the way a policy is used."""

from __future__ import annotations

from services.kernel.errors import Text


class PolicyError(ValueError):
    """A policy document, or a use of a policy, that cannot be accepted; `path` names the place, `text` says why."""

    def __init__(self, path: str, zh: str, en: str) -> None:
        super().__init__(f"{path}: {en}")
        self.path = path
        self.text = Text(zh, en)


class UnknownPolicy(KeyError):
    """No policy of this reference, or none in force on this date."""

    def __str__(self) -> str:
        return str(self.args[0])
