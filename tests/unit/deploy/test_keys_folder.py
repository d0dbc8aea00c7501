"""Keys are files; a running process notices their changes, and each deployment has its own."""

from __future__ import annotations

import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from console.session import Sealer
from deploy import composition
from deploy.keys import key_folder
from deploy.keys.key_folder import KeysFolder
from deploy.keys.rotation import Refused, keys_of
from services.kernel.errors import Forbidden
from services.kernel.messaging.signing import Signer, new_key
from services.kernel.settings import Settings
from services.kernel.vault import Vault, new_vault_key


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder of keys, whose files are read again at every use of a key."""
    monkeypatch.setattr(key_folder, "LOOK_EVERY", 0.0)
    key_folder.make(tmp_path, ["gateway", "review"], ["gateway"])
    return tmp_path


@pytest.mark.parametrize(
    ("jurisdictions", "party"),
    [
        ("*", "review"),
        ("*,-450200", "review"),
        ("450200", "review.450200"),
        ("450000", "review.450000"),
        ("450200,450300", "review"),
        ("450200,450300,-450300", "review.450200"),
    ],
)
def test_a_deployment_of_one_bureau_signs_with_a_key_of_its_own(tmp_path: Path, jurisdictions: str, party: str) -> None:
    settings = Settings(var=str(tmp_path), jurisdictions=jurisdictions)
    composition.make_keys(settings)
    assert composition.signer("review", settings).name == party
    assert composition.signer("application", settings).name == "application"
    made = {path.name for path in settings.keys_folder.glob("review*")}
    assert made == {f"{party}.key", f"{party}.pub"}


def test_private_keys_are_for_their_owner_alone(folder: Path) -> None:
    modes = {path.name: path.stat().st_mode & 0o777 for path in folder.iterdir()}
    assert {name: mode for name, mode in modes.items() if not name.endswith(".pub")} == dict.fromkeys(
        ("gateway.key", "review.key", "gateway.vault"), 0o600
    )


def test_a_session_outlives_a_change_of_the_consoles_key_and_the_old_key_waits_for_the_longest_session(folder: Path) -> None:
    # Given a session that one console sealed, and a second console with the same key
    settings = Settings(var=str(folder), keys=str(folder))
    key_folder.make(folder, [], ["console"])
    one, other = (Sealer(KeysFolder(folder).sealing_keys("console")) for _ in range(2))
    cookie = one.seal_session(one.begin_session("token", 3600, {}))
    [key] = [key for key in keys_of(settings) if key.name == "console.vault"]
    # When the key changes while both consoles run
    key.prepare()
    key.switch(now=True)
    # Then either console opens the session, and seals new sessions with the next key
    assert other.open_session(cookie) is not None
    fresh = one.seal_session(one.begin_session("token", 3600, {}))
    # and the previous key is kept for as long as a session may last
    with pytest.raises(Refused, match="from"):
        key.retire(now=False)
    os.utime(key.own, (time.time() - 12 * 3600 - 61,) * 2)
    key.retire(now=False)
    assert other.open_session(cookie) is None
    assert other.open_session(fresh) is not None


def test_another_key_counts_without_a_restart(folder: Path) -> None:
    # Given a process that has loaded its keys
    signer, verifier = KeysFolder(folder).signer("gateway"), KeysFolder(folder).verifier()
    before, private = signer.wrap(b"body"), new_key()
    # When the key in the folder is replaced
    key_folder.write(folder / "gateway.key", private, 0o600)
    key_folder.write(folder / "gateway.pub", Signer("gateway", private).public, 0o644)
    # Then the process signs with the new key, and no longer accepts the old one
    assert verifier.unwrap(signer.wrap(b"body")) == ("gateway", b"body")
    with pytest.raises(Forbidden):
        verifier.unwrap(before)


def test_a_party_that_leaves_is_known_no_longer_and_a_new_one_at_once(folder: Path) -> None:
    verifier = KeysFolder(folder).verifier()
    review = KeysFolder(folder).signer("review").wrap(b"body")
    assert verifier.unwrap(review)
    key_folder.make(folder, ["review.450200"], [])
    (folder / "review.pub").unlink()
    assert verifier.unwrap(KeysFolder(folder).signer("review.450200").wrap(b"body"))
    with pytest.raises(Forbidden):
        verifier.unwrap(review)


@pytest.mark.parametrize("broken", ["not a key", "AAAA", "é", ""])
def test_a_file_that_is_no_key_leaves_the_one_before_in_force(folder: Path, broken: str) -> None:
    signer, verifier = KeysFolder(folder).signer("gateway"), KeysFolder(folder).verifier()
    vault = KeysFolder(folder).vault("gateway")
    signed, sealed = signer.wrap(b"body"), vault.seal("secret")
    for name in ("gateway.key", "gateway.pub", "gateway.vault"):
        key_folder.write(folder / name, broken, 0o600)
    assert verifier.unwrap(signer.wrap(b"more")) == ("gateway", b"more")
    assert verifier.unwrap(signed)
    assert vault.open(sealed) == "secret"


def test_a_vaults_keys_are_followed_too(folder: Path) -> None:
    vault, new = KeysFolder(folder).vault("gateway"), new_vault_key()
    sealed = vault.seal("one")
    key_folder.write(folder / "gateway.vault", f"{new}\n{(folder / 'gateway.vault').read_text()}", 0o600)
    assert vault.open(sealed) == "one"
    assert Vault(new).open(vault.seal("two")) == "two"


def test_a_lost_public_half_is_made_from_its_private_one(folder: Path) -> None:
    private, public = (folder / "review.key").read_text(), (folder / "review.pub").read_text()
    (folder / "review.pub").unlink()
    key_folder.make(folder, ["gateway", "review"], ["gateway"])
    assert (folder / "review.key").read_text() == private
    assert (folder / "review.pub").read_text() == public


def test_a_public_half_lost_before_the_switch_comes_back_with_the_next_key(folder: Path) -> None:
    key = next(key for key in keys_of(Settings(keys=str(folder))) if key.name == "gateway")
    key.prepare()
    both = (folder / "gateway.pub").read_text()
    (folder / "gateway.pub").unlink()
    key_folder.make(folder, ["gateway"], [])
    with pytest.raises(Refused):  # Another process may not have the new key yet.
        key.switch(now=False)
    assert (folder / "gateway.pub").read_text() == both


def test_a_thread_that_uses_a_key_while_another_reads_the_folder_waits_for_it(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a process that has the signing key and follows the vault's file from now on
    monkeypatch.setattr(key_folder, "LOOK_EVERY", 60.0)
    keys, checked = KeysFolder(folder), key_folder._checked
    signer, vault = keys.signer("gateway"), keys.sealing_keys("gateway")
    reading, may_go_on = threading.Event(), threading.Event()

    def slowly(file: Path) -> str:
        reading.set()
        may_go_on.wait(5)
        return checked(file)

    monkeypatch.setattr(key_folder, "_checked", slowly)
    with ThreadPoolExecutor(2) as threads:
        # When one thread reads the folder, and a second thread needs the vault's key before the first has finished
        first = threads.submit(lambda: signer.public)
        assert reading.wait(5)
        second = threads.submit(vault)
        with suppress(TimeoutError):
            second.result(0.2)
        may_go_on.set()
        # Then both threads have their keys
        assert first.result() and second.result()
