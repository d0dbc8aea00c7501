"""Calls: published by the province, readable by every visitor."""

from __future__ import annotations

from typing import Any

from flask import redirect

from gateway.auth.authorization import allow, public
from gateway.http.blueprint import Blueprint
from gateway.http.links import absolute
from gateway.http.localisation import localised
from gateway.service_client import if_match, send_command, send_query, with_etag
from services.contracts.application.call_requests import Call, CallChange, CallQuery, Cancellation
from services.contracts.application.call_responses import CallAnswer, CallDetail
from services.contracts.common import page_of
from services.kernel.errors import Unavailable

blueprint = Blueprint("calls", __name__, url_prefix="/api/v1", description="申报通知 calls")


@blueprint.route("/calls", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Call)
@blueprint.response(201, CallAnswer)
def open_call(**body: Any) -> Any:
    """发布申报通知 · Publish a call."""
    return with_etag(send_command("application", "open_call", call=body))


@blueprint.route("/calls", methods=["GET"])
@public
@blueprint.arguments(CallQuery, location="query")
@blueprint.response(200, page_of(CallAnswer, counted=True))
def list_calls(**query: Any) -> Any:
    """申报通知列表 · List the calls, newest first."""
    return send_query("application", "list_calls", **query)


@blueprint.route("/calls/<id>", methods=["GET"])
@public
@blueprint.response(200, CallDetail)
def get_call(id: str) -> Any:
    """申报通知及所需材料、附件 · One call with the documents that it requires and its files."""
    call = localised(send_query("application", "get_call", id=id))
    return with_etag(call | {"files": _files(id)}, complete=True)


def _files(id: str) -> Any:
    try:
        return send_query("documents", "call_files", call=id)
    except Unavailable:
        return None


@blueprint.route("/calls/<id>/files/<document>", methods=["GET"])
@public
@blueprint.response(302, description="下载地址见 Location，几分钟内有效 · where to download, good for some minutes")
def call_file(id: str, document: str) -> Any:
    """下载申报通知附件 · Download a file of a call."""
    return redirect(absolute(send_query("documents", "call_file", call=id, id=document)["url"]))


@blueprint.route("/calls/<id>", methods=["PATCH"])
@allow("officer", "chief")
@blueprint.arguments(CallChange)
@blueprint.response(200, CallAnswer)
def change_call(id: str, **body: Any) -> Any:
    """延长申报期，或在开始前修改（可带 If-Match） · Extend a call, or change it before it opens (If-Match is optional)."""
    return with_etag(send_command("application", "change_call", id=id, change=body, if_match=if_match()))


@blueprint.route("/calls/<id>/cancellation", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Cancellation)
@blueprint.response(200, CallAnswer)
def cancel_call(id: str, **body: Any) -> Any:
    """取消申报通知，未决定的申请随之撤回 · Cancel a call; its undecided applications are withdrawn."""
    return with_etag(send_command("application", "cancel_call", id=id, **body))
