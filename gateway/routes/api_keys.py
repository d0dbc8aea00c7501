"""API keys for programs, issued by the operator."""

from __future__ import annotations

import secrets
from typing import Any

from gateway.auth.api_key_auth import PREFIX
from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.identity.api_keys import digest_of
from gateway.service_client import send_command, send_command_once, send_query
from services.contracts.gateway.identity import KeyAnswer, KeyOnce, KeyPage, KeyQuery, NewKey
from services.kernel.ids import new_id

blueprint = Blueprint("keys", __name__, url_prefix="/api/v1", description="接口密钥 API keys")


@blueprint.route("/api-keys", methods=["POST"])
@allow("operator")
@blueprint.arguments(NewKey)
@blueprint.response(201, KeyOnce)
def create_key(**body: Any) -> Any:
    """发放密钥；只显示这一次 · Create a key; it is shown only this once."""
    id = new_id()
    key = f"{PREFIX}{id}_{secrets.token_urlsafe(32)}"
    return send_command_once("gateway", "create_key", id=id, digest=digest_of(key), **body) | {"key": key}


@blueprint.route("/api-keys", methods=["GET"])
@allow("operator")
@blueprint.arguments(KeyQuery, location="query")
@blueprint.response(200, KeyPage)
def list_keys(**query: Any) -> Any:
    """密钥列表 · List the keys."""
    return send_query("gateway", "list_keys", **query)


@blueprint.route("/api-keys/<id>", methods=["DELETE"])
@allow("operator")
@blueprint.response(200, KeyAnswer)
def revoke_key(id: str) -> Any:
    """撤销密钥 · Revoke a key."""
    return send_command("gateway", "revoke_key", id=id)
