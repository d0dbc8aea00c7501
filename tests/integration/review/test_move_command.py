"""`guichuang move` as an operator runs it: with files of settings, and again after it was killed; and the verification of the
audit logs of both databases."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.engine import make_url

from deploy import composition
from deploy.cli.move import move
from deploy.cli.verify import verify
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import audit_anchors
from services.kernel.settings import Settings
from tests.integration.review.moving import Two
from tests.integration.review.scenario import CITY, officer


def files(two: Two, folder: Path) -> dict[str, str]:
    """Write the settings of both deployments as files that a shell can read, and the deployments' public keys. Return the path of
    each settings file by the deployment's name."""
    written = {}
    public(two, folder)
    for name in ("pooled", "own"):
        file = folder / f"environment-{name}"
        file.write_text(f"# of {name}\nexport GUICHUANG_DB_REVIEW={shlex.quote(two.urls[name])}\nexport GUICHUANG_BUS=''\n")
        written[name] = str(file)
    return written


def public(two: Two, folder: Path) -> None:
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys" / "review.pub").write_text("\n".join(two.public_keys))


def begin(source: str, target: str) -> subprocess.Popen[str]:
    surroundings = os.environ | {"GUICHUANG_KEYS": str(Path(source).parent / "keys")}
    command = [sys.executable, "-m", "deploy.cli", "move", CITY, "--from", source, "--to", target]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=surroundings)


def test_a_command_that_is_killed_is_run_again_and_no_password_is_shown(worked: Two, tmp_path: Path) -> None:
    at = files(worked, tmp_path)
    said = ""
    with worked.at_work():
        # Given a move whose command is killed twice: as soon as it has fenced the bureau, and, run again, while it copies
        for words in ("does nothing for it", "    cases"):
            command = begin(at["pooled"], at["own"])
            assert command.stdout
            for line in command.stdout:
                said += line
                if words in line:
                    break
            command.send_signal(signal.SIGKILL)
            said += command.communicate()[0]
            assert command.returncode == -signal.SIGKILL
        # When the command is run a third time, Then it continues and completes the move
        command = begin(at["pooled"], at["own"])
        said += command.communicate()[0]
        assert command.returncode == 0
    assert said.count("does nothing for it") == 1
    assert said.endswith(f"{CITY} has moved from the old database to the new database\n")
    worked.serve("own")
    assert worked.has("own")["cases"] == 3
    worked.house.opinion(officer, worked.house.case(CITY, "open"))
    for url in worked.urls.values():
        password = make_url(url).password
        assert password and password not in said


def test_a_refusal_says_why_and_is_an_exit_status(worked: Two, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at, settings = files(worked, tmp_path), Settings(var=str(tmp_path), db_review=worked.urls["pooled"])
    (tmp_path / "empty").write_text("")
    for bureau, target, why in (
        ("450000", at["own"], "the province's own cases stay"),
        ("nowhere", at["own"], "no bureau that can be moved"),
        (CITY, str(tmp_path / "none"), "neither a URL nor a file"),
        (CITY, str(tmp_path / "empty"), "says no GUICHUANG_DB_REVIEW"),
        (CITY, at["pooled"], "the same one"),
        (CITY, "postgresql+psycopg://nobody:secret@127.0.0.1:1/none", "database_unavailable"),
    ):
        assert move(settings, bureau, None, target) == 1
        told = capsys.readouterr().err
        assert why in told
        assert "secret" not in told


def test_the_chain_of_a_bureau_is_verified_where_the_bureau_is(
    worked: Two, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    # Given a bureau that has moved, and all anchors of its audit chain that were announced so far
    with worked.at_work():
        worked.move("pooled", "own")
    common = Settings(var=str(tmp_path), db_review=worked.urls["pooled"])
    composition.migrate_all(common)
    public(worked, tmp_path)
    kept = Database(common.database("notification"))
    with kept.write() as session:
        session.execute(insert(audit_anchors), [event.data for event in worked.house.said("audit.sealed")])
    kept.close()
    # When the audit logs of both databases are verified, Then both verify, and the source reports that the bureau has moved
    assert verify(common) == 0
    assert f"review: bureau {CITY} is in another database" in capsys.readouterr().out
    assert verify(Settings(var=str(tmp_path), db_review=worked.urls["own"], jurisdictions=CITY)) == 0
    # and when all entries but the first are deleted after the move, the verification reports the flaw
    with worked.own.database.write() as session:
        session.connection().exec_driver_sql("DELETE FROM audit_chain WHERE number > 1")
    assert verify(Settings(var=str(tmp_path), db_review=worked.urls["own"], jurisdictions=CITY)) > 0
