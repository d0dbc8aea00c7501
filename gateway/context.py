"""The objects with which a gateway process works: callers of the services, settings and authentication."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import current_app

from gateway.auth.api_key_auth import PREFIX, ApiKeys
from gateway.auth.authorization_code import CodeLogin
from gateway.auth.bearer import Bearer
from gateway.auth.jwt import Tokens, invalid
from gateway.auth.login_throttle import Throttle
from gateway.auth.oidc import Provider
from gateway.fallback_cache import FallbackCache
from gateway.files.page_images import PageImages
from gateway.http.cursors import Cursors
from gateway.http.rate_limit import RateLimits
from services.kernel.messaging.rpc import Caller
from services.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class GatewayContext:
    """The objects with which a gateway process works. `caller` calls the services over the bus, `identity` the gateway's own
    accounts service in this process. `health` returns for each dependency whether it is reachable. `federated` are the bureaus
    with a platform of their own, whose review services this gateway cannot call."""

    caller: Caller
    identity: Caller
    settings: Settings
    tokens: Tokens
    keys: ApiKeys
    provider: Provider | None
    code_login: CodeLogin | None
    cursors: Cursors
    buckets: RateLimits
    throttle: Throttle
    stale: FallbackCache
    page_images: PageImages
    bureaus: tuple[str, ...]
    federated: frozenset[str]
    health: Callable[[], Mapping[str, bool]]

    def bearer(self, header: str) -> Bearer:
        """Return the bearer of an Authorization header, which contains a token of this platform, a token of the identity
        provider, or an API key. Raises Unauthenticated if it contains none of them."""
        scheme, _, credentials = header.partition(" ")
        credentials = credentials.strip()
        if scheme.lower() != "bearer" or not credentials:
            raise invalid()
        if credentials.startswith(PREFIX):
            return self.keys.bearer(credentials)
        if self.provider and self.provider.issued(credentials):
            return self.provider.bearer(credentials)
        return self.tokens.bearer(credentials)


def gateway_context() -> GatewayContext:
    """Return the context of the application that answers this request."""
    return current_app.extensions["guichuang"]  # type: ignore[no-any-return]
