"""Rights to read and change applications and consortia. This service decides them from its own data alone."""

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
    """How an account may read an application. A `party` (an applicant's account of the lead or of a member) reads the present
    state. A `bureau` or an `auditor` reads the last submitted version. An `expert` reads the one `version` that the province
    assigned, until the case is decided, and without the parts that are not for scoring."""

    kind: str
    version: int | None = None

    @property
    def party(self) -> bool:
        return self.kind == "party"

    @property
    def expert(self) -> bool:
        return self.kind == "expert"


def reader(session: Session, actor: Actor, application: Application) -> Reader:
    """Return how the actor may read the application. Raises NotFound if the actor may not read it, because such an actor may not
    even know that it exists."""
    if actor.has("applicant") and actor.organisation in application.units:
        return Reader("party")
    if reads_for_bureau(actor) and application.special and actor.of_province and application.status == "draft":
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


def reads_for_bureau(actor: Actor) -> bool:
    """Return whether the actor reads for a bureau: as an officer, as a chief, or as the bureau's own portal."""
    return actor.bureau is not None and actor.has("officer", "chief", "portal")


def bureau_reads(actor: Actor, application: Application) -> bool:
    """Return whether the application is a case of the actor's bureau: it is a case of the recommender once it is submitted, and
    of the province once it has reached the province."""
    if not reads_for_bureau(actor):
        return False
    if actor.of_province:
        return application.at_province or application.special
    return application.recommender == actor.bureau and application.version > 0


def require_lead(session: Session, actor: Actor, application: Application) -> None:
    """Allow only an applicant of the lead or, for a special case, an official of the province (A8). Raises NotFound for actors
    who may not read the application, Forbidden for all others."""
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
    """Return whether the actor may read more of the consortium than the public does: the consortium's units and recommender, the
    province and auditors may."""
    if actor.has("auditor") or (reads_for_bureau(actor) and (actor.of_province or actor.bureau == consortium.recommender)):
        return True
    return actor.organisation is not None and register.is_unit(session, consortium.id, actor.organisation)


def readable_consortium(session: Session, actor: Actor, id: str) -> Consortium:
    """Return a consortium that the actor may read. Raises NotFound if the actor may not read it."""
    consortium = register.consortium(session, id)
    if not may_read_consortium(session, actor, consortium):
        raise register.no_consortium()
    return consortium


def lock_led_consortium(session: Session, actor: Actor, id: str) -> Consortium:
    """Lock and return a consortium that the actor's organisation leads. Raises Forbidden if the actor may only read it, NotFound
    if the actor may not read it, Conflict if the consortium is revoked or dissolved."""
    consortium = register.consortium(session, id, lock=True)
    if not (actor.has("applicant") and actor.organisation == consortium.lead):
        readable_consortium(session, actor, id)
        raise Forbidden("lead_only", "此操作只能由牵头单位办理。", "Only the lead can do this.")
    require_alive(consortium)
    return consortium


def reads_proposals(actor: Actor) -> bool:
    """Return whether the actor may read proposals to register a consortium of the plan of 2021: the province and auditors may."""
    return actor.has("auditor") or (reads_for_bureau(actor) and actor.of_province)


def require_alive(consortium: Consortium) -> None:
    """Raise Conflict if the consortium is revoked or dissolved."""
    if not consortium.alive:
        raise Conflict(
            "consortium_gone",
            "该创新联合体已被取消资格或已解散，不能办理此事项。",
            "This consortium is revoked or dissolved; nothing of this kind can be done.",
            status=consortium.status,
            article="A14",
        )


def reads_organisation(actor: Actor, organisation: Organisation) -> bool:
    """Return whether the actor may read an organisation's own data: the organisation itself, the city in which it is registered,
    the province and auditors may."""
    if actor.has("auditor") or (actor.has("applicant") and actor.organisation == organisation.uscc):
        return True
    return reads_for_bureau(actor) and (actor.of_province or actor.bureau == city_bureau_of(organisation.region or ""))


def require_verifier(actor: Actor, organisation: Organisation | None) -> Organisation:
    """Return the organisation if the actor is an official of the city in which it is registered, or of the province. Raises
    NotFound for actors who may not read it, Forbidden for all others."""
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
    """Raise Forbidden unless the actor is an officer or chief of the province."""
    if not (actor.official and actor.of_province):
        raise Forbidden(
            "province_only",
            "此操作只能由自治区科技厅办理。",
            "Only the provincial department can do this.",
        )
