"""What a member confirms: a digest over lead, members, tiers, operating systems and the agreement on file (A4(4), A5(3)1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

#: Between a file's name and the document's id; no name holds a line break.
_APART = "\n"


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms as they stand. `core` covers what the application says; `paper` the agreement on file, None before there is
    one."""

    core: str
    paper: str | None

    @property
    def version(self) -> str:
        """The `agreement_version` a confirmation names."""
        return _digest([self.core, self.paper])

    def are_those_of(self, core: str | None, paper: str | None) -> bool:
        """Whether a confirmation of these two digests stands.

        The sealed agreement is often filed after the members have confirmed: the first one filed completes what they
        confirmed, another one in its place voids it.
        """
        return core == self.core and paper in (None, self.paper)


def terms_of(
    lead: str | None,
    members: Sequence[Mapping[str, Any]],
    operating_systems: Mapping[str, str | None],
    agreement: Mapping[str, str],
) -> Terms:
    """`agreement`: the agreement's files as `filed` keeps them. The order of members and of files means nothing."""
    tiers = sorted([member["organisation"], member.get("tier") or ""] for member in members)
    systems = sorted([name, text] for name, text in operating_systems.items() if text)
    files = sorted([name.partition(_APART)[0], sha256] for name, sha256 in agreement.items())
    return Terms(_digest([lead, tiers, systems]), _digest(files) if files else None)


@dataclass(frozen=True, slots=True)
class File:
    """A file of the agreement. Several documents may be called alike."""

    document: str
    filename: str
    sha256: str


def filed(agreement: Mapping[str, str], file: File, replaced: Sequence[File] = ()) -> dict[str, str]:
    """File name → SHA-256 of the agreement's files with one more, which takes the place of those it `replaced`. Of two documents
    called alike the later one has its id behind its name, so that members confirm both."""
    gone = {(one.filename, one.sha256) for one in replaced}
    kept = {name: sha256 for name, sha256 in agreement.items() if (name.partition(_APART)[0], sha256) not in gone}
    name = f"{file.filename}{_APART}{file.document}" if file.filename in kept else file.filename
    return kept | {name: file.sha256}


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:32]
