"""Gauges about letters and webhook deliveries: how many wait, and how many need an operator."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from services.notification.delivery.letter import LetterState
from services.notification.tables import deliveries, letters, webhooks
from services.notification.webhooks.delivery_rules import DeliveryState


def webhooks_by_state(session: Session) -> dict[tuple[str, ...], float]:
    """Subscriptions of other systems, by state and by the reason why they are paused."""
    rows = session.execute(
        select(webhooks.c.state, webhooks.c.reason, func.count()).group_by(webhooks.c.state, webhooks.c.reason)
    )
    return {(state, reason or ""): count for state, reason, count in rows}


def webhook_deliveries_waiting(session: Session) -> dict[tuple[str, ...], float]:
    """Deliveries to other systems that are made out and not taken yet."""
    return {(): session.execute(select(func.count()).where(deliveries.c.state == DeliveryState.WAITING)).scalar_one()}


def letters_by_state(session: Session) -> dict[tuple[str, ...], float]:
    """E-mails and SMS that wait to be sent, or were not taken after all tries."""
    unsent = letters.c.state.in_((LetterState.WAITING, LetterState.FAILED))
    rows = session.execute(
        select(letters.c.channel, letters.c.state, func.count()).where(unsent).group_by(letters.c.channel, letters.c.state)
    )
    return {(channel, state): count for channel, state, count in rows}
