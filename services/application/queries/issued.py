"""What stands in the papers of applications and of the register; `documents` typesets it."""

from __future__ import annotations

from typing import Any

from sqlalchemy.orm import Session

from services.application.access import reader
from services.application.queries.applications import get_application
from services.application.queries.consortia import get_consortium, public_consortia
from services.application.repository import cases
from services.kernel import issued
from services.kernel.errors import NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.settings import Settings
from services.kernel.signing import Signer

#: Where the application as it stands may differ from the version handed in.
_BEING_WRITTEN = ("draft", "returned")


def application_paper(session: Session, actor: Actor, signer: Signer, *, id: str) -> dict[str, Any]:
    """The application form (A6(1)): to its parties as it stands, a draft marked as one; to others as it was handed in."""
    facts = get_application(session, actor, id)
    call = cases.call(session, facts["call_id"]) if facts["call_id"] else None
    draft = facts["status"] in _BEING_WRITTEN
    return issued.stated(
        signer,
        actor,
        paper="application_form",
        subject=f"application/{id}",
        version=f"draft.{facts['etag']}" if draft else str(facts["version"]),
        bureau=facts["recommender"] or PROVINCE,
        recommender=facts["recommender"],
        facts=facts | {"call_title": call.title if call else None, "draft": draft},
    )


def decision_paper(session: Session, actor: Actor, signer: Signer, *, id: str) -> dict[str, Any]:
    """The province's decision (A6(2)), for those who may know of it. Conflict before there is one."""
    application = cases.application(session, id)
    if reader(session, actor, application).expert:
        raise NotFound(
            "application_not_found", "没有这一申请，或您无权查看。", "There is no such application, or it is not yours to see."
        )
    facts = get_application(session, actor, id)
    decision = facts["decision"]
    if decision is None:
        raise issued.not_yet("尚未作出决定。", "There is no decision yet.", facts["status"])
    names = ("name", "field", "lead", "lead_name", "recommender", "status", "version", "publicity", "members")
    return issued.stated(
        signer,
        actor,
        paper="decision",
        subject=f"application/{id}",
        version=str(facts["version"]),
        bureau=PROVINCE,
        recommender=facts["recommender"],
        facts={name: facts[name] for name in names} | {"decision": decision, "declined": facts["status"] == "declined"},
    )


def certificate_paper(session: Session, actor: Actor, signer: Signer, settings: Settings, *, id: str) -> dict[str, Any]:
    """The certificate of recognition (A6(2)) as the register stands; one of a consortium that is gone is marked so."""
    facts = get_consortium(session, actor, id)
    return issued.stated(
        signer,
        actor,
        paper="certificate",
        subject=f"consortium/{id}",
        version=facts["etag"],
        bureau=facts["recommender"],
        recommender=facts["recommender"],
        facts=facts | {"verify_at": f"{settings.public_url}/api/v1/public/certificates/{facts['number']}"},
    )


def public_certificate(session: Session, *, number: str) -> dict[str, Any]:
    """What anybody may check of a certificate: whether there is such a consortium, and whether its recognition stands.
    NotFound for a number that was never given."""
    found = public_consortia(session, limit=1, number=number)["items"]
    if not found:
        raise NotFound(
            "no_such_certificate",
            "没有这一编号的认定证书，请核对编号；查无此证的，证书不真实。",
            "No certificate has this number; compare it. A certificate that is not found here is not genuine.",
        )
    return dict(found[0]) | {"in_force": found[0]["status"] not in ("revoked", "dissolved")}
