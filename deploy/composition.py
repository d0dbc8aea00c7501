"""Assemble a service from the settings. Every deployment form (embedded, cluster, Kubernetes) uses this module."""

from __future__ import annotations

import importlib
import time
from collections.abc import Iterable
from typing import Any

from deploy.keys import key_folder
from deploy.keys.key_folder import KeysFolder
from services.kernel.errors import Unavailable
from services.kernel.messaging.signing import Signer, Verifier
from services.kernel.persistence.database import Database
from services.kernel.registry import PER_BUREAU, Registry
from services.kernel.runtime import ServiceRuntime
from services.kernel.settings import SERVICES, InvalidSetting, Settings
from services.kernel.vault import Vault
from services.policy import HolidayCalendar, Policies, read_notices, use_holidays
from services.policy.bureaus import BUREAUS

#: All parties that sign: the services and the gateway.
PARTIES = (*SERVICES, "gateway")
#: The parties that store secrets in encrypted form.
VAULTS = ("gateway", "notification")
#: All parties that have a sealing key. The console encrypts its cookies with it; it has no database.
SEALING = (*VAULTS, key_folder.CONSOLE)


def party(service: str, settings: Settings) -> str:
    """Return the name under which a deployment signs. A deployment that serves a single bureau has a key of its own that is valid
    for that bureau only: `review.450200`. Any other deployment uses the service's common key."""
    bureaus = jurisdictions(settings) if "*" not in settings.jurisdictions else ()
    return f"{service}.{bureaus[0]}" if service in PER_BUREAU and len(bureaus) == 1 else service


def services_here(settings: Settings) -> tuple[str, ...]:
    """Return the services whose databases this deployment has: all services in the embedded form; in the cluster those whose
    database is in the settings; none for a console in a process of its own."""
    if console_alone(settings):
        return ()
    if settings.bus == "embedded://":
        return PARTIES
    return tuple(service for service in PARTIES if getattr(settings, f"db_{service}"))


def console_alone(settings: Settings) -> bool:
    """Return whether these are the settings of a console in a process of its own, which calls an API and has no bus."""
    return bool(settings.console_api) and settings.bus == "embedded://"


def make_keys(settings: Settings) -> None:
    """Generate the keys that are missing. Raises InvalidSetting if they cannot be written."""
    folder = settings.keys_folder
    try:
        key_folder.make(folder, [party(service, settings) for service in PARTIES], SEALING)
    except OSError as error:
        raise InvalidSetting(f"{error.filename}: {error.strerror}. Make {folder} writable, or set GUICHUANG_KEYS.") from None


def signer(service: str, settings: Settings) -> Signer:
    """Return this deployment's own signer for a service."""
    return KeysFolder(settings.keys_folder).signer(party(service, settings))


def vault(name: str, settings: Settings) -> Vault:
    """Return the vault with which a party encrypts its secrets."""
    return KeysFolder(settings.keys_folder).vault(name)


def verifier(settings: Settings) -> Verifier:
    """Return the verifier with the public keys of all parties."""
    return KeysFolder(settings.keys_folder).verifier()


def jurisdictions(settings: Settings) -> tuple[str, ...]:
    """Return the bureaus that this process serves. The setting contains codes separated by commas; `*` means all bureaus, `-CODE`
    removes one (a city that runs its own service)."""
    words = [entry.strip() for entry in settings.jurisdictions.split(",") if entry.strip()]
    served = set(BUREAUS) - federated(settings) if "*" in words else {entry for entry in words if not entry.startswith("-")}
    served -= {entry[1:] for entry in words if entry.startswith("-")}
    if unknown := served - set(BUREAUS):
        raise InvalidSetting(f"GUICHUANG_JURISDICTIONS names unknown bureaus: {', '.join(sorted(unknown))}")
    return tuple(sorted(served))


def federated(settings: Settings) -> set[str]:
    """Return the bureaus whose services use a broker of their own."""
    bureaus = {entry.strip() for entry in settings.federated.split(",") if entry.strip()}
    if unknown := bureaus - set(BUREAUS):
        raise InvalidSetting(f"GUICHUANG_FEDERATED names unknown bureaus: {', '.join(sorted(unknown))}")
    return bureaus


def holidays_of(settings: Settings) -> HolidayCalendar:
    """Return the public holidays that this deployment knows. Raises InvalidSetting if the settings contain an invalid notice."""
    try:
        return HolidayCalendar(read_notices(settings.holidays))
    except ValueError as error:
        raise InvalidSetting(f"GUICHUANG_HOLIDAYS: {error}") from None


def registry_of(service: str) -> Registry:
    package = "gateway.identity" if service == "gateway" else f"services.{service}"
    registry: Registry = importlib.import_module(f"{package}.registry").registry
    return registry


def runtime_of(service: str, settings: Settings, **provided: Any) -> ServiceRuntime:
    """Return one service on its own database, ready to be connected to a bus. The database is not migrated here, because the
    operator migrates it in a separate step."""
    use_holidays(holidays_of(settings))
    if service == "documents":
        from services.kernel.storage.factory import store_of

        provided["store"] = store_of(settings)
    if service in VAULTS:
        provided["vault"] = vault(service, settings)
    return ServiceRuntime(
        registry_of(service),
        Database(settings.database(service), pool=int(settings.pool)),
        settings=settings,
        policies=Policies.builtin(),
        signer=signer(service, settings),
        verifier=verifier(settings),
        bureaus=jurisdictions(settings),
        all_bureaus=tuple(sorted(BUREAUS)),
        **provided,
    )


def migrate_all(settings: Settings, services: Iterable[str] = PARTIES) -> list[str]:
    """Migrate databases to the version of this code; return those that were behind."""
    from services.kernel.persistence import migrate

    settings.folder.mkdir(parents=True, exist_ok=True)
    not_migrated = []
    for service in services:
        database = Database(settings.database(service))
        if migrate.upgrade(service, database):
            not_migrated.append(service)
        database.close()
    return not_migrated


def await_migrated(settings: Settings, services: Iterable[str], seconds: float = 600) -> list[str]:
    """Wait at most `seconds` until another process has migrated these databases to this version; return those that are still
    behind."""
    from services.kernel.persistence import migrate

    not_migrated, deadline = list(services), time.monotonic() + seconds
    while True:
        not_migrated = [
            service for service in not_migrated if not _is_migrated(migrate.heads(service), settings.database(service))
        ]
        if not not_migrated or time.monotonic() > deadline:
            return not_migrated
        time.sleep(1)


def _is_migrated(heads: set[str], url: str) -> bool:
    from services.kernel.persistence import migrate

    database = Database(url, pool=1)
    try:
        return migrate.reached(heads, migrate.current(database))
    except Unavailable:
        return False
    finally:
        database.close()
