"""What a gateway process is made of: its ways to the services, its settings, who it knows."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from flask import current_app

from gateway.limits import Buckets, Throttle
from gateway.stale import Stale
from gateway.tokens import Tokens
from services.kernel.rpc import Caller
from services.kernel.settings import Settings


@dataclass(frozen=True, slots=True)
class Frame:
    """`caller` asks the services over the bus, `identity` the gateway's own accounts in this process. `health` tells of each
    dependency whether it is there."""

    caller: Caller
    identity: Caller
    settings: Settings
    tokens: Tokens
    buckets: Buckets
    logins: Throttle
    registrations: Throttle
    stale: Stale
    bureaus: tuple[str, ...]
    health: Callable[[], Mapping[str, bool]]


def frame() -> Frame:
    """Of the application that answers this request."""
    return current_app.extensions["guichuang"]  # type: ignore[no-any-return]
