"""flask-smorest's Blueprint with our conventions: one schema object per route, strict parsing of bodies, and answers that are
sent unchanged."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Sequence
from functools import wraps
from typing import Any, NoReturn, TypeVar
from urllib.parse import parse_qsl

import flask_smorest
import marshmallow
from flask import Request, Response, g, request
from webargs import missing
from webargs.flaskparser import FlaskParser

from gateway.available_actions import narrowed
from gateway.context import gateway_context
from gateway.http.cursors import listing_of
from gateway.http.json_pointers import escaped
from gateway.service_client import DIGEST_SEPARATOR
from services.contracts.common import Body, Cursor
from services.kernel.errors import FieldError, Invalid, Text, Unsupported
from services.kernel.messaging.rpc import encode

View = TypeVar("View", bound=Callable[..., Any])


#: Characters that cannot be stored: NUL, which PostgreSQL refuses, and lone surrogates, which are not valid UTF-8.
_UNSTORABLE = re.compile("[\0\ud800-\udfff]")


class MalformedJson(Exception):
    """The body is not JSON text."""


class BadInput(Exception):
    """The body or the query does not match its schema; `messages` are nested in marshmallow's form."""

    def __init__(self, messages: Any, schema: marshmallow.Schema) -> None:
        super().__init__(messages)
        self.messages = messages
        self.schema = schema


class _Parser(FlaskParser):
    """Parses bodies strictly: the media type must be JSON, and the text must be JSON that can be stored."""

    DEFAULT_UNKNOWN_BY_LOCATION = FlaskParser.DEFAULT_UNKNOWN_BY_LOCATION | {"query": marshmallow.RAISE}

    def _raw_load_json(self, req: Request) -> Any:
        body = req.get_data(cache=True)
        if not body and req.mimetype in ("", "application/json"):
            return missing
        if not req.is_json:
            raise Unsupported(
                "json_required",
                "请求内容须为 JSON，请将 Content-Type 设为 application/json。",
                "Send JSON, with Content-Type: application/json.",
            )
        try:
            data = json.loads(body, parse_constant=_refuse_constant)
            if b"\\u" in body:
                _storable(data)
        except (ValueError, RecursionError) as error:
            raise MalformedJson from error
        return data

    def load_querystring(self, req: Request, schema: marshmallow.Schema) -> Any:
        """Parse the query. Raises Invalid for each parameter whose value is not UTF-8: werkzeug would silently replace the wrong
        bytes by other characters."""
        if query := req.query_string.decode("utf-8", "surrogateescape"):
            pairs = parse_qsl(query, keep_blank_values=True, errors="surrogateescape")
            if broken := sorted({f"/{escaped(name)}" for name, value in pairs if _UNSTORABLE.search(value)}):
                raise bad_characters(broken)
        return super().load_querystring(req, schema)

    def handle_error(self, error: Any, req: Request, schema: Any, **_: Any) -> NoReturn:
        # webargs nests the messages in a mapping under the name of the request's part (such as `query`); unwrap them.
        (messages,) = error.messages.values()
        raise BadInput(messages, schema)


def _refuse_constant(constant: str) -> Any:
    raise ValueError(f"{constant} is no JSON")


def _storable(data: Any) -> None:
    """Raise Invalid for each text with a NUL or a lone surrogate. JSON escapes can express these characters, but a database or a
    UTF-8 text cannot contain them."""
    if pointers := sorted(set(_unstorable(data, ""))):
        raise bad_characters(pointers)


def bad_characters(pointers: Sequence[str]) -> Invalid:
    """Return the error for texts that cannot be stored, at the JSON pointer of each."""
    message = Text("含有不能保存的字符，请删除后重试。", "It contains a character that cannot be stored; remove it.")
    return Invalid(
        "bad_character",
        f"有 {len(pointers)} 处含有不能保存的字符，请按提示删除。",
        f"There are characters that cannot be stored in {len(pointers)} places; remove them.",
        errors=tuple(FieldError(pointer, "bad_character", message) for pointer in pointers),
    )


def _unstorable(data: Any, pointer: str) -> Iterator[str]:
    """Yield the JSON pointer of each text that contains a NUL or a lone surrogate; if a member's name contains one, the pointer
    of the object."""
    if isinstance(data, str) and _UNSTORABLE.search(data):
        yield pointer
    entries = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for name, value in entries:
        if isinstance(name, str) and _UNSTORABLE.search(name):
            yield pointer
        else:
            yield from _unstorable(value, f"{pointer}/{escaped(name)}")


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]
    """flask-smorest's Blueprint, except that `response` documents the answer and sends it as the view returned it, without
    serialising it by the schema."""

    ARGUMENTS_PARSER = _Parser()

    def route(self, rule: str, **options: Any) -> Callable[[View], View]:
        return super().route(rule, **options)  # type: ignore[no-any-return]

    def arguments(self, schema: Any, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Give the view the members of the validated body or query as keyword arguments.

        Raises TypeError for a schema that is not a `Body`, because the fields of other schemas would accept typed text without
        cleaning it.
        """
        if isinstance(schema, type):
            schema = schema()  # Create the schema object once, not for every request.
        if not isinstance(schema, Body):
            raise TypeError(f"{type(schema).__name__} is no Body")
        parsed = super().arguments(schema, as_kwargs=True, **kwargs)
        paged = [(name, field) for name, field in schema.fields.items() if isinstance(field, Cursor)]
        if not paged:
            return parsed  # type: ignore[no-any-return]
        [(cursor, field)] = paged

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def reading(**members: Any) -> Any:
                g.listing = listing_of(field, cursor, {name: members[name] for name in schema.fields if name in members})
                if members[cursor] is not None:
                    members[cursor] = gateway_context().cursors.read(members[cursor], g.listing)
                return view(**members)

            return parsed(reading)  # type: ignore[no-any-return]

        return decorate

    def response(self, status_code: int, schema: Any = None, **kwargs: Any) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
        """Declare the answer of a view. The view returns the answer, or `(answer, headers)`; a Response object is sent unchanged.
        The services answer in the shape of their contract already, so the schema is only used for the documentation.

        An answer to GET without a version gets the ETag of its content, so that a repeated request can be answered with 304. An
        answer that also contains the caller's available actions gets the ETag of version and content, because the actions change
        with time while the version does not.
        """
        document = super().alt_response(status_code, schema=schema, success=True, **kwargs)

        def decorate(view: Callable[..., Any]) -> Callable[..., Any]:
            @wraps(view)
            def answering(*args: Any, **kwargs: Any) -> Response:
                answer = view(*args, **kwargs)
                if isinstance(answer, Response):
                    return answer
                answer, headers = answer if isinstance(answer, tuple) else (answer, None)
                offers = isinstance(answer, dict) and "actions" in answer
                if offers:
                    answer = answer | {"actions": narrowed(answer["actions"])}
                if isinstance(answer, dict) and answer.get("next_cursor") is not None:
                    answer = answer | {"next_cursor": gateway_context().cursors.sign(answer["next_cursor"], g.listing)}
                response = Response(encode(answer), status_code, headers, content_type="application/json")
                version = response.get_etag()[0] or ""
                if request.method == "GET" and (offers or not version or version.endswith(DIGEST_SEPARATOR)):
                    digest = hashlib.blake2b(response.get_data(), digest_size=12).hexdigest()
                    response.set_etag(f"{version.rstrip(DIGEST_SEPARATOR)}{DIGEST_SEPARATOR}{digest}" if version else digest)
                return response

            return document(answering)  # type: ignore[no-any-return]

        return decorate
