"""Grants. The service that owns a subject signs which actions an account may take on the subject's documents."""

from __future__ import annotations

from dataclasses import dataclass

from services.contracts.payload import JsonObject
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor

#: Kind of subject → the services that may grant access to the subject's documents: the service that owns the subject and, for a
#: consortium's documents, also the evaluation service, because a panel reads them.
GRANTORS = {
    "application": ("application",),
    "organisation": ("application",),
    "consortium": ("application", "evaluation"),
    "call": ("application",),
}

#: Kinds of document that only the province may upload, and only the province and auditors may read: the letter of a written
#: objection names its author.
INSIDE = frozenset(("written_objection",))


@dataclass(frozen=True, slots=True)
class Grant:
    """An action on a subject's documents that the service which owns the subject allows an account. `ids` limits the grant to
    some documents, `kinds` limits uploads to some kinds of document; None means no limit."""

    subject: str
    action: str
    username: str
    ids: tuple[str, ...] | None
    kinds: tuple[str, ...] | None = None

    @classmethod
    def from_dict(cls, data: JsonObject) -> Grant:
        """Read the content of a signed grant. Raises KeyError if a member is missing, so that no limit is lost."""
        ids, kinds = data["ids"], data.get("kinds")
        some = (None if ids is None else tuple(ids), None if kinds is None else tuple(kinds))
        return cls(data["subject"], data["action"], data["username"], *some)

    def require(self, subject: str, action: str, username: str) -> None:
        """Raise Forbidden unless this grant allows this account this action on this subject's documents."""
        if (self.subject, self.action, self.username) != (subject, action, username):
            raise Forbidden("grant_refused", "授权不适用于该文件。", "The grant is not for this document.")

    def require_upload(self, kind: str, actor: Actor) -> None:
        """Raise Forbidden unless the actor may upload documents of this kind."""
        if kind in INSIDE and not (actor.official and actor.of_province):
            raise Forbidden("province_only", "此类文件由自治区科技厅上传。", "The province uploads documents of this kind.")
        if self.kinds is not None and kind not in self.kinds:
            raise Forbidden("kind_refused", "您不能为该对象上传此类文件。", "You cannot add documents of this kind here.")

    def covers(self, id: str) -> bool:
        return self.ids is None or id in self.ids


def readable(kind: str, actor: Actor) -> bool:
    """Return whether the actor may read documents of this kind. The caller checks the grant for the subject."""
    return kind not in INSIDE or actor.has("auditor") or (actor.official and actor.of_province)


def grantors(subject: str) -> tuple[str, ...]:
    """Return the services that may grant access to a subject's documents."""
    return GRANTORS[subject.partition("/")[0]]
