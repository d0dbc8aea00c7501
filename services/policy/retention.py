"""How long documents and records are kept after their subject has ended."""

from __future__ import annotations

from dataclasses import dataclass

from services.kernel.errors import Text
from services.policy.toml_reader import Node

#: The events that start a retention term: the end of a recognised consortium (with its application), of a submitted application,
#: and of a draft that was never submitted; the day a watch-list entry is settled; and the day the verification of a declared fact
#: ceases to be in force.
ENDINGS = ("consortium", "application", "draft", "watch", "verification")


@dataclass(frozen=True, slots=True)
class Retention:
    """The retention term of one kind of case file or record, in calendar years from the day on which its subject ended; a draft's
    term runs from its last document."""

    of: str
    years: int
    title: Text

    @classmethod
    def read(cls, node: Node) -> Retention:
        """Read the terms from a policy document. Raises PolicyError for an unknown kind."""
        retention = cls(of=node.choice("of", ENDINGS), years=node.integer("years"), title=node.both("title"))
        node.close()
        return retention
