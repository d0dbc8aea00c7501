"""How long documents and records are kept after what they are about has ended."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.errors import Text
from services.policy.toml_reader import Node

#: Endings that start a term: of a recognised consortium with the application it came from, of an application that was handed in,
#: of one that never was; of an entry of the watch list (when it is settled) and of the verification of a declared fact (when it
#: ceases to be valid).
ENDINGS = ("consortium", "application", "draft", "watch", "verification")


@dataclass(frozen=True, slots=True)
class Retention:
    """The term of one kind of case file or record, in calendar years from the day it ended (a draft: from its last document)."""

    of: str
    years: int
    title: Text

    @classmethod
    def read(cls, node: Node) -> Retention:
        """Raises PolicyError for an unknown kind."""
        retention = cls(of=node.choice("of", ENDINGS), years=node.integer("years"), title=node.both("title"))
        node.close()
        return retention
