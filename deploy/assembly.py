"""How a service is put together from the settings, whichever shape it runs in."""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from services.kernel.database import Database
from services.kernel.registry import Registry
from services.kernel.runtime import ServiceRuntime
from services.kernel.settings import SERVICES, Settings
from services.kernel.signing import Signer, Verifier, new_key
from services.kernel.vault import Vault, new_vault_key
from services.policy import Policies
from services.policy.bureaus import BUREAUS

#: Everybody who signs: the services and the gateway.
PARTIES = (*SERVICES, "gateway")
#: Who keeps secrets that must be read again.
VAULTS = ("gateway", "notification")


def make_keys(settings: Settings) -> None:
    """Generate the keys that are missing: for signing `<name>.key` (private, mode 0600) and `<name>.pub`, for sealing
    `<name>.vault` (mode 0600)."""
    folder = settings.keys_folder
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in PARTIES:
        if not (folder / f"{name}.pub").exists():
            private = new_key()
            _write(folder / f"{name}.key", private, 0o600)
            _write(folder / f"{name}.pub", Signer(name, private).public, 0o644)
    for name in VAULTS:
        if not (folder / f"{name}.vault").exists():
            _write(folder / f"{name}.vault", new_vault_key(), 0o600)


def _write(path: Path, text: str, mode: int) -> None:
    scratch = path.with_suffix(f".{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)


def signer(name: str, settings: Settings) -> Signer:
    """A party's own private key; only its own processes have it."""
    return Signer(name, (settings.keys_folder / f"{name}.key").read_text().strip())


def vault(name: str, settings: Settings) -> Vault:
    """What a party seals its secrets with; only its own processes have it."""
    return Vault((settings.keys_folder / f"{name}.vault").read_text())


def verifier(settings: Settings) -> Verifier:
    """The public keys of all parties."""
    return Verifier({path.stem: path.read_text().strip() for path in settings.keys_folder.glob("*.pub")})


def jurisdictions(settings: Settings) -> tuple[str, ...]:
    """The bureaus this process serves: codes by comma; `*` is all, `-CODE` takes one out (a city that runs its own)."""
    words = [word.strip() for word in settings.jurisdictions.split(",") if word.strip()]
    served = set(BUREAUS) if "*" in words else {word for word in words if not word.startswith("-")}
    served -= {word[1:] for word in words if word.startswith("-")}
    if unknown := served - set(BUREAUS):
        raise ValueError(f"GUICHUANG_JURISDICTIONS names unknown bureaus: {', '.join(sorted(unknown))}")
    return tuple(sorted(served))


def registry_of(service: str) -> Registry:
    package = "gateway.identity" if service == "gateway" else f"services.{service}"
    registry: Registry = importlib.import_module(f"{package}.registry").registry
    return registry


def runtime_of(service: str, settings: Settings, **provided: Any) -> ServiceRuntime:
    """One service on its own database, ready to be bound to a bus. Migrating is the operator's step, not this one's."""
    if service == "documents":
        from services.kernel.storage import store_of

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
    """Bring databases up to this code; returns those that were behind."""
    from services.kernel import migrate

    settings.folder.mkdir(parents=True, exist_ok=True)
    behind = []
    for service in services:
        database = Database(settings.database(service))
        if migrate.upgrade(service, database):
            behind.append(service)
        database.close()
    return behind
