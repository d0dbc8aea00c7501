"""A chief of the province places a legal hold on a case file, or lifts it. Both acts need a written reason, are audited, and are
announced to the services that store rows about the case."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.document_answers import HoldAnswerDict
from services.contracts.document_payloads import HoldChanged
from services.documents.commands.lock_objects import look_at_file
from services.documents.domain.case_file import Hold, require_holder
from services.documents.domain.document import subject_of
from services.documents.repository import case_files
from services.documents.repository import documents as repository
from services.kernel.clock import Clock
from services.kernel.errors import Invalid
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence.unit_of_work import record_change


def place_hold(
    session: Session, clock: Clock, actor: Actor, *, reason: str, subject: str | None, document: str | None
) -> HoldAnswerDict:
    """Place a legal hold: the subject's documents, and the whole case file to which they belong, are kept until the hold is
    lifted. If a `document` is named instead of a subject, the hold is placed on the document's subject.

    Raises Forbidden for any actor but a chief of the province, NotFound for an unknown document, Invalid for a subject without a
    case file, and unless either a subject or a document is named.
    """
    require_holder(actor)
    if (subject is None) == (document is None):
        raise Invalid.field(
            "/subject", "subject_or_document", "请填写保全对象或文件编号其中之一。", "Name either the subject or the document."
        )
    if document:
        subject = repository.get(session, document).subject
        assert subject == subject_of(document)
    if subject is None or not case_files.known(session, subject):
        raise Invalid.field(
            "/subject",
            "nothing_filed",
            "该对象没有任何文件或案卷，请核对编号。",
            "Nothing was ever filed under it; check the id.",
        )
    # Lock the case file, so that no document of it is deleted before the hold is committed.
    case_files.record(session, subject, clock.now())
    hold = Hold(new_id(), subject, document, reason, actor.username, clock.now())
    session.add(hold)
    session.flush()
    look_at_file(session, subject)
    _announce(session, hold)
    return hold.shown()


def lift_hold(session: Session, clock: Clock, actor: Actor, *, id: str, reason: str) -> HoldAnswerDict:
    """Lift a legal hold. The next sweep deletes those documents of the case file whose retention term is over. Raises Forbidden
    unless the actor is a chief of the province, NotFound, and Conflict if the hold was lifted already."""
    require_holder(actor)
    hold = case_files.hold(session, id, lock=True)
    before = hold.shown()
    hold.lift(actor.username, clock.now(), reason)
    look_at_file(session, hold.subject)
    record_change(session, "hold.lifted", hold.subject, _told(hold), bureau=PROVINCE, before=before, after=hold.shown())
    return hold.shown()


def unannounced(session: Session) -> list[str]:
    """Sweep: return the ids of the active holds that no event has announced, because an earlier release placed them."""
    return case_files.unannounced_holds(session)


def announce(session: Session, id: str) -> str:
    """Sweep: publish the event of one hold, so that the other services learn of it."""
    hold = case_files.hold(session, id, lock=True)
    if hold.announced or hold.lifted_at is not None:
        return "nothing"
    _announce(session, hold)
    return "announced"


def _announce(session: Session, hold: Hold) -> None:
    hold.announced = True
    session.flush()
    record_change(session, "hold.placed", hold.subject, _told(hold), bureau=PROVINCE, after=hold.shown())


def _told(hold: Hold) -> HoldChanged:
    return HoldChanged(hold=hold.id, subject=hold.subject)
