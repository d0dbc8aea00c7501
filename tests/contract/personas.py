"""The personas of the access tables: accounts of every kind, named after their relation to one application of Liuzhou's and to
one consortium."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from deploy.demo.client import Account, Answer
from deploy.demo.formation import Formation
from deploy.demo.people import People

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
CITY, OTHER_CITY = "450200", "450300"
#: The names of all personas; the first is a visitor without an account. `own` is Liuzhou's bureau, the recommender; `other` is
#: another city's.
PERSONAS = (
    "nobody",
    "lead",
    "member",
    "stranger",
    "own officer",
    "own chief",
    "other officer",
    "other chief",
    "industry chief",
    "province officer",
    "province chief",
    "expert",
    "third party",
    "auditor",
    "portal",
    "operator",
)


@dataclass(frozen=True, slots=True)
class Cast:
    """The accounts of the personas, and the ids (`things`) of the objects whose names the access tables write in braces."""

    people: People
    formation: Formation
    things: dict[str, str]

    def send(self, persona: str, method: str, path: str, body: Any = None) -> Answer:
        """Send a request as a persona. In the path, the id of an object replaces its name in braces."""
        path = path.format_map(self.things)
        if isinstance(body, bytes):
            sent = {"data": body, "headers": {"Content-Type": XLSX}}
            return (self.people.server if persona == "nobody" else self.account(persona)).send(method, path, **sent)
        if persona == "nobody":
            return self.people.server.send(method, path, body=body)
        return self.account(persona).send(method, path, body=body)

    def account(self, persona: str) -> Account:
        people, formation = self.people, self.formation
        who = {
            "lead": lambda: formation.lead,
            "member": lambda: people.applicant(formation.units[1]["uscc"]),
            "stranger": lambda: people.role("applicant"),
            "own officer": lambda: people.officer(CITY),
            "own chief": lambda: people.chief(CITY),
            "other officer": lambda: people.officer(OTHER_CITY),
            "other chief": lambda: people.chief(OTHER_CITY),
            "industry chief": lambda: people.chief("GX-MIIT"),
            "province officer": lambda: people.officer(),
            "province chief": lambda: people.chief(),
            "expert": lambda: people.role("expert"),
            "third party": lambda: people.role("third_party"),
            "auditor": lambda: people.role("auditor"),
            "portal": lambda: people.role("portal"),
            "operator": lambda: people.role("operator"),
        }
        return who[persona]()
