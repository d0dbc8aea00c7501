"""What a gateway process is made of: its ways to the services, its settings, who it knows and how."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import current_app

from gateway.auth.api_key_auth import PREFIX, ApiKeys
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
    """`caller` asks the services over the bus, `identity` the gateway's own accounts in this process. `health` tells of
    each dependency whether it is there."""

    caller: Caller
    identity: Caller
    settings: Settings
    tokens: Tokens
    keys: ApiKeys
    provider: Provider | None
    cursors: Cursors
    buckets: RateLimits
    throttle: Throttle
    stale: FallbackCache
    page_images: PageImages
    bureaus: tuple[str, ...]
    health: Callable[[], Mapping[str, bool]]

    def bearer(self, header: str) -> Bearer:
        """Whose an Authorization header is: a token of ours, of the identity provider's, or an API key. Unauthenticated when
        it is none of them."""
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
    """Of the application that answers this request."""
    return current_app.extensions["guichuang"]  # type: ignore[no-any-return]
