"""The calls of routes to services: in the actor's name, with the request's correlation id, idempotency key and time limit."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Any, TypeVar

from flask import g, request

from gateway.auth.authorization import actor
from gateway.context import gateway_context
from services.contracts.pages import PageDict
from services.contracts.payload import JsonObject
from services.kernel.errors import Invalid, Unavailable
from services.kernel.ids import new_id
from services.kernel.messaging.rpc import Caller
from services.kernel.registry import PER_BUREAU

__all__ = [
    "actor",
    "cacheable",
    "caller_of",
    "if_match",
    "only_if_absent",
    "send_command",
    "send_command_once",
    "send_query",
    "with_etag",
]

Item = TypeVar("Item")

#: The number of items of a list that one request to a service asks for.
PAGE = 200
_KEY = re.compile(r"[\x21-\x7e]{1,200}")
_ETAG = re.compile(r'(?:W/)?"([^"]*)"|([^",\s]+)')
#: Separates two parts of an ETag: the version, and the digest of an answer that shows more than the version.
DIGEST_SEPARATOR = "~"
#: Suffixes that compressing servers and proxies append to an ETag.
_ENCODED = re.compile(r"[:-](?:br|gzip)$")


def send_query(service: str, name: str, /, **payload: Any) -> Any:
    """Return a service's answer to a query. `bureau` selects the queue of a service that runs per bureau. While the service is
    unavailable, a public query gets a recent cached answer."""
    account, bureau = actor(), _take_bureau(service, payload)
    try:
        answer = caller_of(service, bureau).call(service, name, payload, account, bureau=bureau, correlation_id=g.correlation_id)
    except Unavailable:
        cached = gateway_context().stale.find(service, name, payload, account)
        if cached is None:
            raise
        g.age = cached.age
        return cached.answer
    gateway_context().stale.keep(service, name, payload, account, answer)
    return answer


def every_item(ask_page: Callable[..., PageDict[Item]]) -> Iterator[Item]:
    """Yield the items of all pages of a list. `ask_page(limit, cursor)` requests one page; it is called when the first item of
    the page is needed."""
    cursor = None
    while True:
        page = ask_page(limit=PAGE, cursor=cursor)
        yield from page["items"]
        if (cursor := page["next_cursor"]) is None:
            return


def send_command(service: str, name: str, /, carried: JsonObject | None = None, **payload: Any) -> Any:
    """Return a service's answer to a command; `bureau` as in `send_query`. A command runs once for each Idempotency-Key; without
    one, a new key is used. `carried` are signed statements that were obtained for this attempt: a repeated command may contain
    other statements and still counts as the same command."""
    bureau, key = _take_bureau(service, payload), idempotency_key() or new_id()
    return caller_of(service, bureau).call(
        service, name, payload, actor(), bureau=bureau, key=key, correlation_id=g.correlation_id, carried=carried
    )


def send_command_once(service: str, name: str, /, **payload: Any) -> Any:
    """Like `send_command`, but without an idempotency key, so that the answer is not stored: for commands whose answer contains a
    secret or personal data. A repeated request therefore runs the command again."""
    return caller_of(service).call(service, name, payload, actor(), correlation_id=g.correlation_id)


def _take_bureau(service: str, payload: JsonObject) -> str | None:
    return payload.pop("bureau", None) if service in PER_BUREAU else None


def caller_of(service: str, bureau: str | None = None) -> Caller:
    """Return the caller for a service: over the bus, or in this process for identity. Raises Unavailable for a service that runs
    at the province's platform, and for the review service of a bureau that has a platform of its own."""
    context = gateway_context()
    if service == "gateway":
        return context.identity
    if context.settings.province_url and service not in PER_BUREAU:
        raise Unavailable(
            "at_the_province",
            "这项内容由自治区平台提供，请在自治区平台查看或办理。",
            "The province's platform has this; please read or do it there.",
            retry_after=None,
            province=context.settings.province_url,
        )
    if bureau in context.federated:
        raise Unavailable(
            "at_the_bureau",
            "该部门的审核事项在该部门自己的平台办理，请登录该平台。",
            "The bureau handles its cases on a platform of its own; please log in there.",
            retry_after=None,
        )
    return context.caller


def idempotency_key() -> str | None:
    """Return the request's Idempotency-Key: 1 to 200 visible ASCII characters; None if there is none. Raises Invalid if it has
    another form."""
    key = request.headers.get("Idempotency-Key")
    if key is not None and not _KEY.fullmatch(key):
        raise Invalid(
            "bad_idempotency_key",
            "Idempotency-Key 应为 1 至 200 个可见的 ASCII 字符。",
            "An Idempotency-Key has 1 to 200 visible ASCII characters.",
        )
    return key


def with_etag(answer: Any, *, complete: bool = False) -> Any:
    """Return the answer with an ETag header taken from its field `etag`. `complete`: the answer also contains data that change
    without a new version, so the ETag covers the entire answer."""
    return answer, {"ETag": f'"{answer["etag"]}{DIGEST_SEPARATOR if complete else ""}"'}


def cacheable(answer: Any, *, seconds: int = 60) -> Any:
    """Return an answer that caches may store for this many seconds, because it is the same for all readers with the same
    language."""
    return answer, {"Cache-Control": f"public, max-age={seconds}", "Vary": "Accept-Language"}


def only_if_absent() -> bool:
    """Return whether the client saves only if nothing is stored yet (`If-None-Match: *`)."""
    return request.headers.get("If-None-Match", "").strip() == "*"


def if_match() -> str | None:
    """Return the version that the client read, without quotes, without the digest that `with_etag` may append, and without the
    suffix that a compressing proxy may append. None if the client names none (or `*`)."""
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    match = _ETAG.fullmatch(header.strip())
    if match is None:
        raise Invalid("bad_if_match", 'If-Match 请填写一个 ETag，例如 "3"。', 'Give If-Match one ETag, such as "3".')
    return _ENCODED.sub("", match[1] if match[1] is not None else match[2]).partition(DIGEST_SEPARATOR)[0]
