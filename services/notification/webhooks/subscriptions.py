"""Webhook subscriptions: their address, event types and secrets, and the log of their deliveries."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import ColumnElement, Row, delete, func, insert, select, update
from sqlalchemy.orm import Session

from services.contracts.notification_answers import DeliveryAnswerDict, WebhookAnswerDict, WebhookSecretDict, WebhookStateDict
from services.contracts.pages import PageDict
from services.contracts.payload import Payload
from services.kernel.clock import real_now
from services.kernel.errors import Conflict, Invalid, NotFound
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.persistence.paging import page
from services.kernel.persistence.typed_rows import typed_row
from services.kernel.persistence.unit_of_work import audit_only, wake_job_workers
from services.kernel.settings import Settings
from services.kernel.vault import Vault
from services.notification.tables import deliveries, feed, webhooks
from services.notification.webhooks.delivery_rules import (
    MOST,
    OLD_SECRET_LASTS,
    Allowed,
    DeliveryState,
    WebhookState,
    check_types,
    check_url,
)
from services.notification.webhooks.event_catalogue import GOING_OUT
from services.notification.webhooks.feed import between, last_position, place_of, require_kept
from services.notification.webhooks.sender import new_secret


class SealedSecret(TypedDict):
    """An encrypted secret that signs deliveries; a replaced secret signs them until the instant `until`."""

    sealed: str
    until: str | None


class WebhookRow(TypedDict):
    """The columns of `webhooks` that this module reads."""

    id: str
    owner: str
    bureau: str | None
    url: str
    types: list[str]
    secrets: list[SealedSecret]
    state: str
    reason: str | None
    cursor: int
    hold: str | None
    held_until: datetime
    taken_at: datetime
    failures: int
    failing_since: datetime | None
    created_at: datetime


def subscribe(
    session: Session,
    settings: Settings,
    vault: Vault,
    actor: Actor,
    *,
    url: str,
    types: list[str],
    of_bureau: str | None,
    cursor: str | None,
) -> WebhookSecretDict:
    """Create a subscription that starts now or at a position in the feed. No other answer contains the subscription's secret.
    Only a portal may subscribe, and only to its own bureau's cases: the platform's operator manages deliveries but receives no
    events about cases.

    Raises Forbidden for other roles, Invalid for an address that is not allowed and for an event type that does not exist,
    Conflict if the account has `MOST` subscriptions already.
    """
    actor.require("portal")
    url = check_url(url, Allowed(settings.webhook_allow))
    check_types(types, GOING_OUT)
    _room_for(session, actor)
    now, secret = real_now(), new_secret()
    row: WebhookRow = {
        "id": new_id(),
        "owner": actor.username,
        "bureau": _bureau_of(actor, of_bureau),
        "url": url,
        "types": list(dict.fromkeys(types)),
        "secrets": [{"sealed": vault.seal(secret), "until": None}],
        "state": WebhookState.ACTIVE,
        "reason": None,
        "cursor": last_position(session) if cursor is None else place_of(session, cursor),
        "hold": None,
        "held_until": now,
        "taken_at": now,
        "failures": 0,
        "failing_since": None,
        "created_at": now,
    }
    session.execute(insert(webhooks).values(**row))
    _note(session, "webhook.subscribed", row)
    wake_job_workers(session)
    return {**shown(row), "secret": secret}


def list_webhooks(session: Session, actor: Actor, *, limit: int, cursor: str | None) -> PageDict[WebhookAnswerDict]:
    """Query: list the actor's subscriptions; for an operator of the platform, list all subscriptions."""
    rows, next_cursor = page(session, select(webhooks).where(_own(actor)), [webhooks.c.id], limit=limit, cursor=cursor)
    return {"items": [shown(typed_row(WebhookRow, row)) for row in rows], "next_cursor": next_cursor}


def get_webhook(session: Session, actor: Actor, *, id: str) -> WebhookStateDict:
    """Query: return one subscription, the number of its deliveries that wait, and the number of feed positions for which its
    deliveries are not created yet."""
    row = _find(session, actor, id)
    waiting = select(func.count()).where(deliveries.c.webhook == id, deliveries.c.state == DeliveryState.WAITING)
    waiting_count = max(last_position(session) - row["cursor"], 0)
    return {**shown(row), "waiting": session.execute(waiting).scalar_one(), "behind": waiting_count}


def unsubscribe(session: Session, actor: Actor, *, id: str) -> WebhookAnswerDict:
    """Delete a subscription and the log of its deliveries."""
    row = _find(session, actor, id, lock=True)
    session.execute(delete(deliveries).where(deliveries.c.webhook == id))
    session.execute(delete(webhooks).where(webhooks.c.id == id))
    _note(session, "webhook.ended", row)
    return shown({**row, "state": WebhookState.ENDED})


