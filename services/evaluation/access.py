"""Access rules of the evaluation service, which it decides from its own data without asking another service."""

from __future__ import annotations

from services.evaluation.domain.consortium import Consortium
from services.evaluation.repository.consortia import no_consortium
from services.kernel.errors import Forbidden
from services.kernel.identity import Actor


def require_province(actor: Actor) -> None:
    """Raise Forbidden unless the actor is an officer or chief of the province."""
    if not (actor.official and actor.of_province):
        raise Forbidden("province_only", "此操作只能由自治区科技厅办理。", "Only the provincial department can do this.")


def require_provincial_chief(actor: Actor) -> None:
    """Raise Forbidden unless the actor is a chief of the province."""
    require_province(actor)
    actor.require("chief")


def is_lead(actor: Actor, consortium: Consortium) -> bool:
    return actor.has("applicant") and actor.organisation is not None and actor.organisation == consortium.lead


def require_lead(actor: Actor, consortium: Consortium) -> None:
    """Raise Forbidden if the actor may see the consortium but is not its lead, NotFound if the actor may not see it."""
    if is_lead(actor, consortium):
        return
    if consortium.may_be_seen_by(actor) or _is_unit(actor, consortium):
        raise Forbidden("lead_only", "此操作只能由牵头单位办理。", "Only the lead can do this.")
    raise no_consortium()


def _is_unit(actor: Actor, consortium: Consortium) -> bool:
    return actor.has("applicant") and actor.organisation in {unit["uscc"] for unit in consortium.units}
