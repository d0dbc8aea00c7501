"""A query that every service offers: a deployment reports its release, the bureaus that it serves, and its backlog."""

from __future__ import annotations

from importlib.metadata import version
from typing import TypedDict

from sqlalchemy.orm import Session

from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.kernel.observability.gauges import backlog
from services.kernel.settings import Settings


class DeploymentReport(TypedDict):
    """The state of a deployment, as `deployment` answers it."""

    version: str
    serves: list[str]
    waiting: int
    lag_seconds: int
    unpublished: int
    publishing_lag_seconds: int
    parked: int


def deployment(session: Session, actor: Actor, settings: Settings) -> DeploymentReport:
    """Query: return the release, the bureaus that the settings name (`*`: all bureaus that no other deployment serves), and the
    backlog: events that are received but not processed, and events that are not published, each with the age of the oldest in
    seconds; and parked events. Raises Forbidden unless the actor is an operator, an auditor or an official of the province."""
    require_reader(actor)
    return describe_deployment(session, settings)


def require_reader(actor: Actor) -> None:
    """Raise Forbidden unless the actor is an operator, an auditor or an official of the province."""
    if not (actor.has("operator", "auditor") or (actor.official and actor.of_province)):
        raise Forbidden("province_only", "此页面供自治区科技厅和运维人员使用。", "This is for the province and operators.")


def describe_deployment(session: Session, settings: Settings) -> DeploymentReport:
    """Return the release, the bureaus and the backlog of this deployment, as `deployment` answers them."""
    values = backlog(session)
    return {
        "version": version("guichuang"),
        "serves": [word.strip() for word in settings.jurisdictions.split(",") if word.strip()],
        "waiting": int(values["inbox_waiting"]),
        "lag_seconds": int(values["inbox_lag_seconds"]),
        "unpublished": int(values["outbox_waiting"]),
        "publishing_lag_seconds": int(values["outbox_age_seconds"]),
        "parked": int(values["dead_letters"]),
    }
