"""Who may read and change which application: by this service's own facts."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from services.application.domain.application import Application
from services.application.repository import cases
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor


@dataclass(frozen=True, slots=True)
class Reader:
    """How somebody may read an application: a `party` sees it as it stands, a `bureau` or `auditor` as it was last submitted,
    an `expert` the one `version` the province assigned, without what is not for scoring."""

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


def require_province(actor: Actor) -> None:
    """Raises Forbidden for everybody but the province's officers and chiefs."""
    if not (actor.official and actor.of_province):
        raise Forbidden(
            "province_only",
            "此操作只能由自治区科技厅办理。",
            "Only the provincial department can do this.",
        )
