"""File, answer and confirm objections: the procedure shared by recognitions and grades (A6(2), A13)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.contracts.attachment import Attachment
from services.contracts.objection_payloads import PreparedAnswerDict, WrittenObjectionPart
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Forbidden, Invalid
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier
from services.kernel.preconditions import require_current
from services.objections import repository
from services.objections.domain import UPHELD, Objection

#: The document kind of the letter of a written objection. Only the province and auditors may read it.
LETTER = "written_objection"


@dataclass(frozen=True, slots=True)
class Disputed:
    """The decision or grade to which an objection is made. `case` is the id of the case, `kind` the service's class of
    objections, `lead` the code of the leading organisation, `documents` the subject under which the letters of written objections
    are uploaded, `status` the present status of the case, `article` the citation."""

    case: str
    kind: type[Objection]
    lead: str | None
    documents: str
    status: str
    article: str


def require_objector(actor: Actor, disputed: Disputed, written: WrittenObjectionPart | None) -> None:
    """Check that the actor may object: an applicant of any organisation but the lead may object, and the province may record the
    objection of a person who wrote a letter (`written`).

    Raises Forbidden for all other actors, Invalid if the province gives no data about the letter.
    """
    if actor.official and actor.of_province:
        if not written:
            raise Invalid.field(
                "/written",
                "required",
                "自治区科技厅登记书面异议，须填写异议人、收到日期和来函。",
                "The province records written objections: say who wrote, when it was received, and give the letter.",
            )
        return
    if written:
        raise Forbidden("province_only", "书面异议由自治区科技厅登记。", "The province records written objections.")
    actor.require("applicant")
    if actor.organisation is None or actor.organisation == disputed.lead:
        raise Forbidden(
            "lead_cannot_object",
            "牵头单位不能对本单位牵头的创新联合体提出异议。",
            "The lead cannot object in its own case.",
        )


def file(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    disputed: Disputed,
    reason: str,
    written: WrittenObjectionPart | None,
    documents_statement: str | None,
) -> Objection:
    """Store an objection. The caller must have called `require_objector` and must have locked the case.

    Raises Conflict while another objection of the same organisation to the case is unanswered, Invalid for a letter that does not
    exist and for a day of receipt in the future.
    """
    if actor.organisation and repository.is_open(session, disputed.kind, disputed.case, actor.organisation):
        raise Conflict(
            "objection_open",
            "贵单位已有待答复的异议，答复后才能再次提出。",
            "An objection of your organisation waits for its answer; another can be filed after that.",
            status=disputed.status,
            article=disputed.article,
        )
    filed = disputed.kind(
        id=new_id(),
        case=disputed.case,
        organisation=None if written else actor.organisation,
        reason=reason,
        filed_by=actor.username,
        filed_at=clock.now(),
    )
    if written:
        filed.objector = {"name": written.objector.name, "contact": written.objector.contact}
        filed.received_on = written.received_on
        if filed.received_on > clock.today():
            raise Invalid.field(
                "/written/received_on", "date_ahead", "收到日期不能晚于今天。", "It cannot be received after today."
            )
        filed.document = _letter(verifier, documents_statement, written.document, disputed.documents)
    session.add(filed)
    session.flush()
    return filed


def _letter(verifier: Verifier, statement: str | None, id: str, subject: str) -> Attachment:
    """Return `id`, `kind` and `filename` of the letter, according to the documents service's signed statement. Raises Invalid if
    the statement does not name the letter."""
    stated = verifier.read(statement, "documents")["documents"] if statement else []
    for paper in stated:
        if (paper["id"], paper["subject"], paper["kind"]) == (id, subject, LETTER):
            return {"id": paper["id"], "kind": paper["kind"], "filename": paper["filename"]}
    raise Invalid.field(
        "/written/document",
        "unknown_document",
        "没有这份来函，或尚未通过核验；请以“书面异议”类别上传并完成核验后再填写其编号。",
        f"There is no such letter, or it is not verified yet; upload it with the kind {LETTER} and complete it first.",
    )


def answer(
    session: Session,
    clock: Clock,
    actor: Actor,
    disputed: Disputed,
    ids: Sequence[str],
    text: str,
    outcome: str,
    *,
    four_eyes: bool,
) -> tuple[list[Objection], bool]:
    """Answer objections of the same content, as an official of the province. Return the objections, and whether they are answered
    now. An answer that upholds the objections, and any answer if `four_eyes` is true, waits until a chief who did not prepare it
    signs it. It replaces an earlier answer that was waiting.

    Raises NotFound, and Conflict for an objection that is answered already.
    """
    objections = [repository.objection_of_case(session, disputed.kind, disputed.case, id, lock=True) for id in dict.fromkeys(ids)]
    for objection in objections:
        objection.require_open()
        _drop_prepared(session, disputed, objection)
    if outcome == UPHELD or four_eyes:
        prepared: PreparedAnswerDict = {
            "answer": text,
            "outcome": outcome,
            "objections": [objection.id for objection in objections],
            "by": actor.username,
            "at": clock.now().isoformat(),
        }
        for objection in objections:
            objection.prepared = prepared
        return objections, False
    for objection in objections:
        objection.settle(text, outcome, actor.username, clock.now())
    return objections, True


def _drop_prepared(session: Session, disputed: Disputed, objection: Objection) -> None:
    """Discard the answer to this objection that waits for its second signature, for all objections that it answers, because this
    objection gets another answer."""
    for id in objection.prepared["objections"] if objection.prepared else ():
        repository.objection_of_case(session, disputed.kind, disputed.case, id, lock=True).prepared = None


def confirm(
    session: Session, clock: Clock, actor: Actor, disputed: Disputed, id: str, if_match: str | None
) -> tuple[list[Objection], str]:
    """Sign, as a chief of the province, the answer that another person prepared, for every objection that it answers. Return the
    objections and the outcome. `if_match` is the ETag of the objection with the answer that was read.

    Raises NotFound, Conflict if no answer is prepared or the actor prepared it, PreconditionRequired and PreconditionFailed if
    `if_match` is not the objection's present ETag.
    """
    prepared_objection = repository.objection_of_case(session, disputed.kind, disputed.case, id, lock=True)
    prepared = prepared_objection.require_prepared()
    require_current(if_match, prepared_objection.etag)
    if prepared["by"] == actor.username:
        raise Conflict(
            "own_draft",
            "不能确认自己拟定的答复，请由其他负责人确认。",
            "Nobody signs their own draft; another chief confirms the answer.",
            status="open",
        )
    objections = [
        repository.objection_of_case(session, disputed.kind, disputed.case, each, lock=True) for each in prepared["objections"]
    ]
    for objection in objections:
        objection.settle(prepared["answer"], prepared["outcome"], prepared["by"], clock.now(), actor.username)
    return objections, prepared["outcome"]
