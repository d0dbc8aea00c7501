"""Reports of deployments with a message broker of their own. The province cannot query such a deployment, so each reports its
release and its backlog (the events that wait) by an event."""

from __future__ import annotations

from datetime import timedelta
from importlib.metadata import version
from typing import Any, TypedDict

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from services.contracts.review.payloads import DeploymentReported
from services.kernel.clock import real_now
from services.kernel.deployment import describe_deployment, require_reader
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging.envelope import Event
from services.kernel.persistence.unit_of_work import publish
from services.kernel.settings import Settings
from services.review.tables import deployments

#: The time between two reports of a deployment whose release has not changed.
REPORT_EVERY = timedelta(minutes=15)
_NUMBERS = ("waiting", "lag_seconds", "unpublished", "publishing_lag_seconds", "parked")


class ReportedDeployment(TypedDict):
    """The last report of a deployment with a message broker of its own: its release, and how many events wait and for how
    long."""

    version: str
    waiting: int
    lag_seconds: int
    unpublished: int
    publishing_lag_seconds: int
    parked: int
    reported_at: str


def report_due(session: Session, settings: Settings) -> list[str]:
    """Return the bureaus whose report is due: immediately after an upgrade, otherwise every `REPORT_EVERY`. Only a deployment
    with a gateway of its own reports."""
    if not settings.province_url:
        return []
    rows = {row.bureau: row for row in session.execute(select(deployments))}
    served = [word.strip() for word in settings.jurisdictions.split(",")]
    return [bureau for bureau in served if bureau.isdecimal() and _is_due(rows.get(bureau))]


def _is_due(row: Any) -> bool:
    return row is None or row.version != version("guichuang") or real_now() - row.reported_at >= REPORT_EVERY


def report(session: Session, settings: Settings, id: str) -> str:
    """Publish the release and the backlog of the deployment that serves this bureau."""
    described = describe_deployment(session, settings)
    report = DeploymentReported(
        version=described["version"],
        waiting=described["waiting"],
        lag_seconds=described["lag_seconds"],
        unpublished=described["unpublished"],
        publishing_lag_seconds=described["publishing_lag_seconds"],
        parked=described["parked"],
        at=real_now(),
    )
    _store_report(session, id, report)
    publish(session, "review.deployment_reported", f"deployment/{id}", report, bureau=PROVINCE, origin=id)
    return "reported"


def deployment_reported(session: Session, event: Event[DeploymentReported]) -> None:
    """Reaction to `review.deployment_reported` at the province: keep the newest report of the bureau that published it."""
    _store_report(session, event.producer.partition(".")[2], event.data)


def _store_report(session: Session, bureau: str, report: DeploymentReported) -> None:
    row = {name: getattr(report, name) for name in ("version", *_NUMBERS)} | {"reported_at": report.at}
    reported_at = session.execute(select(deployments.c.reported_at).where(deployments.c.bureau == bureau)).scalar_one_or_none()
    if reported_at is None:
        session.execute(insert(deployments), [row | {"bureau": bureau}])
    elif reported_at < report.at:
        session.execute(update(deployments).where(deployments.c.bureau == bureau).values(**row))


def reported_deployments(session: Session, actor: Actor) -> dict[str, ReportedDeployment]:
    """Query: return the last report of each bureau's deployment, with its time. Raises Forbidden unless the actor is an operator,
    an auditor or an official of the province."""
    require_reader(actor)
    rows = session.execute(select(deployments))
    return {
        row.bureau: {
            "version": row.version,
            "waiting": row.waiting,
            "lag_seconds": row.lag_seconds,
            "unpublished": row.unpublished,
            "publishing_lag_seconds": row.publishing_lag_seconds,
            "parked": row.parked,
            "reported_at": row.reported_at.isoformat(),
        }
        for row in rows
    }


def report_age(session: Session) -> dict[tuple[str, ...], float]:
    """Seconds since a deployment with a broker of its own last reported, by its release."""
    rows = session.execute(select(deployments))
    return {(row.bureau, row.version): (real_now() - row.reported_at).total_seconds() for row in rows}