def rotate(session: Session, vault: Vault, actor: Actor, *, id: str) -> WebhookSecretDict:
    """Create a new secret of a subscription. No other answer contains it. For a day, deliveries are signed with the previous
    secret too, so that the subscriber can change to the new one without refusing any delivery."""
    row = _find(session, actor, id, lock=True)
    secret = new_secret()
    until = (real_now() + OLD_SECRET_LASTS).isoformat()
    secrets_kept = [{"sealed": vault.seal(secret), "until": None}, {"sealed": row["secrets"][0]["sealed"], "until": until}]
    session.execute(update(webhooks).where(webhooks.c.id == id).values(secrets=secrets_kept))
    _note(session, "webhook.rotated", row)
    return {**shown(row), "secret": secret}


def sealed_before(session: Session, vault: Vault) -> list[str]:
    """Sweep: return the subscriptions with a secret that is encrypted with a key which will be removed."""
    if not vault.has_several_keys:
        return []
    rows = session.execute(select(webhooks.c.id, webhooks.c.secrets))
    return [row.id for row in rows if not all(vault.newest(secret["sealed"]) for secret in row.secrets)]


def reseal(session: Session, vault: Vault, id: str) -> str:
    """Sweep: encrypt a subscription's secrets with the key in use."""
    row = session.execute(select(webhooks.c.secrets).where(webhooks.c.id == id).with_for_update()).one_or_none()
    if row is not None:
        resealed = [secret | {"sealed": vault.seal(vault.open(secret["sealed"]))} for secret in row.secrets]
        session.execute(update(webhooks).where(webhooks.c.id == id).values(secrets=resealed))
    return "sealed"


def pause(session: Session, actor: Actor, *, id: str) -> WebhookAnswerDict:
    """Pause a subscription: no delivery is sent until the subscription is resumed. Meanwhile its events wait."""
    row = _find(session, actor, id, lock=True)
    return _turned(session, row, WebhookState.PAUSED, "by_owner", "webhook.paused")


def resume(session: Session, actor: Actor, *, id: str, skip: bool) -> WebhookAnswerDict:
    """Resume a paused subscription: continue where sending stopped or, with `skip`, with the events from now on, for a subscriber
    that has read the earlier events in the feed. Deliveries that a worker is sending are finished first. Raises Conflict if the
    subscription is not paused, or if events since the pause are no longer in the feed."""
    row = _find(session, actor, id, lock=True)
    if row["state"] != WebhookState.PAUSED:
        raise Conflict("not_paused", "该订阅没有暂停，无需恢复。", "This subscription is not paused.", status=row["state"])
    now = real_now()
    if skip:
        _end(session, id, "skipped")
        row["cursor"] = last_position(session)
    else:
        require_kept(session, row["cursor"])
        retry_values = {"next_at": now, "made_at": now, "tries": 0}
        session.execute(
            update(deliveries)
            .where(deliveries.c.webhook == id, deliveries.c.state == DeliveryState.WAITING)
            .values(**retry_values)
        )
    # A worker's lease stays in force: if two workers sent deliveries at the same time, the events of a subject could arrive out
    # of order.
    held_until = row["held_until"] if row["hold"] else now
    row = {**row, "failures": 0, "failing_since": None, "held_until": held_until}
    fresh_values = {"cursor": row["cursor"], "failures": 0, "failing_since": None, "held_until": held_until}
    session.execute(update(webhooks).where(webhooks.c.id == id).values(**fresh_values))
    return _turned(session, row, WebhookState.ACTIVE, None, "webhook.resumed")


def list_deliveries(
    session: Session, actor: Actor, *, id: str, state: str | None, limit: int, cursor: str | None
) -> PageDict[DeliveryAnswerDict]:
    """Query: list deliveries with their results, the newest first."""
    _find(session, actor, id)
    statement = select(deliveries).where(deliveries.c.webhook == id)
    if state is not None:
        statement = statement.where(deliveries.c.state == state)
    rows, next_cursor = page(session, statement, [deliveries.c.id], limit=limit, cursor=cursor, descending=True)
    return {"items": [_delivery(row) for row in rows], "next_cursor": next_cursor}


def redeliver(session: Session, actor: Actor, *, id: str, delivery: str) -> DeliveryAnswerDict:
    """Send one delivery again, whatever its result was. Raises NotFound if the subscription has no such delivery, if the event is
    no longer in the feed, and if the subscription's bureau may no longer read the event."""
    webhook = _find(session, actor, id)
    this_delivery = (deliveries.c.webhook == id, deliveries.c.id == delivery)
    row = session.execute(select(deliveries).where(*this_delivery).with_for_update()).one_or_none()
    if row is None or not _still_readable(session, webhook, row.position):
        raise NotFound(
            "no_such_delivery", "没有这次推送，或已不再保留。", "There is no such delivery, or it is not kept any more."
        )
    now = real_now()
    session.execute(
        update(deliveries).where(*this_delivery).values(state=DeliveryState.WAITING, tries=0, next_at=now, made_at=now)
    )
    wake_job_workers(session)
    return _delivery(session.execute(select(deliveries).where(*this_delivery)).one())


