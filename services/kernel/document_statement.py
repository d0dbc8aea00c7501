"""The facts of a generated document, signed by the service that owns the case. The documents service typesets them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypedDict

from sqlalchemy.orm import Session

from services.contracts.acts import ActMade
from services.contracts.payload import JsonObject, Payload
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Signer
from services.kernel.persistence import unit_of_work

#: Seconds for which a statement is valid. The gateway uses it within the request for which it was issued.
SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class StatedFacts(Payload):
    """The signed content: this account may have the document `paper` about this `subject`, which contains these `facts`; their
    members depend on the kind of document. `act` ({id, bureau, on}) identifies the act that a document with a number (文号)
    records."""

    paper: str
    subject: str
    version: str
    bureau: str
    recommender: str | None
    username: str
    facts: JsonObject
    act: dict[str, str] | None


class DocumentStatement(TypedDict):
    """A signed statement of the facts of a document, and the accounts that the document names."""

    statement: str
    people: list[str]


def document_statement(
    signer: Signer,
    actor: Actor,
    *,
    paper: str,
    subject: str,
    version: str,
    bureau: str,
    recommender: str | None,
    facts: Mapping[str, object],
    act: Mapping[str, str] | None = None,
    people: Sequence[str | None] = (),
) -> DocumentStatement:
    """Return a signed statement that this account may have the generated document `paper` about this `subject`, and of the facts
    that the document contains. `act` ({id, bureau, on}) identifies the act that a document with a number (文号) records; `people`
    are the accounts that the document names."""
    content = StatedFacts(
        paper=paper,
        subject=subject,
        version=version,
        bureau=bureau,
        recommender=recommender,
        username=actor.username,
        facts=dict(facts),
        act=dict(act) if act else None,
    )
    usernames = sorted({username for username in people if username})
    return {"statement": signer.statement(content.to_dict(), seconds=SECONDS), "people": usernames}


def announce_act(
    session: Session,
    paper: str,
    subject: str,
    act: Mapping[str, str],
    *,
    recommender: str | None,
    origin: str | None = None,
) -> None:
    """Notify the documents service of an act whose document has a document number, so that the number is assigned at the time of
    the act, and not only when a reader first requests the document. `act` as in `document_statement`. `origin`: the bureau
    through whose exchange the event is published, for a service that runs per bureau."""
    payload = ActMade(paper=paper, act=dict(act))
    type = f"{unit_of_work.current(session).service}.act_made"
    unit_of_work.publish(session, type, subject, payload, bureau=act["bureau"], recommender=recommender, origin=origin)


def not_yet_available(zh: str, en: str, status: str) -> Conflict:
    """Return the error for a document that cannot be generated yet; `zh` and `en` say what must happen before."""
    return Conflict("no_paper_yet", zh, en, status=status)
