"""Grants to read and write documents. The service that owns a subject signs the grant, and the documents service trusts the
signature."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from services.application.access import readable_consortium, reader, reads_for_bureau, reads_organisation, reads_proposals
from services.application.domain.application import EDITABLE, Application
from services.application.domain.proposal import CONFIRMED, PROPOSED
from services.application.repository import cases, organisations, proposals
from services.application.tables import applications, changes, readers, versions
from services.kernel.errors import Forbidden, NotFound
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Signer
from services.objections.commands import LETTER

#: Seconds for which a grant is valid. The gateway uses it within the request for which it was issued.
GRANT_SECONDS = 60


class DocumentGrant(TypedDict):
    """A signed grant on the documents of a subject."""

    grant: str


def document_grant(session: Session, actor: Actor, signer: Signer, subject: str, action: str) -> DocumentGrant:
    """Return a signed grant to `read` or `write` the documents of a subject. Its `ids` are the only documents that it covers, its
    `kinds` the only kinds that may be uploaded; None means all.

    Raises NotFound for actors who may not know of the subject, Forbidden for actors who may read but not write.
    """
    kind, _, id = subject.partition("/")
    granting = {"application": _application, "organisation": _organisation, "consortium": _consortium, "call": _call}.get(kind)
    if granting is None or action not in ("read", "write"):
        raise _no_subject()
    ids = granting(session, actor, id, action)
    kinds = _letters_only(session, actor, id) if (kind, action) == ("application", "write") else None
    content = {"subject": subject, "action": action, "username": actor.username, "ids": ids, "kinds": kinds}
    return {"grant": signer.statement(content, seconds=GRANT_SECONDS)}


def _application(session: Session, actor: Actor, id: str, action: str) -> list[str] | None:
    application = cases.application(session, id)
    access = reader(session, actor, application)
    if action == "write":
        _require_writer(actor, application)
    if access.version is None:
        return None
    version = cases.version(session, id, access.version)
    return [document["id"] for document in version.documents] if version else []


def _require_writer(actor: Actor, application: Application) -> None:
    if not (_may_add_documents(actor, application) or _records_objections(actor, application)):
        raise _read_only()


def _may_add_documents(actor: Actor, application: Application) -> bool:
    lead = actor.has("applicant") and actor.organisation is not None and actor.organisation == application.lead
    province = application.special and actor.official and actor.of_province
    return (lead or province) and application.status in EDITABLE


def _records_objections(actor: Actor, application: Application) -> bool:
    """Return whether the actor may upload letters of written objections: an official of the province may, during the publicity
    period."""
    return actor.official and actor.of_province and application.status == "publicised"


def _letters_only(session: Session, actor: Actor, id: str) -> list[str] | None:
    application = cases.application(session, id)
    return None if _may_add_documents(actor, application) else [LETTER]


def _organisation(session: Session, actor: Actor, code: str, action: str) -> list[str] | None:
    """Return the ids of the organisation's documents that the actor may read or write; None means all. The organisation's own
    applicants get all, and so do, for writing, officials of the province. For reading, the province, auditors and the city of its
    registration, which verifies its declared facts, get all. Reviewers of an application get the documents that it names."""
    if actor.has("applicant") and actor.organisation == code:
        return None
    if action == "write" and actor.official and actor.of_province:
        return None  # The province uploads documents here that justify the repair of an integrity record.
    reviews = reads_for_bureau(actor) or actor.has("auditor", "expert", "third_party")
    if action == "write" or not reviews:
        raise _no_subject()
    if actor.has("auditor") or actor.of_province or _is_its_city(session, actor, code):
        return None
    submitted = select(versions.c.documents).join(applications, applications.c.id == versions.c.application_id)
    in_bureau = applications.c.recommender == actor.bureau if actor.bureau else None
    assigned = select(readers.c.application_id).where(*cases.given_to(actor.username), readers.c.version == versions.c.number)
    readable = applications.c.id.in_(assigned.correlate(versions))
    scope = readable if in_bureau is None else or_(in_bureau, readable)
    prefix = f"organisation.{code}."
    rows = session.execute(submitted.where(applications.c.lead == code, scope)).scalars()
    return sorted({paper["id"] for papers in rows for paper in papers if paper["id"].startswith(prefix)})


def _is_its_city(session: Session, actor: Actor, code: str) -> bool:
    organisation = organisations.by_code(session, [code]).get(code)
    return organisation is not None and reads_organisation(actor, organisation)


def _consortium(session: Session, actor: Actor, id: str, action: str) -> list[str] | None:
    if reads_proposals(actor) and (proposal := proposals.find(session, id)) and proposal.status != CONFIRMED:
        if action == "write" and not (actor.official and proposal.status == PROPOSED):
            raise _read_only()
        return None
    try:
        consortium = readable_consortium(session, actor, id)
    except NotFound:
        signed = _signed_papers(session, actor, id)
        if action == "write" or not signed:
            raise
        return signed
    lead = actor.has("applicant") and actor.organisation == consortium.lead
    if action == "write" and not (lead or actor.official):
        raise _read_only()
    return None


def _call(session: Session, actor: Actor, id: str, action: str) -> None:
    """Let every actor read the files of a call, and only the province's officials add files."""
    call = cases.call(session, id)
    if action == "write":
        if not (actor.official and actor.of_province):
            raise _read_only()
        call.require_standing()


def _signed_papers(session: Session, actor: Actor, id: str) -> list[str]:
    """Return the ids of the documents of those changes on which this bureau gave its opinion before the consortium was handed
    over."""
    if not reads_for_bureau(actor):
        return []
    rows = session.execute(select(changes.c.papers, changes.c.recommendation).where(changes.c.consortium_id == id))
    recommended = [row.papers for row in rows if row.recommendation and row.recommendation["by"] == actor.bureau]
    return sorted({paper["id"] for papers in recommended for paper in papers})


def _no_subject() -> NotFound:
    return NotFound(
        "subject_not_found",
        "没有这一对象，或您无权查看其文件。",
        "There is no such subject, or its documents are not yours to see.",
    )


def _read_only() -> Forbidden:
    return Forbidden(
        "read_only",
        "您不能为该对象上传文件；只有牵头单位可以，且申请须为草稿或已退回补正。",
        "You cannot add documents here: only the lead can, while the application is a draft or returned.",
    )
