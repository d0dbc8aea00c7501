"""Only the owner can read the files that the platform writes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from deploy import composition
from deploy.demo.platform import Embedded
from deploy.doctor import host
from deploy.private_files import exposed, tighten
from services.kernel.settings import Settings
from tests.integration.bus.buses import eventually

ANYBODY = 0o077


@pytest.fixture
def open_folder(tmp_path: Path) -> Path:
    """Return a var folder that other users may enter, as `mkdir` with the usual umask creates it."""
    folder = tmp_path / "var"
    folder.mkdir(mode=0o755)
    folder.chmod(0o755)
    tmp_path.chmod(0o755)
    return folder


def readable(folder: Path) -> list[str]:
    """Return the paths below a folder that other users may read, write or enter."""
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.lstat().st_mode & ANYBODY)


def guichuang(folder: Path, *words: str) -> str:
    """Run an operator's command with the umask 0, which protects no file; return its output."""
    done = subprocess.run(
        [sys.executable, "-m", "deploy.cli", *words],
        env=os.environ | {"GUICHUANG_VAR": str(folder)},
        umask=0,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout + done.stderr


def test_databases_keys_and_backups_are_private_whatever_the_callers_umask(open_folder: Path) -> None:
    # When an operator with a umask that protects nothing creates the databases and the keys, and makes a backup
    guichuang(open_folder, "migrate")
    guichuang(open_folder, "backup", "--with-keys")
    # Then only the owner can read all these files
    assert {path.name for path in open_folder.iterdir()} >= {"keys", "backups", "application.db", "gateway.db"}
    assert readable(open_folder) == []


def test_a_running_platform_writes_private_files(open_folder: Path) -> None:
    # Given a platform that was started with a umask that protects nothing, with its accounts, documents and log
    platform = Embedded(open_folder)
    with (open_folder / "log").open("wb") as log:
        running = subprocess.Popen(platform.command(), env=platform.environment(), umask=0, stdout=log, stderr=log)
        try:
            eventually(platform.ready)
            # Then other users can read none of the platform's files, write-ahead logs included
            assert {path.name for path in open_folder.iterdir()} >= {"accounts.json", "objects", "keys", "gateway.db-wal"}
            assert set(readable(open_folder)) <= {"log", "part.json"}
        finally:
            running.terminate()
            running.wait()


@pytest.fixture
def earlier(open_folder: Path) -> Settings:
    """Return the settings of an installation that an earlier version created, readable by everybody."""
    settings = Settings(var=str(open_folder))
    composition.make_keys(settings)
    composition.migrate_all(settings)
    for path in (open_folder, *open_folder.rglob("*")):
        path.chmod(0o755 if path.is_dir() else 0o644)
    return settings


def test_the_doctor_names_what_others_can_read_and_the_command_that_ends_it(earlier: Settings) -> None:
    # Given the files of an installation that an earlier version created, When the doctor runs
    [symptom] = [symptom for symptom in host.folder(earlier) if symptom.wrong]
    assert "other users of this machine can read" in symptom.what
    # And the operator follows the doctor's advice
    command = symptom.advice.split("`")[1]
    assert command.startswith("chmod -R go-rwx ")
    subprocess.run(command, shell=True, check=True)
    # Then the doctor finds no fault
    assert [symptom for symptom in host.folder(earlier) if symptom.wrong] == []
    assert readable(earlier.folder) == []


def test_a_start_closes_the_files_of_an_earlier_version_and_leaves_others_files_alone(earlier: Settings) -> None:
    # Given a file in the platform's folder that does not belong to the platform
    (earlier.folder / "notes.txt").touch(mode=0o644)
    (earlier.folder / "notes.txt").chmod(0o644)
    # When an operator's command of this version is run on the folder
    said = guichuang(earlier.folder, "migrate")
    # Then the platform's own files become private, the other file is unchanged, and the command reports what it changed
    assert "were readable by others and now are not" in said
    assert readable(earlier.folder) == ["notes.txt"]
    assert exposed(earlier) == tighten(earlier) == []


def test_in_a_closed_folder_nothing_is_exposed(earlier: Settings) -> None:
    earlier.folder.chmod(0o700)
    assert exposed(earlier) == []
