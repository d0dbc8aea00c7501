"""The OpenAPI 3.1 document, generated from the schemas and the access requirements of the routes; the page that shows this
document; and the AsyncAPI document."""

from __future__ import annotations

import re
from pathlib import Path

import flask_smorest
import flask_swagger_ui
from flask import Blueprint, Flask, Response, redirect, send_from_directory
from werkzeug.wrappers import Response as AnyResponse

from gateway.auth.authorization import Access, access_of, public
from gateway.http.preconditions import approval_of
from gateway.openapi import asyncapi
from services.contracts.payload import JsonObject
from services.kernel.messaging.rpc import encode

PATH = "/api/v1/openapi.json"
CONFIG = {
    "API_TITLE": "桂创 Guichuang: 广西创新联合体平台 innovation consortia of Guangxi",
    "API_VERSION": "1",
    "OPENAPI_VERSION": "3.1.0",
    "API_SPEC_OPTIONS": {
        "info": {
            "description": (
                "《广西壮族自治区创新联合体管理办法（试行）》的公开接口：组建、评审、登记、年报、评估与支持。"
                "先用 POST /api/v1/auth/token 取得令牌，再以 Authorization: Bearer 提交。"
                "错误按 RFC 9457 返回；提示默认中文，Accept-Language: en 为英文。\n\n"
                "The public contract of the platform: formation, review, register, reports, evaluation and support. "
                "Get a token with POST /api/v1/auth/token and send it as Authorization: Bearer. "
                "Errors are RFC 9457 problem documents, in Chinese unless Accept-Language asks for English."
            )
        },
        "servers": [{"url": "/"}],
    },
}

_DIST = Path(flask_swagger_ui.__file__).parent / "dist"
_FILES = ("swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png")
_PAGE = """<!DOCTYPE html>
<html lang="zh">
<head>
<meta charset="utf-8">
<title>桂创 Guichuang API</title>
<link rel="icon" href="/docs/favicon-32x32.png">
<link rel="stylesheet" href="/docs/swagger-ui.css">
</head>
<body>
<div id="api"></div>
<script src="/docs/swagger-ui-bundle.js"></script>
<script src="/docs/start.js"></script>
</body>
</html>
"""
_START = f'SwaggerUIBundle({{url: "{PATH}", dom_id: "#api", deepLinking: true, persistAuthorization: true}});\n'
_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; frame-ancestors 'none'"
)

_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "description": "urn:guichuang:problem:<code>"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "what is wrong and what to do, in the reader's language"},
        "code": {"type": "string", "description": "stable; what programs go by"},
        "current_status": {"type": "string", "description": "at 409: the state the thing is in"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["pointer", "code", "message"],
                "properties": {
                    "pointer": {"type": "string", "description": "JSON pointer (RFC 6901) into the input"},
                    "code": {"type": "string"},
                    "message": {"type": "string"},
                },
            },
        },
    },
}
_PROBLEMS = {
    400: ("Malformed", "不是有效的 JSON · not valid JSON"),
    401: ("Unauthenticated", "没有可用的登录凭证 · no usable token"),
    403: ("Forbidden", "没有权限 · not allowed"),
    404: ("NotFound", "没有，或不可知其有无 · not there, or not for you to know"),
    409: ("WrongState", "当前状态不允许 · wrong state"),
    412: ("Changed", "已被他人修改 · changed by another user"),
    413: ("TooLarge", "内容过大 · too large"),
    415: ("Unsupported", "媒体类型不支持 · unsupported media type"),
    422: ("Invalid", "输入有误 · invalid input"),
    428: ("ReadFirst", "请先阅读，再以 If-Match 注明所读版本 · read it first, and name the version read in If-Match"),
    429: ("TooMany", "请求过于频繁，见 Retry-After · too many requests, see Retry-After"),
    503: ("Unavailable", "服务暂不可用，见 Retry-After · unavailable, see Retry-After"),
}
_RETRY_AFTER = {"Retry-After": {"schema": {"type": "integer"}, "description": "秒 · seconds"}}
_ETAG = '^("[!#-~]{1,60}"|\\*)$'
_PARAMETERS: dict[str, JsonObject] = {
    "IdempotencyKey": {
        "name": "Idempotency-Key",
        "in": "header",
        "description": "同一键的重复请求只执行一次 · repeats with the same key are done once",
        "schema": {"type": "string", "pattern": "^[!-~]{1,200}$"},
    },
    "IfMatch": {
        "name": "If-Match",
        "in": "header",
        "description": "所持版本的 ETag · the ETag of the version that was read",
        "schema": {"type": "string", "pattern": _ETAG},
    },
    "IfMatchRead": {
        "name": "If-Match",
        "in": "header",
        "required": True,
        "description": "所阅读版本的 ETag：办理的就是所阅读的内容 · the ETag of the version that was read",
        "schema": {"type": "string", "pattern": _ETAG},
    },
    "IfMatchDraft": {
        "name": "If-Match",
        "in": "header",
        "description": "签署他人起草的意见时必填：该意见的 etag · where another person drafted: the draft's etag",
        "schema": {"type": "string", "pattern": _ETAG},
    },
    "AcceptLanguage": {
        "name": "Accept-Language",
        "in": "header",
        "description": "zh（默认 default） | en",
        "schema": {"type": "string"},
    },
}


