"""Declares on the broker what all services publish to and hear from: a step of deploying, like migrating."""

from __future__ import annotations

from deploy import assembly
from services.kernel.amqp.topology import declare
from services.kernel.database import Database
from services.kernel.runtime import ServiceRuntime
from services.kernel.settings import Settings
from services.kernel.signing import Signer, Verifier, new_key
from services.policy.bureaus import BUREAUS


def declare_all(settings: Settings) -> None:
    """Every exchange, queue and binding of every service and bureau, whoever will serve it. Repeating it changes nothing."""
    declare(settings.bus, [_shape(service, settings) for service in assembly.PARTIES])


def _shape(service: str, settings: Settings) -> ServiceRuntime:
    """The service for all bureaus, asked only what it hears: it neither connects to its database nor signs anything."""
    return ServiceRuntime(
        assembly.registry_of(service),
        Database(settings.database(service)),
        settings=settings,
        policies=None,
        signer=Signer(service, new_key()),
        verifier=Verifier({}),
        bureaus=tuple(BUREAUS),
        all_bureaus=tuple(BUREAUS),
    )
