"""`guichuang keys`: change keys in three steps, so that at no time a process gets a signature or a secret that it cannot verify
or read."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

from deploy import composition
from deploy.keys.key_folder import CONSOLE, write
from services.kernel import document_statement
from services.kernel.clock import SHANGHAI, real_now
from services.kernel.errors import Unavailable
from services.kernel.messaging.signing import Signer, new_key
from services.kernel.persistence.database import Database
from services.kernel.settings import Settings
from services.kernel.vault import new_vault_key

#: The time within which every process sees a change of the keys folder; the next step waits for this time. Processes that share
#: the folder check it every second.
SEEN_AFTER = timedelta(seconds=10)
#: Added to the lifetime of signed data, because clocks differ.
MARGIN = timedelta(seconds=60)

Stage = Literal["settled", "prepared", "switched"]


class Refused(Exception):
    """The step is not possible now; the message gives the reason."""


class Key(ABC):
    """A key that can be changed in steps: prepare, switch, retire. Each step can be repeated: the same command completes a step
    that was interrupted."""

    def __init__(self, name: str, folder: Path, settings: Settings) -> None:
        self.name = name
        self._folder = folder
        self._settings = settings

    @property
    @abstractmethod
    def own(self) -> Path:
        """Return the file of the key in use."""

    @property
    @abstractmethod
    def published(self) -> Path:
        """Return the file in which other processes find the key."""

    @property
    def next(self) -> Path:
        return self._folder / f"{self.name}.next"

    @property
    @abstractmethod
    def known(self) -> list[str]:
        """Return all versions of the key that are valid now."""

    @property
    def stage(self) -> Stage:
        if self.next.exists():
            return "prepared"
        return "switched" if len(self.known) > 1 else "settled"

    def prepare(self) -> str:
        """Create the next key and publish it to all processes. It is not used yet."""
        if self.stage == "switched":
            raise Refused(f"a key before this one still counts: `guichuang keys retire {self.name}` first")
        if not self.next.exists():
            write(self.next, self._new(), 0o600)
        self._publish()
        return f"the next key is made and known; `guichuang keys switch {self.name}` when every process has seen it"

    def switch(self, *, now: bool) -> str:
        """Use the next key from now on; the previous one stays valid. `now`: do not wait for the time within which every process
        sees the next key."""
        if not self.next.exists():
            raise Refused(f"no next key is made: `guichuang keys prepare {self.name}` first")
        self._publish()
        self._wait(self.published, SEEN_AFTER, now, "not every process may know it yet")
        self._use()
        self.next.unlink()
        return f"the next key is in use; `guichuang keys retire {self.name}` when nothing of the one before is left"

    def retire(self, *, now: bool) -> str:
        """Make the previous key invalid. `now`: do so even if data that were signed or encrypted with the previous key may still
        be in use."""
        if self.stage != "switched":
            raise Refused("there is no key before this one")
        self._wait(self.own, self._left_for, now, "what was made with the one before is still about")
        if not now and (left := self._left()):
            raise Refused(left)
        self._forget()
        return "the key before counts no more"

    @abstractmethod
    def _new(self) -> str: ...

    @abstractmethod
    def _publish(self) -> None: ...

    @abstractmethod
    def _use(self) -> None: ...

    @abstractmethod
    def _forget(self) -> None: ...

    @property
    @abstractmethod
    def _left_for(self) -> timedelta: ...

    def _left(self) -> str | None:
        """Return a description of the data that still need the previous key; None if there are none, or if this cannot be
        determined."""
        return None

    def _wait(self, since: Path, span: timedelta, now: bool, why: str) -> None:
        ready = datetime.fromtimestamp(since.stat().st_mtime, UTC) + span
        if real_now() < ready and not now:
            raise Refused(f"{why}: from {ready.astimezone(SHANGHAI):%Y-%m-%d %H:%M:%S%z} on, or now with --now")


class SigningKey(Key):
    """A party's key pair: `<name>.key`, and all its public keys in `<name>.pub`, newest first."""

    @property
    def own(self) -> Path:
        return self._folder / f"{self.name}.key"

    @property
    def published(self) -> Path:
        return self._folder / f"{self.name}.pub"

    @property
    def known(self) -> list[str]:
        return self.published.read_text().split() if self.published.exists() else []

    def _new(self) -> str:
        return new_key()

    def _publish(self) -> None:
        self._keep([_half(self.next), *self.known])

    def _use(self) -> None:
        write(self.own, self.next.read_text(), 0o600)

    def _forget(self) -> None:
        self._keep([_half(self.own)])

    def _keep(self, public: Sequence[str]) -> None:
        if (lines := list(dict.fromkeys(public))) != self.known:
            write(self.published, "\n".join(lines) + "\n", 0o644)

    @property
    def _left_for(self) -> timedelta:
        """Return the longest lifetime of data signed with the key: for the gateway the lifetime of tokens; for other parties the
        lifetime of grants and statements."""
        tokens = int(self._settings.token_minutes) * 60 if self.name == "gateway" else 0
        return timedelta(seconds=max(tokens, document_statement.SECONDS)) + MARGIN


