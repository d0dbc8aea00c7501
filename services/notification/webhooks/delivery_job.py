"""The webhook job: it creates deliveries from the feed, claims those of one subscriber, sends them, and stores the results."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, delete, exists, func, insert, or_, select, update
from sqlalchemy.orm import Session

from services.contracts.notification_answers import CloudEventDict
from services.kernel.clock import Clock, real_now
from services.kernel.identity import PROVINCE
from services.kernel.ids import new_id
from services.kernel.persistence.lease import Lease, claim_first
from services.kernel.persistence.unit_of_work import audit_only
from services.kernel.settings import Settings
from services.kernel.vault import Vault
from services.notification import repository
from services.notification.domain import Message
from services.notification.tables import deliveries, feed, webhooks
from services.notification.webhooks.delivery_rules import (
    LOG_DAYS,
    PAUSED_AFTER,
    RETRIES,
    Allowed,
    DeliveryState,
    WebhookState,
    rest_after,
)
from services.notification.webhooks.feed import KEPT_DAYS, WINDOW, between, drop_before, last_position, number_feed, older_than
from services.notification.webhooks.public_event import placed
from services.notification.webhooks.sender import Line, Result
from services.notification.webhooks.subscriptions import SealedSecret

#: The most deliveries in one claim, the lease of a claim, and the seconds after which the remaining deliveries are left to the
#: next claim, so that every started delivery ends within the lease.
BATCH, LEASE, PATIENCE = 50, Lease(120), 20
#: A subscriber whose deliveries take at least `SLOW` seconds on average counts as slow. Deliveries are sent to at most
#: `SLOW_AT_ONCE` slow subscribers at the same time, so that a quarter of a process's workers serve slow subscribers and the other
#: workers are for fast ones.
SLOW, SLOW_AT_ONCE = 2.0, 2
#: The most subscribers that are checked for deliveries in one claim.
LOOKS = 20


@dataclass(frozen=True, slots=True)
class Delivery:
    """One event to send to one subscriber: the `id` of the row of `deliveries`, the event's `subject`, and the `body` of the
    request."""

    id: str
    subject: str
    body: CloudEventDict


@dataclass(frozen=True, slots=True)
class Batch:
    """Claimed deliveries to one subscriber, in the order of the feed. `hold` identifies the lease; `secrets` are encrypted."""

    webhook: str
    hold: str
    url: str
    secrets: list[str]
    deliveries: list[Delivery]


def claim_deliveries(session: Session) -> Batch | None:
    """Claim deliveries to one subscriber under a lease. Until the lease ends, no other worker sends to this subscriber, so a slow
    subscriber occupies only one worker."""
    number_feed(session)
    last = last_position(session)
    for _ in range(LOOKS):
        row = _next_webhook(session, last)
        if row is None:
            return None
        now = real_now()
        cursor = _create_deliveries(session, row, last, now)
        due = _due(session, row.id, now)
        lease_id = new_id()
        lease_values = {
            "cursor": cursor,
            "taken_at": now,
            "hold": lease_id if due else None,
            "held_until": LEASE.end(now) if due else now,
        }
        session.execute(update(webhooks).where(webhooks.c.id == row.id).values(**lease_values))
        if due:
            secrets = _valid_secrets(row.secrets, now)
            return Batch(row.id, lease_id, row.url, secrets, due)
    return None


def send_deliveries(settings: Settings, vault: Vault, piece: Batch) -> dict[str, Result]:
    """Send the deliveries in order. After a failed delivery, the later deliveries about the same subject are not sent; if the
    address is unreachable, none of the remaining deliveries is sent."""
    keys = [vault.open(sealed) for sealed in piece.secrets]
    line, began = Line(piece.url, Allowed(settings.webhook_allow)), time.monotonic()
    results: dict[str, Result] = {}
    failed_subjects: set[str] = set()
    try:
        for delivery in piece.deliveries:
            if delivery.subject in failed_subjects:
                continue
            if time.monotonic() - began > PATIENCE:
                break
            result = line.send(delivery.body, keys)
            results[delivery.id] = result
            if not result.delivered:
                failed_subjects.add(delivery.subject)
            if not result.reached:
                break
    finally:
        line.close()
    return results


def complete_deliveries(session: Session, settings: Settings, clock: Clock, piece: Batch, outcome: dict[str, Result]) -> None:
    """Store the result of each try. Send nothing to an unreachable address for a while, and pause a subscription that has
    accepted no delivery for too long."""
    row = session.execute(select(webhooks).where(webhooks.c.id == piece.webhook).with_for_update()).one_or_none()
    if row is None:  # The subscription was deleted during the sending.
        return
    now = real_now()
    for id, result in outcome.items():
        _keep(session, id, result, now)
    if row.hold != piece.hold:  # The sending took longer than the lease, and another worker has claimed the subscription.
        return
    tried = list(outcome.values())
    any_good = any(result.delivered for result in tried)
    unreached = bool(tried) and not tried[-1].reached
    failures = (row.failures + 1) if unreached else 0
    failing_since = None if any_good or not tried else row.failing_since or now
    values: dict[str, object] = {
        "failures": failures,
        "failing_since": failing_since,
        "slow": (now - row.taken_at).total_seconds() > SLOW * max(1, len(tried)),
        "hold": None,
        "held_until": now + rest_after(failures) if unreached else now,
    }
    endpoint_gone = any(result.status == 410 for result in tried)
    if row.state == WebhookState.ACTIVE and (endpoint_gone or (failing_since and now - failing_since >= PAUSED_AFTER)):
        values |= {"state": WebhookState.PAUSED, "reason": "gone" if endpoint_gone else "failing"}
        _alert(session, settings, clock, row, "gone" if endpoint_gone else "failing")
    session.execute(update(webhooks).where(webhooks.c.id == row.id).values(**values))


def _next_webhook(session: Session, last: int) -> Row[Any] | None:
    """Return the subscriber that was checked longest ago among those that may have deliveries; None if there is none."""
    now = real_now()
    waiting = exists().where(
        deliveries.c.webhook == webhooks.c.id, deliveries.c.state == DeliveryState.WAITING, deliveries.c.next_at <= now
    )
    free_webhooks = select(webhooks).where(webhooks.c.state == WebhookState.ACTIVE, webhooks.c.held_until <= now)
    if session.execute(_count_slow_in_progress(now)).scalar_one() >= SLOW_AT_ONCE:
        free_webhooks = free_webhooks.where(webhooks.c.slow.is_(False))
    return claim_first(session, free_webhooks.where(or_(webhooks.c.cursor < last, waiting)).order_by(webhooks.c.taken_at))


def _count_slow_in_progress(now: datetime) -> Select[int]:
    slow_in_progress = (webhooks.c.slow.is_(True), webhooks.c.hold.is_not(None), webhooks.c.held_until > now)
    return select(func.count()).select_from(webhooks).where(*slow_in_progress)


def _create_deliveries(session: Session, row: Row[Any], last: int, now: datetime) -> int:
    """Create deliveries for new events in the feed. Return the feed position up to which the subscription's deliveries exist
    now."""
    up_to = min(row.cursor + WINDOW, last)
    if up_to <= row.cursor or _has_enough(session, row.id, now):
        return int(row.cursor)
    # Create only a limited number of deliveries in one claim: those of a subscriber that is far behind must not fill the table.
    statement = select(feed).where(*between(row.bureau, row.types, row.cursor, up_to)).order_by(feed.c.position).limit(BATCH * 4)
    feed_rows = session.execute(statement).all()
    blocked = _blocked(session, row.id)
    rows = [
        {
            "id": new_id(),
            "webhook": row.id,
            "position": event.position,
            "event": event.id,
            "type": event.type,
            "subject": event.subject,
            "state": DeliveryState.WAITING,
            "tries": 0,
            "next_at": blocked.get(event.subject, now),
            "made_at": now,
        }
        for event in feed_rows
    ]
    if rows:
        session.execute(insert(deliveries), rows)
    return int(feed_rows[-1].position) if len(feed_rows) == BATCH * 4 else up_to


def _has_enough(session: Session, webhook: str, now: datetime) -> bool:
    """Return whether a full batch of deliveries can be sent now, so that no more deliveries need to be created."""
    waiting_ids = select(deliveries.c.id).where(
        deliveries.c.webhook == webhook, deliveries.c.state == DeliveryState.WAITING, deliveries.c.next_at <= now
    )
    return len(session.execute(waiting_ids.limit(BATCH)).all()) == BATCH


def _blocked(session: Session, webhook: str) -> dict[str, datetime]:
    """Return the subjects that have a failed delivery, each with the instant of its next try."""
    statement = select(deliveries.c.subject, func.max(deliveries.c.next_at).label("until"))
    failing = statement.where(
        deliveries.c.webhook == webhook, deliveries.c.state == DeliveryState.WAITING, deliveries.c.tries > 0
    )
    return {row.subject: row.until for row in session.execute(failing.group_by(deliveries.c.subject))}


def _due(session: Session, webhook: str, now: datetime) -> list[Delivery]:
    """Return the deliveries that may be sent now, in the order of the feed. Postpone each delivery about a subject with a failed
    delivery until the failed one is tried again."""
    blocked = {subject: until for subject, until in _blocked(session, webhook).items() if until > now}
    waiting = select(deliveries.c.id, deliveries.c.subject, feed.c.position, feed.c.body).join(
        feed, feed.c.position == deliveries.c.position
    )
    mine = waiting.where(
        deliveries.c.webhook == webhook, deliveries.c.state == DeliveryState.WAITING, deliveries.c.next_at <= now
    )
    due = []
    for row in session.execute(mine.order_by(deliveries.c.position).limit(BATCH)).all():
        if until := blocked.get(row.subject):
            session.execute(update(deliveries).where(deliveries.c.id == row.id).values(next_at=until))
        else:
            due.append(Delivery(row.id, row.subject, placed(row.body, row.position)))
    return due


def _valid_secrets(secrets: list[SealedSecret], now: datetime) -> list[str]:
    return [secret["sealed"] for secret in secrets if secret["until"] is None or datetime.fromisoformat(secret["until"]) > now]


def _keep(session: Session, id: str, result: Result, now: datetime) -> None:
    row = session.execute(select(deliveries).where(deliveries.c.id == id)).one_or_none()
    # A delivery that is no longer waiting was cancelled while it was being sent.
    if row is None or (row.state != DeliveryState.WAITING and not result.delivered):
        return
    values: dict[str, object] = {"tries": row.tries + 1, "tried_at": now, "status": result.status, "error": result.error}
    if result.delivered:
        values["state"] = DeliveryState.DELIVERED
    elif (next_try := RETRIES.next_try(row.tries + 1, now, began=row.made_at)) is None:
        values["state"] = DeliveryState.GIVEN_UP
    else:
        values["next_at"] = next_try
    session.execute(update(deliveries).where(deliveries.c.id == id).values(**values))


_ALERTS = {
    "failing": (
        ("事件推送已暂停", "推送到 {url} 已连续 12 小时失败，平台暂停了该订阅。请排除故障后恢复；其间的事件不会丢失。"),
        (
            "Webhook paused",
            "Nothing was accepted at {url} for 12 hours; the subscription is paused. Mend it and resume: nothing is lost.",
        ),
    ),
    "gone": (
        ("事件推送已暂停", "{url} 答复 410（不再接收），平台暂停了该订阅。如非本意，请恢复。"),
        ("Webhook paused", "{url} answered 410 (gone); the subscription is paused. Resume it if that was not meant."),
    ),
}


def _alert(session: Session, settings: Settings, clock: Clock, row: Row[Any], reason: str) -> None:
    zh, en = (tuple(part.format(url=row.url) for part in texts) for texts in _ALERTS[reason])
    texts = {"zh": (zh[0], zh[1]), "en": (en[0], en[1])}
    audiences = dict.fromkeys((f"account:{row.owner}", "role:operator"))
    alerts = [Message(audience, "webhook.paused", f"webhook/{row.id}", texts, None) for audience in audiences]
    repository.store_messages(session, settings, alerts, clock.now())
    audit_only(session, "webhook.paused", f"webhook/{row.id}", bureau=row.bureau or PROVINCE)


def outdated(session: Session, clock: Clock) -> list[str]:
    """Sweep: return one id if the delivery log or the feed contains expired rows. Their age is measured in real time, not by the
    clock of the domain."""
    now = real_now()
    logged = select(deliveries.c.id).where(
        deliveries.c.state != DeliveryState.WAITING, deliveries.c.made_at < now - timedelta(days=LOG_DAYS)
    )
    old_feed = select(feed.c.id).where(*older_than(now - timedelta(days=KEPT_DAYS)))
    return ["outside"] if session.execute(logged.limit(1)).first() or session.execute(old_feed.limit(1)).first() else []


def forget_outdated(session: Session, id: str) -> str:
    """Sweep: delete the expired rows of the delivery log and the feed."""
    now = real_now()
    logged = (deliveries.c.state != DeliveryState.WAITING, deliveries.c.made_at < now - timedelta(days=LOG_DAYS))
    session.execute(delete(deliveries).where(*logged))
    drop_before(session, now - timedelta(days=KEPT_DAYS))
    _end_lost_deliveries(session)
    return "forgotten"


def _end_lost_deliveries(session: Session) -> None:
    """Give up waiting deliveries whose event is no longer stored. The cursor of a paused subscription is set back to before its
    first lost event, so that resuming it reports the gap."""
    lost_deliveries = (deliveries.c.state == DeliveryState.WAITING, ~exists().where(feed.c.position == deliveries.c.position))
    first = select(deliveries.c.webhook, func.min(deliveries.c.position).label("position")).where(*lost_deliveries)
    for row in session.execute(first.group_by(deliveries.c.webhook)).all():
        paused = (webhooks.c.id == row.webhook, webhooks.c.state == WebhookState.PAUSED, webhooks.c.cursor >= row.position)
        session.execute(update(webhooks).where(*paused).values(cursor=row.position - 1))
    ended = update(deliveries).where(*lost_deliveries).values(state="given_up", error="not_kept")
    session.execute(ended, execution_options={"synchronize_session": False})
