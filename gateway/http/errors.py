"""Errors as problem documents (RFC 9457). No other module maps errors to HTTP statuses."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass

from flask import Flask, Response, g
from marshmallow import ValidationError
from werkzeug.exceptions import HTTPException, MethodNotAllowed

from gateway.http.blueprint import BadInput, MalformedJson
from gateway.http.json_pointers import field_errors
from gateway.http.localisation import localised, localised_text
from services.contracts.payload import JsonObject
from services.kernel.errors import DomainError, FieldError, Text
from services.kernel.messaging.rpc import encode

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of error: its HTTP status and its title."""

    status: int
    title: Text


#: Kind of a kernel error → HTTP status. No other table maps them.
KINDS = {
    "invalid": Kind(422, Text("输入有误", "Invalid input")),
    "unauthenticated": Kind(401, Text("需要登录", "Not logged in")),
    "forbidden": Kind(403, Text("没有权限", "Not allowed")),
    "not_found": Kind(404, Text("没有找到", "Not found")),
    "conflict": Kind(409, Text("当前状态不允许", "Wrong state")),
    "precondition_failed": Kind(412, Text("内容已被他人修改", "Changed by another user")),
    "precondition_required": Kind(428, Text("须先阅读", "Read it first")),
    "too_large": Kind(413, Text("内容过大", "Too large")),
    "unsupported": Kind(415, Text("不支持的类型", "Unsupported media type")),
    "too_many": Kind(429, Text("请求过于频繁", "Too many requests")),
    "unavailable": Kind(503, Text("服务暂不可用", "Unavailable")),
}

#: The errors that Flask itself raises, not a service: HTTP status → (code, title, detail).
_BY_STATUS = {
    400: ("bad_request", Text("请求有误", "Bad request"), Text("请求无法理解。", "The request cannot be understood.")),
    404: ("no_such_path", KINDS["not_found"].title, Text("没有这个地址，请核对。", "There is no such address; check it.")),
    405: (
        "method_not_allowed",
        Text("不支持的方法", "Method not allowed"),
        Text("此地址不支持该操作，请核对接口文档。", "This address does not take this method; see the API's documentation."),
    ),
    408: (
        "request_timeout",
        Text("请求超时", "Request timeout"),
        Text("请求内容发送过慢，请检查网络后重试。", "The body came too slowly; check the network and try again."),
    ),
    411: (
        "length_required",
        Text("须注明长度", "Length required"),
        Text("请在 Content-Length 中注明内容长度。", "Say the length in Content-Length."),
    ),
    413: ("too_large", KINDS["too_large"].title, Text("请求内容过大。", "The body is too large.")),
    415: ("unsupported", KINDS["unsupported"].title, Text("不支持该媒体类型。", "This media type is not accepted.")),
    431: (
        "head_too_large",
        Text("请求头过大", "Header too large"),
        Text("请求行与请求头过长。", "The request line and its headers are too long."),
    ),
    500: (
        "internal_error",
        Text("系统内部错误", "Internal error"),
        Text("操作未完成，已记录。请稍后重试或联系管理员。", "It could not be done and has been logged. Please try again later."),
    ),
}


def problem(
    status: int,
    code: str,
    title: Text,
    detail: Text,
    errors: Iterable[FieldError] = (),
    details: JsonObject | None = None,
) -> Response:
    """Return a problem document in the reader's language. The code is added to the request's log line."""
    g.problem = code
    body: JsonObject = localised(details or {}) | {
        "type": f"urn:guichuang:problem:{code}",
        "title": localised_text(title),
        "status": status,
        "detail": localised_text(detail),
        "code": code,
    }
    if listed := [{"pointer": error.pointer, "code": error.code, "message": localised_text(error.text)} for error in errors]:
        body["errors"] = listed
    return Response(encode(body), status, content_type="application/problem+json")


def bare_problem(status: int, *, english: bool) -> bytes:
    """Return the problem document for a request that the HTTP server refuses before it calls an application."""
    code, title, detail = _BY_STATUS.get(status) or _BY_STATUS[400]
    title_text, text = (title.en, detail.en) if english else (title.zh, detail.zh)
    body = {"type": f"urn:guichuang:problem:{code}", "title": title_text, "status": status, "detail": text, "code": code}
    return encode(body)


def _of_domain(error: DomainError) -> Response:
    kind = KINDS[error.kind]
    details = dict(error.details)
    if "status" in details:  # A detail of this name is left out: in a problem document, `status` is the HTTP status.
        details["current_status"] = details.pop("status")
    response = problem(kind.status, error.code, kind.title, error.text, error.errors, details)
    if "retry_after" in error.details:
        response.headers["Retry-After"] = str(error.details["retry_after"])
    if kind.status == 401:
        response.headers["WWW-Authenticate"] = f'Bearer realm="guichuang", error="{error.code}"'
    return response


def _of_input(errors: tuple[FieldError, ...]) -> Response:
    detail = Text(
        f"有 {len(errors)} 处需要改正，请按各处提示修改。",
        f"{'One mistake' if len(errors) == 1 else f'{len(errors)} mistakes'}; each says what to correct.",
    )
    return problem(422, "invalid_input", KINDS["invalid"].title, detail, errors)


def _answer_malformed_json(_error: MalformedJson) -> Response:
    detail = Text("请求内容不是有效的 JSON（UTF-8）。", "The body is not valid JSON in UTF-8.")
    return problem(400, "malformed_json", _BY_STATUS[400][1], detail)


def _answer_http_error(error: HTTPException) -> Response:
    if error.response is not None:  # The error is a redirect of the router.
        return error.response  # type: ignore[return-value]
    status = error.code or 500
    if status < 400:
        return error.get_response()  # type: ignore[return-value]
    code, title, detail = _BY_STATUS.get(status) or _BY_STATUS[400 if status < 500 else 500]
    response = problem(status, code, title, detail)
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        response.headers["Allow"] = ", ".join(sorted(error.valid_methods))
    return response


def _of_defect(error: Exception) -> Response:
    log.error("request failed", exc_info=error)
    return problem(500, *_BY_STATUS[500])


def register(app: Flask) -> None:
    """Make this application answer every error with a problem document."""
    app.register_error_handler(DomainError, _of_domain)
    app.register_error_handler(BadInput, lambda error: _of_input(field_errors(error.messages, error.schema)))
    app.register_error_handler(ValidationError, lambda error: _of_input(field_errors(error.messages, None)))
    app.register_error_handler(MalformedJson, _answer_malformed_json)
    app.register_error_handler(HTTPException, _answer_http_error)
    app.register_error_handler(Exception, _of_defect)