@dataclass(frozen=True, kw_only=True)
class FollowedAccount(Payload):
    """The members of `account.changed` by which subscriptions are paused or moved to another bureau; `account.erased` has only
    the name."""

    username: str
    roles: list[str] | None = None
    bureau: str | None = None
    active: bool = False


def follow_account(session: Session, event: Event[FollowedAccount]) -> None:
    """Reaction to `account.changed` and `account.erased`: pause the subscriptions of an account that is closed or no longer a
    portal. The subscriptions of an account that moved to another bureau get only the new bureau's cases from now on."""
    account = event.data
    owned = select(webhooks).where(webhooks.c.owner == account.username).with_for_update()
    for row in session.execute(owned).all():
        is_portal = account.active and "portal" in (account.roles or ())
        if not is_portal and row.state == WebhookState.ACTIVE:
            _turned(session, typed_row(WebhookRow, row), WebhookState.PAUSED, "account_closed", "webhook.paused")
        elif is_portal and account.bureau != row.bureau:
            session.execute(update(webhooks).where(webhooks.c.id == row.id).values(bureau=account.bureau))
            _note(session, "webhook.moved", {**typed_row(WebhookRow, row), "bureau": account.bureau})
            _end(session, row.id, "moved")  # The waiting deliveries were created for the account's old bureau.


def _end(session: Session, id: str, why: str) -> None:
    """Cancel the waiting deliveries of a subscription, and log the reason."""
    waiting = update(deliveries).where(deliveries.c.webhook == id, deliveries.c.state == DeliveryState.WAITING)
    session.execute(waiting.values(state=DeliveryState.GIVEN_UP, error=why))


def _still_readable(session: Session, row: WebhookRow, position: int) -> bool:
    readable = select(feed.c.position).where(*between(row["bureau"], [], position - 1, position))
    return session.execute(readable).first() is not None


def _turned(session: Session, row: WebhookRow, state: str, reason: str | None, action: str) -> WebhookAnswerDict:
    session.execute(update(webhooks).where(webhooks.c.id == row["id"]).values(state=state, reason=reason))
    _note(session, action, row)
    wake_job_workers(session)
    return shown({**row, "state": state, "reason": reason})


def _room_for(session: Session, actor: Actor) -> None:
    if session.execute(select(func.count()).where(webhooks.c.owner == actor.username)).scalar_one() >= MOST:
        raise Conflict(
            "too_many_webhooks",
            f"一个账号最多 {MOST} 个订阅，请先删除不用的。",
            f"An account has at most {MOST} subscriptions; end one first.",
        )


def _bureau_of(actor: Actor, bureau: str | None) -> str | None:
    if bureau not in (None, actor.bureau):
        raise Invalid.field("/bureau", "not_yours", "只能订阅本部门的事件，请留空。", "Only your own bureau's; leave it out.")
    return actor.bureau


def _own(actor: Actor) -> ColumnElement[bool]:
    actor.require("portal", "operator")
    return webhooks.c.owner == actor.username if actor.has("portal") else webhooks.c.id.is_not(None)


def _find(session: Session, actor: Actor, id: str, *, lock: bool = False) -> WebhookRow:
    statement = select(webhooks).where(webhooks.c.id == id, _own(actor))
    row = session.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None:
        raise NotFound("no_such_webhook", "没有这个订阅，或不是您的。", "There is no such subscription, or it is not yours.")
    return typed_row(WebhookRow, row)


def _note(session: Session, action: str, row: WebhookRow) -> None:
    audit_only(session, action, f"webhook/{row['id']}", bureau=row["bureau"] or PROVINCE, after=shown(row))


def shown(row: WebhookRow) -> WebhookAnswerDict:
    """Serialize a subscription for the API, without its secret."""
    return {
        "id": row["id"],
        "owner": row["owner"],
        "bureau": row["bureau"],
        "url": row["url"],
        "types": row["types"],
        "state": row["state"],
        "reason": row["reason"],
        "failures": row["failures"],
        "failing_since": row["failing_since"].isoformat() if row["failing_since"] else None,
        "created_at": row["created_at"].isoformat(),
    }


def _delivery(row: Row[Any]) -> DeliveryAnswerDict:
    return {
        "id": row.id,
        "event": row.event,
        "type": row.type,
        "subject": row.subject,
        "state": row.state,
        "tries": row.tries,
        "status": row.status,
        "error": row.error,
        "made_at": row.made_at.isoformat(),
        "tried_at": row.tried_at.isoformat() if row.tried_at else None,
        "next_at": row.next_at.isoformat() if row.state == DeliveryState.WAITING else None,
    }
