"""Messages to an account, and its notification preferences."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.service_client import send_command, send_query
from services.contracts.notification import (
    AllRead,
    AllReadAnswer,
    Bounce,
    LetterAnswer,
    LetterPage,
    LetterQuery,
    NotificationAnswer,
    NotificationPage,
    NotificationsPage,
    Preferences,
    PreferencesAnswer,
    UnreadCount,
)

blueprint = Blueprint("notifications", __name__, url_prefix="/api/v1", description="消息 notifications")


@blueprint.route("/notifications", methods=["GET"])
@allow()
@blueprint.arguments(NotificationsPage, location="query")
@blueprint.response(200, NotificationPage)
def list_notifications(**query: Any) -> Any:
    """我的消息，新的在前 · List your messages, newest first."""
    return localised(send_query("notification", "list_notifications", **query))


@blueprint.route("/notifications/unread-count", methods=["GET"])
@allow()
@blueprint.response(200, UnreadCount)
def unread_count() -> Any:
    """未读消息数 · The number of unread messages."""
    return send_query("notification", "unread_count")


@blueprint.route("/notifications/read", methods=["POST"])
@allow()
@blueprint.arguments(AllRead)
@blueprint.response(200, AllReadAnswer)
def mark_all_read(**body: Any) -> Any:
    """全部标为已读 · Mark all messages as read."""
    return send_command("notification", "mark_all_read", **body)


@blueprint.route("/notifications/<id>/read", methods=["POST"])
@allow()
@blueprint.response(200, NotificationAnswer)
def mark_read(id: str) -> Any:
    """标为已读 · Mark a message as read."""
    return localised(send_command("notification", "mark_read", id=id))


@blueprint.route("/letters", methods=["GET"])
@allow("operator")
@blueprint.arguments(LetterQuery, location="query")
@blueprint.response(200, LetterPage)
def list_letters(**query: Any) -> Any:
    """邮件与短信的发送情况 · List e-mails and SMS with their delivery state."""
    return send_query("notification", "list_letters", **query)


@blueprint.route("/letters/<id>/retry", methods=["POST"])
@allow("operator")
@blueprint.response(200, LetterAnswer)
def retry_letter(id: str) -> Any:
    """重发失败的消息 · Send a failed message again."""
    return send_command("notification", "retry_letter", id=id)


@blueprint.route("/letters/<id>/bounce", methods=["POST"])
@allow("operator")
@blueprint.arguments(Bounce)
@blueprint.response(200, LetterAnswer)
def bounce_letter(id: str, **body: Any) -> Any:
    """登记退信 · Record that a mail system returned a message."""
    return send_command("notification", "bounce_letter", id=id, **body)


@blueprint.route("/notification-preferences", methods=["GET"])
@allow()
@blueprint.response(200, PreferencesAnswer)
def get_preferences() -> Any:
    """消息偏好 · Your notification preferences."""
    return send_query("notification", "get_preferences")


@blueprint.route("/notification-preferences", methods=["PUT"])
@allow()
@blueprint.arguments(Preferences)
@blueprint.response(200, PreferencesAnswer)
def set_preferences(**body: Any) -> Any:
    """修改消息偏好 · Change your notification preferences."""
    return send_command("notification", "set_preferences", **body)