class Api(flask_smorest.Api):  # type: ignore[misc]
    """flask-smorest's Api, without the routes and error handlers that it registers by default."""

    DEFAULT_ERROR_RESPONSE_NAME = None

    def _register_error_handlers(self) -> None:
        """Do nothing, so that our own error handlers stay registered."""


def document(app: Flask, api: Api) -> JsonObject:
    """Return flask-smorest's document, with the access, headers and problem documents of every operation added."""
    spec: JsonObject = api.spec.to_dict()
    components = spec.setdefault("components", {})
    components["securitySchemes"] = {"bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}}
    components.setdefault("schemas", {})["Problem"] = _PROBLEM
    for unused in ("Error", "PaginationMetadata"):  # Remove components that flask-smorest adds and no operation uses.
        components["schemas"].pop(unused, None)
    components["responses"] = {name: _response(status, about) for status, (name, about) in _PROBLEMS.items()}
    components["parameters"] = _PARAMETERS
    for rule in app.url_map.iter_rules():
        operations = spec["paths"].get(re.sub(r"<(?:[^:<>]+:)?([^<>]+)>", r"{\1}", rule.rule), {})
        for method in rule.methods or ():
            view = app.view_functions[rule.endpoint]
            operation, access = operations.get(method.lower()), access_of(view)
            if operation and access:
                operation["operationId"] = rule.endpoint.partition(".")[2]
                _complete(operation, method, access, approval_of(view))
    return spec


def _response(status: int, about: str) -> JsonObject:
    content = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    return {"description": about, "content": content} | ({"headers": _RETRY_AFTER} if status in (429, 503) else {})


def _complete(operation: JsonObject, method: str, access: Access, approval: str | None) -> None:
    for parameter in operation.get("parameters", ()):
        _never_null(parameter["schema"])
    operation["security"] = [] if access.public else [{"bearer": []}]
    if not access.public:
        operation["x-roles"] = list(access.roles)
        operation["x-key-scope"] = access.key_scope(method)
    headers = ["AcceptLanguage"]
    statuses = {401, 404, 409, 422, 429, 503} | (set() if access.public else {403})
    if "requestBody" in operation:
        statuses.add(400)
    if method == "POST":
        headers.append("IdempotencyKey")
    if method in ("PUT", "PATCH"):
        headers.append("IfMatch")
    if approval:
        headers.append("IfMatchRead" if approval == "always" else "IfMatchDraft")
        statuses.add(428)
    if method != "GET":
        statuses |= {412, 413, 415}
    operation.setdefault("parameters", []).extend({"$ref": f"#/components/parameters/{name}"} for name in headers)
    for status in statuses:
        operation["responses"][str(status)] = {"$ref": f"#/components/responses/{_PROBLEMS[status][0]}"}
    operation["responses"] = dict(sorted(operation["responses"].items()))


def _never_null(schema: JsonObject) -> None:
    """Remove null from a query parameter's schema: a missing parameter is None in our code, but a client cannot send null in a
    query."""
    if isinstance(schema.get("type"), list):
        (schema["type"],) = [kind for kind in schema["type"] if kind != "null"]
    if "enum" in schema:
        schema["enum"] = [choice for choice in schema["enum"] if choice is not None]
    if schema.get("default", ...) is None:
        del schema["default"]


def register(app: Flask, api: Api) -> None:
    """Serve the document and the page that shows it. Both work without any service and without other network access."""
    written: dict[str, bytes] = {}

    @public
    def openapi() -> Response:
        if PATH not in written:  # The document is generated at the first request, not at startup.
            written[PATH] = encode(document(app, api))
        return Response(written[PATH], content_type="application/json")

    @public
    def events() -> Response:
        if asyncapi.PATH not in written:
            written[asyncapi.PATH] = encode(asyncapi.document())
        return Response(written[asyncapi.PATH], content_type="application/json")

    @public
    def page() -> Response:
        return Response(_PAGE, content_type="text/html; charset=utf-8", headers={"Content-Security-Policy": _PAGE_POLICY})

    @public
    def start() -> Response:
        return Response(_START, content_type="text/javascript; charset=utf-8")

    @public
    def file(name: str) -> Response:
        return send_from_directory(_DIST, name, max_age=86400)

    @public
    def home() -> AnyResponse:
        return redirect("/docs")

    pages = Blueprint("docs", __name__)
    pages.add_url_rule(PATH, view_func=openapi)
    pages.add_url_rule(asyncapi.PATH, view_func=events)
    pages.add_url_rule("/docs", view_func=page, strict_slashes=False)
    pages.add_url_rule("/docs/start.js", view_func=start)
    pages.add_url_rule(f"/docs/<any({', '.join(map(repr, _FILES))}):name>", view_func=file)
    pages.add_url_rule("/", view_func=home)
    app.register_blueprint(pages)
