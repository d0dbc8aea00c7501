"""Working copies: form input that a person has not submitted yet."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.service_client import if_match, only_if_absent, send_command_once, send_query, with_etag
from services.contracts.gateway.identity import Deleted, WorkingCopyAnswer, WorkingCopyContent, WorkingCopyItem, WorkingCopyList

blueprint = Blueprint("working_copies", __name__, url_prefix="/api/v1", description="暂存内容 working copies")
_PATH = "/me/working-copies/<form>/<subject>"
_IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "description": "* 仅在尚无暂存时保存 · *: save only where nothing is saved yet",
    "schema": {"type": "string", "pattern": r"^\*$"},
}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "description": "所持版本的 ETag · the ETag of the version that was read",
    "schema": {"type": "string"},
}


@blueprint.route("/me/working-copies", methods=["GET"])
@allow(keys=False)
@blueprint.response(200, WorkingCopyList)
def list_working_copies() -> Any:
    """本人暂存的内容一览 · List your working copies, without their content."""
    return send_query("gateway", "list_working_copies")


@blueprint.route(_PATH, methods=["GET"])
@allow(keys=False)
@blueprint.response(200, WorkingCopyAnswer)
def get_working_copy(form: str, subject: str) -> Any:
    """读取本人暂存的填写内容 · The form input that you saved and have not submitted."""
    return with_etag(send_query("gateway", "working_copy", form=form, subject=subject))


@blueprint.route(_PATH, methods=["PUT"])
@allow(keys=False)
@blueprint.doc(parameters=[_IF_NONE_MATCH])  # type: ignore[untyped-decorator]
@blueprint.arguments(WorkingCopyContent)
@blueprint.response(200, WorkingCopyItem)
def keep_working_copy(form: str, subject: str, **body: Any) -> Any:
    """暂存填写内容，保留 90 天；If-None-Match: * 仅在尚无暂存时保存 · Save form input for 90 days.

    With `If-None-Match: *` it is saved only if no copy exists yet.
    """
    conditions = {"if_match": if_match(), "if_none": only_if_absent()}
    return with_etag(
        send_command_once("gateway", "keep_working_copy", form=form, subject=subject, content=body["content"], **conditions)
    )


@blueprint.route(_PATH, methods=["DELETE"])
@allow(keys=False)
@blueprint.doc(parameters=[_IF_MATCH])  # type: ignore[untyped-decorator]
@blueprint.response(200, Deleted)
def drop_working_copy(form: str, subject: str) -> Any:
    """删除暂存内容 · Delete a working copy."""
    return send_command_once("gateway", "drop_working_copy", form=form, subject=subject, if_match=if_match())
