"""`guichuang doctor` says what is wrong and what to do, and nothing where all is well."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import text

from deploy import assembly
from deploy.operations.doctor import Symptom, environment, examine
from services.kernel.database import Database
from services.kernel.settings import Settings


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A platform that was started once."""
    settings = Settings(var=str(tmp_path))
    assembly.make_keys(settings)
    assembly.migrate_all(settings)
    return settings


def wrong(settings: Settings) -> list[Symptom]:
    return [symptom for symptom in examine(settings) if symptom.wrong]


def test_where_all_is_well_nothing_is_wrong(settings: Settings) -> None:
    assert wrong(settings) == []


def test_before_the_first_start_it_says_so(tmp_path: Path) -> None:
    found = {symptom.where for symptom in wrong(Settings(var=str(tmp_path / "none")))}
    assert {"folder", "keys"} <= found


@pytest.mark.parametrize(
    ("service", "statement", "what"),
    [
        (
            "documents",
            "INSERT INTO documents (id, subject, kind, filename, size, sha256, state, created_at) "
            "VALUES ('a', 'application/1', 'agreement', 'a.pdf', 1, 'x', 'damaged', '2026-01-01 00:00:00')",
            "1 documents are damaged",
        ),
        (
            "notification",
            "INSERT INTO webhooks (id, owner, url, types, secrets, state, reason, cursor, held_until, taken_at, failures, "
            "created_at) "
            "VALUES ('a', 'p', 'u', '[]', '[]', 'paused', 'failing', 0, '2026-01-01', '2026-01-01', 0, '2026-01-01')",
            "1 webhooks are paused because their subscribers take nothing",
        ),
    ],
)
def test_what_waits_for_somebody_is_counted_with_what_to_do(settings: Settings, service: str, statement: str, what: str) -> None:
    database = Database(settings.database(service))
    with database.write() as session:
        session.execute(text(statement))
    database.close()
    [symptom] = wrong(settings)
    assert (symptom.where, symptom.what) == (service, what)
    assert symptom.advice


def test_what_is_configured_and_away_is_named(tmp_path: Path, settings: Settings) -> None:
    away = Settings(var=str(tmp_path), scanner="clamd://127.0.0.1:1", smtp="smtps://user:secret@127.0.0.1:1")
    assert {symptom.where for symptom in wrong(away)} == {"scanner", "mail"}


def test_settings_are_listed_without_their_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    environment(Settings(smtp="smtps://user:secret@mail.example", sms_token="sesame", mail_from="a <a@example.cn>"))
    listed = capsys.readouterr().out
    assert "secret" not in listed.replace("secrets", "")
    assert "sesame" not in listed
    assert "a@example.cn" in listed
