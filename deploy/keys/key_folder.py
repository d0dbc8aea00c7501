"""The folder of keys as a process uses it. The folder is read again when a file in it changes, so that a key can be changed
without a restart."""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from services.kernel.messaging.signing import Signer, Verifier, new_key, private_key, public_keys
from services.kernel.settings import InvalidSetting
from services.kernel.vault import Vault, new_vault_key

#: The least seconds between two checks of the folder. A check takes place only when a key is used.
LOOK_EVERY = 1.0

#: The name of the console's sealing key.
CONSOLE = "console"

log = logging.getLogger(__name__)


class KeysFolder:
    """The folder of keys. `<name>.key` is a party's private key; `<name>.pub` contains its public keys (one per line, the newest
    first); `<name>.vault` contains its sealing keys (one per line, the one in use first). If a file cannot be read, the last
    known key stays in use."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._own: set[str] = set()
        self._texts: dict[str, str] = {}
        self._stamp: object = None
        self._again = 0.0
        #: Two threads may need the keys at the same time; the second waits until the first has read the files.
        self._lock = threading.Lock()

    def signer(self, name: str) -> Signer:
        """Return the signer with a party's own private key; only the party's processes have it."""
        return Signer(name, self._following(f"{name}.key"))

    def vault(self, name: str) -> Vault:
        """Return the vault with which a party encrypts its secrets; only the party's processes have its keys."""
        return Vault(self._following(f"{name}.vault"))

    def sealing_keys(self, name: str) -> Callable[[], tuple[str, ...]]:
        """Return a function that returns a party's sealing keys as texts, the one in use first, for a process that encrypts with
        another method than the vault's."""
        text = self._following(f"{name}.vault")
        return lambda: tuple(text().split())

    def verifier(self) -> Verifier:
        """Return the verifier with the public keys of all parties."""
        self._look()  # Report a faulty file now.
        return Verifier(self._public)

    def _following(self, file: str) -> Callable[[], str]:
        with self._lock:
            self._own.add(file)
            self._again, self._stamp = 0.0, None
        return lambda: self._look()[file]

    def _public(self) -> Mapping[str, str]:
        return {file.removesuffix(".pub"): text for file, text in self._look().items() if file.endswith(".pub")}

    def _look(self) -> Mapping[str, str]:
        with self._lock:
            if time.monotonic() >= self._again:
                stamp = self._stamped()
                if stamp != self._stamp:
                    self._texts, self._stamp = self._read(), stamp
                self._again = time.monotonic() + LOOK_EVERY
            return self._texts

    def _stamped(self) -> object:
        """Return a value that changes when any file of the folder changes. (In a Kubernetes volume with a Secret, files are links
        whose target changes.)"""
        try:
            with os.scandir(self._folder) as entries:
                found = [(entry.name, entry.stat()) for entry in entries if entry.is_file()]
        except OSError as error:
            if not self._texts or not self._own <= self._texts.keys():
                raise InvalidSetting(
                    f"the folder of keys {self._folder} cannot be read: {error.strerror}; see GUICHUANG_KEYS"
                ) from error
            log.error("the folder of keys cannot be read (%s); the keys known so far stay in force", error)
            return self._stamp
        return sorted((name, stat.st_mtime_ns, stat.st_ino, stat.st_size) for name, stat in found)

    def _read(self) -> dict[str, str]:
        texts = {}
        for file in {path.name for path in self._folder.glob("*.pub")} | self._own:
            try:
                texts[file] = _checked(self._folder / file)
            except (OSError, ValueError) as error:
                if file not in self._texts:
                    raise InvalidSetting(f"{file}: {error}") from error
                log.error("%s cannot be read (%s); what was known so far stays in force", file, error)
                texts[file] = self._texts[file]
        return texts


def _checked(file: Path) -> str:
    text = file.read_text().strip()
    if not text:
        raise ValueError("it is empty")
    if file.suffix == ".key":
        private_key(text)
    elif file.suffix == ".pub":
        public_keys(text)
    else:
        Vault(text)
    return text


def make(folder: Path, signing: Iterable[str], sealing: Iterable[str]) -> None:
    """Generate the keys that are missing: for signing `<name>.key` (mode 0600) and `<name>.pub`, for sealing `<name>.vault` (mode
    0600)."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name in signing:
        if not (folder / f"{name}.pub").exists():
            own = folder / f"{name}.key"
            private = own.read_text().strip() if own.exists() else new_key()
            write(own, private, 0o600)
            write(folder / f"{name}.pub", Signer(name, private).public, 0o644)
    for name in sealing:
        if not (folder / f"{name}.vault").exists():
            write(folder / f"{name}.vault", new_vault_key(), 0o600)


def write(path: Path, text: str, mode: int) -> None:
    """Replace a file atomically, so that no process reads a part of a key."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    scratch.rename(path)
