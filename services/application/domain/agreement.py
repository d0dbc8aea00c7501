"""What a member confirms: a digest over lead, members, tiers, operating systems and the agreement on file (A4(4), A5(3)1)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


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
    """`agreement`: file name → SHA-256 of the agreement's files. The order of members means nothing."""
    tiers = sorted([member["organisation"], member.get("tier") or ""] for member in members)
    systems = sorted([name, text] for name, text in operating_systems.items() if text)
    return Terms(_digest([lead, tiers, systems]), _digest(sorted(agreement.items())) if agreement else None)


def _digest(content: Any) -> str:
    return hashlib.sha256(json.dumps(content, ensure_ascii=False, separators=(",", ":")).encode()).hexdigest()[:32]
