"""The HTTP application: it identifies the caller, limits requests, calls the route and sends the answer. The routes are found in
`gateway/routes`."""

from __future__ import annotations

import importlib
import logging
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from functools import cache

from flask import Flask, Response, g, request
from flask_cors import CORS
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect

from gateway import request_telemetry, routes
from gateway.auth.api_key_auth import ApiKeys
from gateway.auth.authorization import access_of, identify
from gateway.auth.authorization_code import CodeLogin
from gateway.auth.jwt import Tokens
from gateway.auth.login_throttle import Throttle
from gateway.auth.oidc import ClaimMapping, Provider
from gateway.context import GatewayContext, gateway_context
from gateway.fallback_cache import FallbackCache
from gateway.files.page_images import PageImages
from gateway.http import body_limits, compression, errors, framing
from gateway.http.blueprint import Blueprint
from gateway.http.cursors import Cursors
from gateway.http.links import own_path
from gateway.http.rate_limit import RateLimits, network_of, require
from gateway.http.typed_names import clean_path_parameters
from gateway.openapi import openapi_document
from gateway.service_client import idempotency_key
from services.kernel.clock import real_now
from services.kernel.errors import DomainError, NotFound, Unsupported
from services.kernel.ids import new_id
from services.kernel.messaging.rpc import Caller
from services.kernel.messaging.signing import Signer, Verifier
from services.kernel.settings import Settings
from services.kernel.storage.base import Store
from services.kernel.vault import Vault
from services.policy.bureaus import BUREAUS

log = logging.getLogger(__name__)

#: The headers of an answer that scripts on pages of other origins may read (CORS).
EXPOSED = ["Age", "ETag", "Location", "Retry-After", "RateLimit-Limit", "RateLimit-Remaining", "X-Request-Id"]
_CORRELATION = re.compile(r"[A-Za-z0-9._-]{1,64}")
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
}


def create_app(
    caller: Caller,
    settings: Settings,
    *,
    identity: Caller,
    signer: Signer,
    verifier: Verifier,
    vault: Vault,
    store: Store,
    bureaus: Sequence[str] = tuple(BUREAUS),
    health: Callable[[], Mapping[str, bool]] = dict,
) -> Flask:
    """Build the gateway's WSGI application. `caller` calls the services, `identity` the accounts service in this process.
    `signer` signs access tokens with the gateway's own key; `verifier` has the public keys that check them. `vault` has the keys
    that sign cursors. `store` is the store of documents; the gateway transfers their bytes itself if the store is a folder.
    `bureaus` are the bureaus that review cases."""
    app = Flask("gateway", static_folder=None)
    tokens = Tokens(signer, verifier, int(settings.token_minutes), identity)
    provider = _provider(settings, tokens, identity)
    app.extensions["guichuang"] = GatewayContext(
        caller=caller,
        identity=identity,
        settings=settings,
        tokens=tokens,
        keys=ApiKeys(identity),
        provider=provider,
        code_login=_code_login(settings, provider, identity),
        cursors=Cursors(vault),
        buckets=RateLimits(int(settings.rate_limit)),
        throttle=Throttle(identity, by_address=bool(int(settings.rate_limit))),
        stale=FallbackCache(),
        page_images=PageImages(store),
        bureaus=tuple(bureaus),
        federated=frozenset(word.strip() for word in settings.federated.split(",") if word.strip()),
        health=health,
    )
    app.config.update(STORE=store, MAX_CONTENT_LENGTH=framing.LARGEST_BODY, **openapi_document.CONFIG, **compression.CONFIG)
    if int(settings.proxies):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=int(settings.proxies), x_proto=1)  # type: ignore[method-assign]
    errors.register(app)
    # Documents are not compressed here: they are compressed already or streamed, and are sent as the store contains them.
    compression.Compression(app)
    if origins := [origin.strip() for origin in settings.cors_origins.split(",") if origin.strip()]:
        CORS(app, origins=origins, resources=r"/api/.*", expose_headers=EXPOSED, max_age=600)
    app.before_request(_begin)
    app.after_request(_end)
    _register_routes(app)
    return app


