"""The terms that a member confirms, as digests of the lead, the members, the tiers, the operating systems and the agreement's
files (A4(4), A5(3)1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.contracts.application.application_requests import MemberDict

#: Separates a file's name from the document's id in a key of the agreement's files; no file name contains a line break.
_APART = "\n"


@dataclass(frozen=True, slots=True)
class Terms:
    """The present terms of an application. `core`: the digest of the lead, the members, their tiers and the operating systems.
    `paper`: the digest of the agreement's files, None while there are none."""

    core: str
    paper: str | None

    @property
    def version(self) -> str:
        """Return the `agreement_version`, which a confirmation names."""
        return _digest([self.core, self.paper])

    def match(self, core: str | None, paper: str | None) -> bool:
        """Return whether a confirmation given for these two digests is still valid.

        The sealed agreement is often uploaded after the members have confirmed. The first upload completes the terms that they
        confirmed; a later, different file voids their confirmations.
        """
        return core == self.core and paper in (None, self.paper)


def terms_of(
    lead: str | None,
    members: Sequence[MemberDict],
    operating_systems: Mapping[str, str | None],
    agreement: Mapping[str, str],
) -> Terms:
    """Compute the terms. `agreement`: the agreement's files as `filed` returns them. The order of members and of files makes no
    difference."""
    tiers = sorted([member["organisation"], member.get("tier") or ""] for member in members)
    systems = sorted([name, text] for name, text in operating_systems.items() if text)
    files = sorted([name.partition(_APART)[0], sha256] for name, sha256 in agreement.items())
    return Terms(_digest([lead, tiers, systems]), _digest(files) if files else None)


@dataclass(frozen=True, slots=True)
class File:
    """One file of the agreement. Several documents may have the same file name."""

    document: str
    filename: str
    sha256: str


def filed(agreement: Mapping[str, str], file: File, replaced: Sequence[File] = ()) -> dict[str, str]:
    """Add `file` to the agreement's files, remove those in `replaced`, and return file name → SHA-256. If two documents have the
    same file name, the id of the later document is appended to its name, so that members confirm both."""
    removed = {(paper.filename, paper.sha256) for paper in replaced}
    remaining = {name: sha256 for name, sha256 in agreement.items() if (name.partition(_APART)[0], sha256) not in removed}
    name = f"{file.filename}{_APART}{file.document}" if file.filename in remaining else file.filename
    return remaining | {name: file.sha256}


def _digest(content: object) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:32]
