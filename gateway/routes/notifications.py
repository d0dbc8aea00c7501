"""Messages to an account, and how it wants to be told."""

from __future__ import annotations

from typing import Any

from gateway.access import allow
from gateway.blueprint import Blueprint
from gateway.calls import ask, tell
from gateway.language import localised
from services.contracts.notification import (
    NotificationAnswer,
    NotificationPage,
    NotificationsPage,
    Preferences,
    PreferencesAnswer,
)

blueprint = Blueprint("notifications", __name__, url_prefix="/api/v1", description="消息 notifications")


@blueprint.route("/notifications", methods=["GET"])
@allow()
@blueprint.arguments(NotificationsPage, location="query")
@blueprint.response(200, NotificationPage)
def list_notifications(query: dict[str, Any]) -> Any:
    """我的消息，新的在前 · My messages, newest first."""
    return localised(ask("notification", "list_notifications", **query))


@blueprint.route("/notifications/<id>/read", methods=["POST"])
@allow()
@blueprint.response(200, NotificationAnswer)
def mark_read(id: str) -> Any:
    """标为已读 · Mark as read."""
    return localised(tell("notification", "mark_read", id=id))


@blueprint.route("/notification-preferences", methods=["GET"])
@allow()
@blueprint.response(200, PreferencesAnswer)
def get_preferences() -> Any:
    """消息偏好 · How I want to be told."""
    return ask("notification", "get_preferences")


@blueprint.route("/notification-preferences", methods=["PUT"])
@allow()
@blueprint.arguments(Preferences)
@blueprint.response(200, PreferencesAnswer)
def set_preferences(body: dict[str, Any]) -> Any:
    """修改消息偏好 · Change how I want to be told."""
    return tell("notification", "set_preferences", **body)
