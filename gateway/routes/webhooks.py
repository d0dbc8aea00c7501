"""Integration with other systems: the event feed, and webhooks that deliver it."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.service_client import send_command, send_command_once, send_query
from services.contracts.common import Page
from services.contracts.webhooks import (
    DeliveryAnswer,
    DeliveryPage,
    DeliveryQuery,
    FeedPage,
    FeedQuery,
    NewWebhook,
    Resumption,
    WebhookAnswer,
    WebhookPage,
    WebhookSecret,
    WebhookState,
)

blueprint = Blueprint("webhooks", __name__, url_prefix="/api/v1", description="事件与推送 events and webhooks")
#: The roles that manage subscriptions and deliveries. Only a portal subscribes: the operator receives no events about cases.
MANAGING_ROLES = ("portal", "operator")


@blueprint.route("/events", methods=["GET"])
@allow("portal", "officer", "chief", scope="events")
@blueprint.arguments(FeedQuery, location="query")
@blueprint.response(200, FeedPage)
def read_events(**query: Any) -> Any:
    """按顺序读取事件（CloudEvents），用 next_cursor 接着读 · Read the events (CloudEvents) in order; go on with next_cursor."""
    types = [part.strip() for part in (query.pop("types") or "").split(",") if part.strip()]
    return send_query("notification", "read_events", types=types, of_bureau=query.pop("bureau"), **query)


@blueprint.route("/webhooks", methods=["POST"])
@allow("portal", scope="webhooks")
@blueprint.arguments(NewWebhook)
@blueprint.response(201, WebhookSecret)
def subscribe(**body: Any) -> Any:
    """订阅推送；密钥只显示这一次 · Subscribe to events; the secret is shown only this once."""
    return send_command_once("notification", "subscribe", of_bureau=body.pop("bureau"), **body)


@blueprint.route("/webhooks", methods=["GET"])
@allow(*MANAGING_ROLES, scope="webhooks")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, WebhookPage)
def list_webhooks(**query: Any) -> Any:
    """订阅列表 · List the subscriptions."""
    return send_query("notification", "list_webhooks", **query)


@blueprint.route("/webhooks/<id>", methods=["GET"])
@allow(*MANAGING_ROLES, scope="webhooks")
@blueprint.response(200, WebhookState)
def get_webhook(id: str) -> Any:
    """一个订阅及其积压 · One subscription and its backlog."""
    return send_query("notification", "get_webhook", id=id)


@blueprint.route("/webhooks/<id>", methods=["DELETE"])
@allow(*MANAGING_ROLES, scope="webhooks")
@blueprint.response(200, WebhookAnswer)
def unsubscribe(id: str) -> Any:
    """退订 · End a subscription."""
    return send_command("notification", "unsubscribe", id=id)


@blueprint.route("/webhooks/<id>/rotation", methods=["POST"])
@allow(*MANAGING_ROLES, scope="webhooks")
@blueprint.response(200, WebhookSecret)
def rotate(id: str) -> Any:
    """更换密钥，旧密钥再用一天 · Replace the secret; the old one also signs for one more day."""
    return send_command_once("notification", "rotate", id=id)


@blueprint.route("/webhooks/<id>/pause", methods=["POST"])
@allow(*MANAGING_ROLES, scope="webhooks")
@blueprint.response(200, WebhookAnswer)
def pause(id: str) -> Any:
    """暂停推送 · Pause the deliveries."""
    return send_command("notification", "pause", id=id)


@blueprint.route("/webhooks/<id>/resumption", methods=["POST"])
@allow(*MANAGING_ROLES, scope="webhooks")
@blueprint.arguments(Resumption)
@blueprint.response(200, WebhookAnswer)
def resume(id: str, **body: Any) -> Any:
    """恢复推送 · Resume the deliveries."""
    return send_command("notification", "resume", id=id, **body)


@blueprint.route("/webhooks/<id>/deliveries", methods=["GET"])
@allow(*MANAGING_ROLES, scope="webhooks")
@blueprint.arguments(DeliveryQuery, location="query")
@blueprint.response(200, DeliveryPage)
def list_deliveries(id: str, **query: Any) -> Any:
    """推送记录，新的在前 · List the deliveries, newest first."""
    return send_query("notification", "list_deliveries", id=id, **query)


@blueprint.route("/webhooks/<id>/deliveries/<delivery>/redelivery", methods=["POST"])
@allow(*MANAGING_ROLES, scope="webhooks")
@blueprint.response(200, DeliveryAnswer)
def redeliver(id: str, delivery: str) -> Any:
    """重新推送一次 · Send a delivery again."""
    return send_command("notification", "redeliver", id=id, delivery=delivery)