class SealingKey(Key):
    """The keys with which a party encrypts its secrets: the lines of `<party>.vault`, the one in use first."""

    @property
    def own(self) -> Path:
        return self._folder / self.name

    @property
    def published(self) -> Path:
        return self.own

    @property
    def known(self) -> list[str]:
        return self.own.read_text().split()

    def _new(self) -> str:
        return new_vault_key()

    def _publish(self) -> None:
        next = self.next.read_text()
        if next not in self.known:
            self._keep([*self.known, next])

    def _use(self) -> None:
        next = self.next.read_text()
        self._keep([next, *(key for key in self.known if key != next)])

    def _forget(self) -> None:
        self._keep(self.known[:1])

    def _keep(self, keys: Sequence[str]) -> None:
        write(self.own, "\n".join(keys) + "\n", 0o600)

    @property
    def _left_for(self) -> timedelta:
        return SEEN_AFTER

    def _left(self) -> str | None:
        """Return a text with the number of secrets in the database that are encrypted with the previous key; None if there are
        none. A sweep of the service encrypts all of them again with the new key."""
        left = sealed_before(self.name.removesuffix(".vault"), self._settings)
        return f"{left} secrets are still sealed with the one before; the running service encrypts them again" if left else None


class CookieKey(SealingKey):
    """The key that encrypts the console's cookies and interrupted forms. No data in a database are encrypted with this key."""

    @property
    def _left_for(self) -> timedelta:
        """Return the longest duration of a session: a cookie is encrypted again at every use, so no cookie is older."""
        return timedelta(hours=int(self._settings.session_hours)) + MARGIN

    def _left(self) -> str | None:
        return None


def _half(private: Path) -> str:
    """Return the public key that belongs to a private key's file."""
    return Signer("", private.read_text().strip()).public


def sealed_before(service: str, settings: Settings) -> int:
    """Return the number of a service's secrets that are still encrypted with a key before the present one."""
    database = Database(settings.database(service), pool=1)
    sweeps = [sweep for sweep in composition.registry_of(service).sweeps if sweep.name.startswith("seal_")]
    vault = composition.vault(service, settings)
    try:
        with database.read() as session:
            return sum(len(sweep.due.run(session=session, vault=vault)) for sweep in sweeps)
    finally:
        database.close()


def keys_of(settings: Settings) -> list[Key]:
    """Return the keys whose secret part is in this folder."""
    folder = settings.keys_folder
    signing = [SigningKey(path.stem, folder, settings) for path in sorted(folder.glob("*.key"))]
    sealing = [
        (CookieKey if path.stem == CONSOLE else SealingKey)(path.name, folder, settings)
        for path in sorted(folder.glob("*.vault"))
    ]
    return [*signing, *sealing]


#: Step → the stages in which a key must be for the step to be applied to it, if the operator names no key.
_FITTING: dict[str, tuple[Stage, ...]] = {
    "prepare": ("settled", "prepared"),
    "switch": ("prepared",),
    "retire": ("switched",),
}


def run(step: str, name: str | None, settings: Settings, *, now: bool) -> int:
    """Apply a step to one key, or to every key in a matching stage. Return exit status 1 if a step is refused."""
    if step == "make":
        composition.make_keys(settings)
        step = "list"
    keys = [key for key in keys_of(settings) if name in (None, key.name)]
    if not keys:
        print(f"no key {name or 'at all'} in {settings.keys_folder}; `guichuang keys list` has those there are", file=sys.stderr)
        return 2 if name else 1
    if step == "list":
        for key in keys:
            print(f"{key.name:<20} {_told(key)}")
        return 0
    refused = 0
    for key in keys if name else [key for key in keys if key.stage in _FITTING[step]]:
        try:
            done = key.prepare() if step == "prepare" else key.switch(now=now) if step == "switch" else key.retire(now=now)
            print(f"{key.name}: {done}")
        except (Refused, Unavailable) as why:
            refused += 1
            print(f"{key.name}: {why}", file=sys.stderr)
    return 1 if refused else 0


def _told(key: Key) -> str:
    since = datetime.fromtimestamp(key.own.stat().st_mtime, SHANGHAI)
    words = {
        "settled": "",
        "prepared": "; the next one is made, not in use yet",
        "switched": "; the one before still counts",
    }
    return f"in use since {since:%Y-%m-%d %H:%M:%S%z}{words[key.stage]}"
