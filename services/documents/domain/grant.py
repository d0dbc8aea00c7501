"""Grants: the owner of a subject says, signed, which actions on its documents an account may take."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from services.kernel.errors import Forbidden
from services.kernel.identity import Actor

#: The service whose grant opens a subject's documents: its owner; for a consortium's documents and experts, the one that has
#: their panel.
GRANTORS = {
    "application": ("application",),
    "organisation": ("application",),
    "consortium": ("application", "evaluation"),
    "call": ("application",),
}

#: Kinds that only the province uploads, and only it and auditors read: the letter of a written objection names its author.
INSIDE = frozenset(("written_objection",))


@dataclass(frozen=True, slots=True)
class Grant:
    """The actions on a subject's documents that its owner allows an account; `ids` limits it to some documents, `kinds` an upload
    to some kinds; None means all."""

    subject: str
    action: str
    username: str
    ids: tuple[str, ...] | None
    kinds: tuple[str, ...] | None = None

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Grant:
        ids, kinds = data["ids"], data.get("kinds")
        some = (None if ids is None else tuple(ids), None if kinds is None else tuple(kinds))
        return cls(data["subject"], data["action"], data["username"], *some)

    def require(self, subject: str, action: str, username: str) -> None:
        """Raise Forbidden unless the grant is for this subject, action and account."""
        if (self.subject, self.action, self.username) != (subject, action, username):
            raise Forbidden("grant_refused", "授权不适用于该文件。", "The grant is not for this document.")

    def require_upload(self, kind: str, actor: Actor) -> None:
        """Raise Forbidden unless this account may upload this kind."""
        if kind in INSIDE and not (actor.official and actor.of_province):
            raise Forbidden("province_only", "此类文件由自治区科技厅上传。", "The province uploads documents of this kind.")
        if self.kinds is not None and kind not in self.kinds:
            raise Forbidden("kind_refused", "您不能为该对象上传此类文件。", "You cannot add documents of this kind here.")

    def covers(self, id: str) -> bool:
        return self.ids is None or id in self.ids


def readable(kind: str, actor: Actor) -> bool:
    """Whether the account may read documents of a kind whose subject it may read."""
    return kind not in INSIDE or actor.has("auditor") or (actor.official and actor.of_province)


def grantors(subject: str) -> tuple[str, ...]:
    """The services whose grant opens a subject's documents."""
    return GRANTORS[subject.partition("/")[0]]