def _provider(settings: Settings, tokens: Tokens, identity: Caller) -> Provider | None:
    if not settings.oidc_issuer:
        return None
    mapping = ClaimMapping.read(settings.oidc_mapping)
    return Provider(settings.oidc_issuer, settings.oidc_audience, mapping, tokens, identity)


def _code_login(settings: Settings, provider: Provider | None, identity: Caller) -> CodeLogin | None:
    if provider is None or not settings.oidc_client:
        return None
    return CodeLogin(provider, settings.oidc_client, settings.oidc_secret, identity)


def _register_routes(app: Flask) -> None:
    api = openapi_document.Api(app)
    for module in pkgutil.iter_modules(routes.__path__, f"{routes.__name__}."):
        blueprint = importlib.import_module(module.name).blueprint
        register = api.register_blueprint if isinstance(blueprint, Blueprint) else app.register_blueprint
        register(blueprint)
    openapi_document.register(app, api)
    open_doors = [str(rule) for rule in app.url_map.iter_rules() if access_of(app.view_functions[rule.endpoint]) is None]
    if open_doors:
        raise RuntimeError(f"these routes say neither @allow nor @public: {', '.join(open_doors)}")


def _begin() -> None:
    request_id = request.headers.get("X-Request-Id", "")
    g.received_at = real_now().timestamp()
    g.correlation_id = request_id if _CORRELATION.fullmatch(request_id) else new_id()
    request_telemetry.begin()
    body_limits.check()
    if "\x00" in request.path:
        raise NotFound("no_such_path", "没有这个地址，请核对。", "There is no such address; check it.")
    identify()
    if "X-Forwarded-For" in request.headers and not int(gateway_context().settings.proxies):
        _warn_of_proxy()
    if request.path.startswith("/api/"):
        _limit()
        _uncompressed()
        if request.method == "POST":
            idempotency_key()  # A malformed key raises Invalid here, even on a route that does not use the key.
    clean_path_parameters()


@cache
def _warn_of_proxy() -> None:
    """Warn once per process if requests come through a proxy that the settings do not name: every limit then counts all clients
    behind that proxy as one client."""
    log.warning("requests come through a proxy, and GUICHUANG_PROXIES is 0: its clients share all limits of one address")


def _uncompressed() -> None:
    """Refuse a request with a compressed body: the body would be read as if it were not compressed, and its unpacked size is
    unknown."""
    coding = request.headers.get("Content-Encoding", "").strip().lower()
    if coding not in ("", "identity") and request.method not in ("GET", "HEAD", "OPTIONS"):
        raise Unsupported(
            "content_encoding",
            "请求内容不能压缩，请去掉 Content-Encoding 后按原文发送。",
            "Send the body uncompressed, without Content-Encoding.",
        )


def _limit() -> None:
    bearer_or_error = g.identified
    bearer = None if isinstance(bearer_or_error, DomainError) else bearer_or_error
    if bearer and bearer.key:
        g.taken = gateway_context().buckets.take(f"key {bearer.key}", bearer.per_minute)
    elif bearer and bearer.actor.username:
        g.taken = gateway_context().buckets.take(f"account {bearer.actor.username}")
    else:
        g.taken = gateway_context().buckets.take(f"address {network_of(request.remote_addr)}")
    require(g.taken)


def _end(response: Response) -> Response:
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    response.headers["X-Request-Id"] = g.correlation_id
    # The router's own redirect is replaced, because it contains the Host of the request, which the client can choose freely.
    if isinstance(request.routing_exception, RequestRedirect):
        response.headers["Location"] = own_path(request.routing_exception.new_url)
    if "taken" in g and g.taken.limit:
        response.headers["RateLimit-Limit"] = str(g.taken.limit)
        response.headers["RateLimit-Remaining"] = str(g.taken.left)
    if "age" in g:
        response.headers["Age"] = str(g.age)
    request_telemetry.end(response.status_code)
    return response
