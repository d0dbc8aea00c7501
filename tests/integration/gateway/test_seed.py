"""A demonstration's accounts are created once, and the file of passwords always agrees with the database."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest
from stdnum.cn import uscc

from deploy import composition
from gateway.identity.accounts import any_account
from gateway.identity.seed import cast, passwords_in, seed_demonstration
from gateway.serve import application
from services.kernel.messaging.rpc import Caller
from services.kernel.settings import Settings
from services.policy.bureaus import BUREAUS
from tests.integration.gateway.platform import Line, Platform


def test_there_is_an_account_for_every_role_and_bureau(gateway: Platform) -> None:
    held = {(role, entry["bureau"]) for entry in gateway.accounts.values() for role in entry["roles"]}
    assert {(role, code) for role in ("officer", "chief") for code in BUREAUS} <= held
    assert {"applicant", "expert", "third_party", "auditor", "portal", "operator"} <= {role for role, _ in held}
    assert sum(entry["roles"] == ["expert"] for entry in gateway.accounts.values()) >= 8


def test_the_file_has_the_promised_shape_and_is_for_its_owner_alone(gateway: Platform) -> None:
    path = gateway.settings.folder / "accounts.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for entry in json.loads(path.read_text(encoding="utf-8")):
        assert set(entry) == {"username", "password", "roles", "bureau", "organisation"}


@pytest.mark.parametrize("username", ["450000-chief", "gx-miit-officer", "expert-1", "applicant-1", "portal"])
def test_its_passwords_open_the_accounts(gateway: Platform, username: str) -> None:
    assert gateway.log_in(username).status_code == 200


def test_every_organisation_is_invented_soundly_and_registered(gateway: Platform) -> None:
    people, organisations = cast()
    codes = [row["uscc"] for row in organisations] + [person["expert"]["employer"] for person in people if person["expert"]]
    assert all(uscc.is_valid(code) for code in codes)
    assert len(set(codes)) == len(codes)
    approved = {event.data["uscc"] for event in gateway.events() if event.type == "registration.approved"}
    assert approved == {row["uscc"] for row in organisations}


def test_a_second_start_makes_nothing_new(gateway: Platform) -> None:
    before = len(gateway.events())
    seed_demonstration(gateway.known, gateway.settings)
    assert len(gateway.events()) == before


def test_a_kill_between_file_and_database_is_made_good_at_the_next_start(tmp_path: Path, started: Path) -> None:
    # Given a start that was killed after it had written the file of passwords, and before the accounts were in the database
    folder = tmp_path / "var"
    folder.mkdir()
    (folder / "accounts.json").write_text((started / "accounts.json").read_text(encoding="utf-8"), encoding="utf-8")
    # When the gateway starts again
    platform = Platform(folder)
    # Then the passwords in the file are valid
    assert (folder / "accounts.json").read_text(encoding="utf-8") == (started / "accounts.json").read_text(encoding="utf-8")
    assert platform.log_in("auditor").status_code == 200
    platform.close()


def test_passwords_are_written_where_there_is_no_folder_yet(tmp_path: Path) -> None:
    # Given a gateway whose database, keys and documents are in other places, so that its own folder does not exist
    path = tmp_path / "var" / "accounts.json"
    # When the gateway starts twice
    first, again = passwords_in(path, cast()[0]), passwords_in(path, cast()[0])
    # Then there is one password for each account, readable only by the owner
    assert first == again
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_production_seeds_nothing(tmp_path: Path) -> None:
    settings = Settings(var=str(tmp_path))
    composition.make_keys(settings)
    composition.migrate_all(settings, ["gateway"])
    runtime = composition.runtime_of("gateway", settings)
    application(Caller(Line({}), composition.signer("gateway", settings)), runtime, settings)
    assert not (tmp_path / "accounts.json").exists()
    with runtime.database.read() as session:
        assert not any_account(session)
