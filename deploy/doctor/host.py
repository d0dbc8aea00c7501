"""The host of this deployment: its folder, the free space on its disk, and its keys."""

from __future__ import annotations

import os
import shlex
import shutil
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from deploy import composition
from deploy.doctor.finding import Finding, first_line, listed, soon, wrong
from deploy.keys.key_folder import CONSOLE, KeysFolder
from deploy.keys.rotation import Key, keys_of
from deploy.private_files import exposed
from services.kernel.clock import real_now
from services.kernel.settings import Settings, unknown_variables
from services.policy import use_holidays

#: The number of documents of the largest allowed size for which the disk should have free space.
ROOM = 10
#: The longest time that a change of a key may remain between its first and its last step.
HALF_WAY = timedelta(days=7)


def names() -> Iterator[Finding]:
    """Yield findings about environment variables whose names look like settings but are not settings."""
    for name, suggestion in unknown_variables().items():
        advice = f"{suggestion} may be meant. " if suggestion else ""
        yield soon("settings", f"{name} is no setting", f"{advice}`guichuang doctor --env` lists all.")


def links(settings: Settings) -> Iterator[Finding]:
    """Check whether clients on other machines can follow the links in answers, certificates and messages."""
    listening, linked = settings.http.rpartition(":")[0], urlsplit(settings.public_url).hostname or ""
    if not _loopback(listening.strip("[]")) and _loopback(linked):
        problem = f"the platform listens on {settings.http}, and its links begin with {settings.public_url}"
        yield soon("settings", problem, "Set GUICHUANG_PUBLIC_URL to the address by which clients reach it.")


def _loopback(host: str) -> bool:
    return host in ("localhost", "::1") or host.startswith("127.")


def holidays(settings: Settings) -> Iterator[Finding]:
    """Report the years with known public holidays, by which working days are counted. The findings about each service's deadlines
    say whether the holidays of a further year are needed."""
    calendar = composition.holidays_of(settings)
    use_holidays(calendar)
    yield Finding("holidays", f"announced years are known up to {calendar.known_through}")


def fonts(settings: Settings) -> Iterator[Finding]:
    """Report whether the fonts with rare characters exist. Without them a document with such a character is refused."""
    folder = Path(settings.fonts)
    if any(path.suffix.lower() in (".ttf", ".otf", ".ttc") for path in folder.glob("*")):
        yield Finding("fonts", f"{folder} has fonts for rare characters")
        return
    advice = "Install the Debian package fonts-hanazono, or set GUICHUANG_FONTS to a folder of fonts that have them."
    yield soon("fonts", f"{folder} has no fonts: PDFs with rare characters, such as 𢙨 in a name, are refused", advice)


def folder(settings: Settings) -> Iterator[Finding]:
    """Check whether the folder is writable and, if it contains data, whether its disk has free space."""
    folder = settings.folder
    if not folder.exists():
        if _keeps_data(settings):
            yield wrong("folder", f"{folder} does not exist yet", "Start the platform once, or set GUICHUANG_VAR.")
        return
    if not os.access(folder, os.W_OK):
        yield wrong("folder", f"{folder} is not writable", f"Give the platform's user write access to {folder}.")
        return
    yield Finding("folder", f"{folder} is writable")
    yield from _private(settings)
    if _keeps_data(settings):
        yield _free_space(settings)


def _private(settings: Settings) -> Iterator[Finding]:
    """Check whether other users of the machine can read any file of the platform."""
    open_to_others = exposed(settings)
    tops = [path for path in open_to_others if path.parent not in open_to_others]
    if not tops:
        yield Finding("folder", "its files are readable by their owner alone")
        return
    problem = f"other users of this machine can read {listed([str(path) for path in tops])}"
    command = f"chmod -R go-rwx {' '.join(shlex.quote(str(path)) for path in tops)}"
    yield wrong("folder", problem, f"`{command}`. A start of the platform does it too, for files that it owns.")


def _keeps_data(settings: Settings) -> bool:
    if composition.console_alone(settings):
        return False
    return settings.bus == "embedded://" or urlsplit(settings.s3).scheme in ("", "file")


def _free_space(settings: Settings) -> Finding:
    free_mib, largest = shutil.disk_usage(settings.folder).free >> 20, int(settings.max_document_mb)
    problem = f"{free_mib} MiB are free on its disk; one document may have {largest}"
    advice = "Make room or enlarge the disk. Old archives are dropped by `guichuang backup prune`."
    if free_mib < largest:
        return wrong("folder", problem, advice)
    return soon("folder", problem, advice) if free_mib < ROOM * largest else Finding("folder", f"{free_mib} MiB are free")


def keys(settings: Settings, services: Sequence[str]) -> Iterator[Finding]:
    """Check the public keys of all parties, and the private keys of the services in this deployment. The console's key is needed
    where the console runs: in the gateway's process, or in its own."""
    folder = settings.keys_folder
    own_parties = {service: composition.party(service, settings) for service in services}
    key_files = [f"{own_parties.get(service, service)}.pub" for service in composition.PARTIES]
    # If the folder has the service's common key, it need not contain the private key of a single bureau: that bureau's own
    # deployment has that key.
    secret = [party for service, party in own_parties.items() if party == service or not (folder / f"{service}.key").exists()]
    key_files += [f"{party}.key" for party in secret]
    key_files += [f"{service}.vault" for service in composition.VAULTS if service in services]
    console = composition.console_alone(settings) or ("gateway" in services and not settings.console_api)
    key_files += [f"{CONSOLE}.vault"] if console else []
    if missing := [file for file in key_files if not (folder / file).exists()]:
        advice = (
            "Put them back from where keys are kept apart; where they never were: `guichuang keys make`. docs/operations/keys.md."
        )
        yield wrong("keys", f"missing in {folder}: {listed(missing)}", advice)
        return
    try:
        for party in own_parties.values():
            if (folder / f"{party}.key").exists():
                yield from _pair(party, settings)
        for service in composition.VAULTS:
            if service in services:
                composition.vault(service, settings)
        if console:
            KeysFolder(folder).sealing_keys(CONSOLE)()
    except (OSError, ValueError) as error:
        advice = "Put the right file there; a process that runs goes on with the one before."
        yield wrong("keys", f"a file in {folder} is no key: {first_line(error)}", advice)
        return
    yield from filter(None, map(_half_way, keys_of(settings)))
    yield Finding("keys", "all are there")


def _pair(party: str, settings: Settings) -> Iterator[Finding]:
    keys = KeysFolder(settings.keys_folder)
    if keys.signer(party).key.public_key() not in keys.verifier().keys(party):
        advice = f"Put the public half back into {party}.pub, everywhere: docs/operations/keys.md."
        yield wrong("keys", f"signatures of {party} are refused: {party}.pub is of another key than {party}.key", advice)


def _half_way(key: Key) -> Finding | None:
    if key.stage == "settled":
        return None
    since = datetime.fromtimestamp(key.next.stat().st_mtime if key.stage == "prepared" else key.own.stat().st_mtime, UTC)
    if real_now() - since < HALF_WAY:
        return None
    step = "switch" if key.stage == "prepared" else "retire"
    return soon("keys", f"a change of {key.name} stands half way since {since:%Y-%m-%d}", f"`guichuang keys {step} {key.name}`.")
