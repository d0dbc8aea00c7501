"""Who may read and change which application: by this service's own facts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.application.domain.application import Application
from services.application.domain.consortium import Consortium
from services.application.domain.organisation import Organisation
from services.application.repository import cases, organisations, register
from services.kernel.errors import Conflict, Forbidden
from services.kernel.identity import Actor
from services.policy import city_bureau_of


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody may read an application: a `party` sees it as it stands, a `bureau` or `auditor` as it was last submitted,
    an `expert` the one `version` the province assigned, without what is not for scoring, until it is decided."""

    kind: str
    version: int | None = None

    @property
    def party(self) -> bool:
        return self.kind == "party"

    @property
    def expert(self) -> bool:
        return self.kind == "expert"


def reader(session: Session, actor: Actor, application: Application) -> Reader:
    """How the actor may read it. Raises NotFound for everybody else: whether it exists is not theirs to know."""
    if actor.has("applicant") and actor.organisation in application.units:
        return Reader("party")
    if works_at(actor) and application.special and actor.of_province and application.status == "draft":
        return Reader("party")
    if bureau_reads(actor, application):
        return Reader("bureau")
    if actor.has("auditor"):
        return Reader("auditor")
    if actor.has("expert", "third_party"):
        version = cases.assigned_version(session, application.id, actor.username)
        if version is not None:
            return Reader("expert", version)
    raise cases.no_application()


def works_at(actor: Actor) -> bool:
    """Whether the actor reads for a bureau: its officers and chiefs, and its own portal."""
    return actor.bureau is not None and actor.has("officer", "chief", "portal")


def bureau_reads(actor: Actor, application: Application) -> bool:
    """Whether it is a case of the actor's bureau: the recommender's once submitted, the province's once its turn has come."""
    if not works_at(actor):
        return False
    if actor.of_province:
        return application.at_province or application.special
    return application.recommender == actor.bureau and application.version > 0


def require_lead(session: Session, actor: Actor, application: Application) -> None:
    """Only the lead's applicant, or for a special case the province's officials (A8), may go on. Raises NotFound for those
    who may not even read it, Forbidden for the others."""
    if actor.has("applicant") and actor.organisation is not None and actor.organisation == application.lead:
        return
    if application.special and actor.official and actor.of_province:
        return
    reader(session, actor, application)
    raise Forbidden(
        "lead_only",
        "此操作只能由牵头单位办理。",
        "Only the lead can do this.",
    )


def may_read_consortium(session: Session, actor: Actor, consortium: Consortium) -> bool:
    """Its units, its recommender, the province and auditors read more of it than the public does."""
    if actor.has("auditor") or (works_at(actor) and (actor.of_province or actor.bureau == consortium.recommender)):
        return True
    return actor.organisation is not None and register.is_unit(session, consortium.id, actor.organisation)


def readable_consortium(session: Session, actor: Actor, id: str) -> Consortium:
    """One that the actor may read. Raises NotFound for others."""
    consortium = register.consortium(session, id)
    if not may_read_consortium(session, actor, consortium):
        raise register.no_consortium()
    return consortium


def led_consortium(session: Session, actor: Actor, id: str) -> Consortium:
    """One that the actor's organisation leads, locked. Raises Forbidden for who may read it, NotFound for others, Conflict for
    one that is revoked or dissolved."""
    consortium = register.consortium(session, id, lock=True)
    if not (actor.has("applicant") and actor.organisation == consortium.lead):
        readable_consortium(session, actor, id)
        raise Forbidden("lead_only", "此操作只能由牵头单位办理。", "Only the lead can do this.")
    require_alive(consortium)
    return consortium


def reads_proposals(actor: Actor) -> bool:
    """Whether the actor reads the consortia of the plan of 2021 that are proposed for the register: the province and auditors."""
    return actor.has("auditor") or (works_at(actor) and actor.of_province)


def require_alive(consortium: Consortium) -> None:
    """Raises Conflict for one that is revoked or dissolved."""
    if not consortium.alive:
        raise Conflict(
            "consortium_gone",
            "该创新联合体已被取消资格或已解散，不能办理此事项。",
            "This consortium is revoked or dissolved; nothing of this kind can be done.",
            status=consortium.status,
            article="A14",
        )


def reads_organisation(actor: Actor, organisation: Organisation) -> bool:
    """Whether the actor may read an organisation's own data: itself, the city of its registration, the province, auditors."""
    if actor.has("auditor") or (actor.has("applicant") and actor.organisation == organisation.uscc):
        return True
    return works_at(actor) and (actor.of_province or actor.bureau == city_bureau_of(organisation.region or ""))


def require_verifier(actor: Actor, organisation: Organisation | None) -> Organisation:
    """The organisation, where the actor is an official of the city in which it is registered, or of the province. Raises NotFound
    for those who may not even read it, Forbidden for the others."""
    if organisation is None or not reads_organisation(actor, organisation):
        raise organisations.no_organisation()
    if not actor.official:
        raise Forbidden(
            "bureau_only",
            "核验由单位所在地设区市科技局或自治区科技厅办理。",
            "The city in which it is registered, or the province, verifies this.",
        )
    return organisation


def require_province(actor: Actor) -> None:
    """Raises Forbidden for everybody but the province's officers and chiefs."""
    if not (actor.official and actor.of_province):
        raise Forbidden(
            "province_only",
            "此操作只能由自治区科技厅办理。",
            "Only the provincial department can do this.",
        )
