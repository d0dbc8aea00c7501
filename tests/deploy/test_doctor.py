"""`guichuang doctor` reports each fault with advice, and reports none if there is none."""

from __future__ import annotations

import json
import os
import shutil
import time
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from deploy import composition
from deploy.doctor import Grade, environment, examine, host, report
from deploy.keys import key_folder
from services.application.tables import applications
from services.kernel.clock import end_of_day, real_now
from services.kernel.persistence import erasure, housekeeping, tables
from services.kernel.persistence.database import Database
from services.kernel.relocation import fencing
from services.kernel.settings import Settings
from services.policy import HolidayCalendar, holidays_known_through, use_holidays
from services.policy.holidays import statutory_holidays
from tests.deploy.doctor_platform import an_event, http, put, received, save, settings, started, wrong

__all__ = ["http", "settings", "started"]


def test_where_all_is_well_nothing_is_wrong(settings: Settings) -> None:
    assert wrong(settings) == []


def test_a_missing_font_for_rare_characters_is_told_before_a_paper_needs_it(settings: Settings, tmp_path: Path) -> None:
    fonts = tmp_path / "fonts"
    without = replace(settings, fonts=str(fonts))
    [(grade, what)] = look(without, "fonts")
    assert (grade, what) == (Grade.SOON, f"{fonts} has no fonts: PDFs with rare characters, such as 𢙨 in a name, are refused")
    fonts.mkdir()
    (fonts / "wide.ttf").touch()
    assert look(without, "fonts") == []


def test_before_the_first_start_it_says_so_and_makes_nothing(tmp_path: Path) -> None:
    found = {symptom.where for symptom in wrong(Settings(var=str(tmp_path / "none")))}
    assert {"folder", "keys", "bus", "store"} <= found
    assert list(tmp_path.iterdir()) == []


def test_a_platform_that_does_not_run_is_not_well(started: Path) -> None:
    before = set(started.rglob("*"))
    [symptom] = wrong(Settings(var=str(started)))
    assert (symptom.where, symptom.what) == ("bus", "the platform does not run: no request is served")
    assert "`guichuang run`" in symptom.advice
    assert set(started.rglob("*")) - before <= {started / "objects" / "incoming"}


def test_a_missing_folder_of_keys_is_told_once(settings: Settings) -> None:
    shutil.rmtree(settings.keys_folder)
    assert [symptom.where for symptom in wrong(settings)] == ["keys"]


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


def test_what_is_configured_and_away_is_named(settings: Settings) -> None:
    away = replace(settings, scanner="clamd://127.0.0.1:1", smtp="smtps://user:secret@127.0.0.1:1")
    assert {symptom.where for symptom in wrong(away)} == {"scanner", "mail"}


def test_settings_are_listed_without_their_secrets(capsys: pytest.CaptureFixture[str]) -> None:
    secrets = {"smtp": "smtps://user:rosebud@mail.example", "sms_token": "sesame", "oidc_secret": "swordfish"}
    environment(Settings(**secrets, mail_from="a <a@example.cn>"))
    listed = capsys.readouterr().out
    assert [word for word in ("rosebud", "sesame", "swordfish") if word in listed] == []
    assert "a@example.cn" in listed


def look(settings: Settings, where: str) -> list[tuple[Grade, str]]:
    """Return grade and text of each fault that the doctor finds in one part of the platform."""
    return [(symptom.grade, symptom.what) for symptom in examine(settings) if symptom.where == where and symptom.grade]


def test_parked_events_are_told_by_kind_with_what_went_wrong(settings: Settings) -> None:
    parked = {"state": "parked", "attempts": 7, "error": "KeyError: 'units'\nTraceback …"}
    put(settings, "review", tables.inbox, received("a", **parked), received("b", **parked))
    what = "2 events are parked after all their tries: 2 × application.submitted (KeyError: 'units')"
    assert look(settings, "review") == [(Grade.WRONG, what)]


def test_a_failing_reaction_is_told_before_it_is_parked_and_only_it(settings: Settings) -> None:
    failing = received("a", attempts=3, error="ValueError: no such call")
    behind = received("b", subject="application/a", sequence=2)
    put(settings, "review", tables.inbox, failing, behind)
    what = "1 events fail and are tried again: application.submitted (ValueError: no such call)"
    assert look(settings, "review") == [(Grade.SOON, what)]


def test_what_waits_for_a_reaction_that_nobody_does_is_told(settings: Settings) -> None:
    put(settings, "review", tables.inbox, received("a"))
    [(grade, what)] = look(settings, "review")
    assert grade is Grade.WRONG
    assert what.startswith("events wait for their reaction for 30")


def test_what_is_not_published_and_not_sealed_is_told_with_its_age(settings: Settings) -> None:
    entry = {"at": real_now() - timedelta(minutes=5), "bureau": "450200", "actor": "a", "action": "b", "subject": "c"}
    put(settings, "application", tables.outbox, an_event("a"), an_event("b"))
    put(settings, "application", tables.audit, entry | {"correlation_id": "d"})
    found = look(settings, "application")
    assert [grade for grade, _ in found] == [Grade.WRONG, Grade.WRONG]
    assert found[0][1].startswith("2 events wait to be published, the oldest for 30")
    assert found[1][1].startswith("audit entries wait for their seal since")
    # On a demonstration whose date was moved 30 days ahead, an event that has just occurred has a date 30 days from now. The
    # doctor does not report such an event as overdue.
    put(settings, "evaluation", tables.domain_clock, {"id": 1, "offset_days": 30})
    put(settings, "evaluation", tables.outbox, an_event("c", occurred_at=real_now() + timedelta(days=30)))
    assert look(settings, "evaluation") == []


def test_an_anchor_that_a_keeper_lost_is_told(settings: Settings) -> None:
    # Given the head of an audit chain, which the application service announced minutes ago, and two keepers (services that store
    # such heads as anchors) that have not stored it
    body = json.dumps({"data": {"service": "application", "bureau": "450200", "number": 3, "hash": "0" * 64}})
    ago = real_now() - timedelta(minutes=3)
    row = {"id": "1", "type": "audit.sealed", "producer": "application", "subject": "audit/450200", "routing_key": "audit.sealed"}
    put(settings, "application", tables.outbox, row | {"body": body, "occurred_at": ago, "published_at": ago})
    # When the doctor runs, Then it reports both keepers as unavailable, because they have received no event since the
    # announcement
    found = [symptom.what for symptom in wrong(settings) if symptom.where == "audit"]
    assert [what.partition(" is away")[0] for what in found] == ["notification", "documents"]
    # and once both keepers have received a later event of the application service, it reports that they lack the anchor
    for keeper in ("notification", "documents"):
        put(settings, keeper, tables.inbox, received("later", producer="application", received_at=real_now()))
    found = [symptom.what for symptom in wrong(settings) if symptom.where == "audit"]
    assert [what.partition(" lacks")[0] for what in found] == ["notification", "documents"]
    assert all("the anchor of application's link 3 is missing" in what for what in found)


def test_what_a_sweep_should_have_done_is_told(settings: Settings) -> None:
    ago = real_now() - timedelta(minutes=15)
    words = dict.fromkeys(("id", "channel", "policy", "searchable"), "x") | {"status": "publicised", "publicity_ends": ago}
    numbers = dict.fromkeys(("round", "version", "revision"), 1) | {"content": {}, "agreement": {}, "at_province": True}
    times = {"as_of": ago.date(), "created_at": ago, "updated_at": ago}
    put(settings, "application", applications, words | numbers | times)
    [(grade, what)] = look(settings, "application")
    assert (grade, what) == (Grade.SOON, "what fell due more than 10 minutes ago is not done: publicity_ended 1")


def test_deadlines_beyond_the_last_year_with_announced_holidays_are_told_until_its_notice_is_added(settings: Settings) -> None:
    # Given an application whose publicity period ends in a year whose holidays this version does not know
    year = holidays_known_through() + 1
    words = dict.fromkeys(("id", "channel", "policy", "searchable"), "x") | {"status": "publicised"}
    numbers = dict.fromkeys(("round", "version", "revision"), 1) | {"content": {}, "agreement": {}, "at_province": True}
    times = {"as_of": date(2026, 1, 1), "created_at": real_now(), "updated_at": real_now()}
    ends = {"publicity_ends": end_of_day(date(year, 1, 5))}
    put(settings, "application", applications, words | numbers | times | ends)

    # Then the doctor reports that no holidays of that year are known, until the operator adds the State Council's notice of the
    # year
    [(grade, what)] = look(settings, "application")
    assert (grade, what) == (Grade.SOON, f"1 deadlines reach beyond {year - 1}, after which no public holidays are known")
    notice = " ".join(f"{day:%m-%d}" for day in statutory_holidays(year))
    try:
        assert look(replace(settings, holidays=f"{year}: {notice}"), "application") == []
    finally:
        use_holidays(HolidayCalendar())


def test_a_notice_that_is_none_is_told(settings: Settings) -> None:
    [(grade, what)] = look(replace(settings, holidays="2027: 01-01"), "holidays")
    assert grade == Grade.WRONG
    assert "春节" in what


def test_a_database_of_another_version_is_told_with_the_direction(settings: Settings) -> None:
    database = Database(settings.database("application"))
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'kernel_9999' WHERE version_num LIKE 'kernel%'"))
    assert look(settings, "application") == [
        (Grade.SOON, "its database is ahead of this version: the code here is the older one")
    ]
    with database.write() as session:
        session.execute(text("UPDATE alembic_version SET version_num = 'kernel_0000' WHERE version_num LIKE 'kernel%'"))
    database.close()
    assert look(settings, "application") == [(Grade.WRONG, "its database is behind this version")]


def test_a_database_that_is_none_hides_nothing_else(settings: Settings) -> None:
    (settings.folder / "review.db").write_bytes(b"not a database at all" * 100)
    [(grade, what)] = look(settings, "review")
    assert grade is Grade.WRONG
    assert "not a database" in what
    assert look(settings, "application") == []


def test_a_full_disk_is_told_before_and_when_nothing_fits(settings: Settings) -> None:
    free = shutil.disk_usage(settings.folder).free >> 20
    for largest, grade in ((free // 5, Grade.SOON), (free * 2, Grade.WRONG)):
        found = look(Settings(var=settings.var, max_document_mb=str(largest)), "folder")
        assert [grade for grade, _ in found] == [grade]


def test_a_store_that_can_be_read_and_not_written_is_told(settings: Settings) -> None:
    assert look(settings, "store") == []
    shutil.rmtree(settings.folder / "objects" / "incoming")
    (settings.folder / "objects" / "incoming").write_text("in the way")
    [(grade, what)] = look(settings, "store")
    assert grade is Grade.WRONG
    assert what.startswith("the object store can be read, not written")


def test_the_doctor_leaves_nothing_in_the_store(settings: Settings) -> None:
    assert look(settings, "store") == []
    assert list((settings.folder / "objects" / "incoming").iterdir()) == []


@pytest.mark.parametrize(
    ("file", "text", "what"),
    [
        ("review.pub", None, "missing in"),
        ("gateway.vault", None, "missing in"),
        ("console.vault", None, "missing in"),
        ("gateway.key", "no key", "is no key: gateway.key: "),
        ("documents.pub", "another", "signatures of documents are refused"),
    ],
)
def test_keys_that_do_not_fit_are_told(settings: Settings, file: str, text: str | None, what: str) -> None:
    path = settings.keys_folder / file
    if text is None:
        path.unlink()
    else:
        path.write_text((settings.keys_folder / "gateway.pub").read_text() if text == "another" else text)
    [(grade, told)] = look(settings, "keys")
    assert grade is Grade.WRONG
    assert what in told


def test_a_bureaus_own_review_needs_its_own_key(settings: Settings) -> None:
    city = Settings(var=settings.var, jurisdictions="450200")
    assert "review.450200.pub" in look(city, "keys")[0][1]
    composition.make_keys(city)
    assert look(city, "keys") == []


def test_a_change_of_a_key_that_was_forgotten_half_way_is_told(settings: Settings) -> None:
    next = settings.keys_folder / "gateway.next"
    key_folder.write(next, (settings.keys_folder / "gateway.key").read_text(), 0o600)
    assert look(settings, "keys") == []
    os.utime(next, (time.time() - 8 * 86400,) * 2)
    [(grade, what)] = look(settings, "keys")
    assert grade is Grade.SOON
    assert what.startswith("a change of gateway stands half way since")


def test_how_old_the_last_backup_is_is_told(settings: Settings) -> None:
    for age, grades in (({"hours": 1}, []), ({"hours": 30}, [Grade.SOON]), ({"days": 4}, [Grade.WRONG])):
        save(settings, timedelta(**age))
        assert [grade for grade, _ in look(settings, "application")] == grades
    database = Database(settings.database("review"))
    with database.write() as session:
        session.execute(tables.keeping.delete())
    database.close()
    assert look(settings, "review") == [(Grade.SOON, "it was never saved")]


def test_a_bureau_that_is_on_its_way_or_has_gone_is_told(settings: Settings) -> None:
    ago = real_now() - timedelta(minutes=30)
    rows = [
        {"bureau": "450200", "state": fencing.MOVED, "move": "a", "at": ago},
        {"bureau": "450300", "state": fencing.LEAVING, "move": "b", "at": ago},
        {"bureau": "450400", "state": fencing.LEAVING, "move": "c", "at": real_now()},
    ]
    put(settings, "review", tables.fences, *rows)
    found = [(grade, what.partition(" is ")[0].partition(" has ")[0]) for grade, what in look(settings, "review")]
    assert found == [(Grade.SOON, "bureau 450200"), (Grade.WRONG, "bureau 450300")]


def told(capsys: pytest.CaptureFixture[str], settings: Settings, *, as_json: bool = False) -> tuple[int, str]:
    """Run the doctor's report; return the number of faults and the printed text."""
    wrong = report(settings, as_json=as_json)
    return wrong, capsys.readouterr().out


def test_the_worst_comes_first_what_is_the_same_once_and_what_is_well_at_the_end(
    settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    count, said = told(capsys, settings)
    assert (count, said.splitlines()[0]) == (0, "All is well.")
    save(settings, timedelta(hours=30))
    count, said = told(capsys, settings)
    assert (count, said.splitlines()[0]) == (0, "Nothing is broken; 1 to look at.")
    put(settings, "gateway", tables.inbox, received("a", state="parked", error="KeyError: 'x'"))
    count, said = told(capsys, settings)
    lines = said.splitlines()
    assert (count, lines[0]) == (1, "1 wrong, 1 to look at. Begin with the first.")
    assert lines[1].startswith("✗ gateway: 1 events are parked")
    assert lines[2].startswith("    → See `guichuang events dead-letters list`")
    assert lines[3].startswith("! application, review, evaluation, notification, documents, gateway: its last backup is of")
    assert {line[0] for line in lines[5:]} == {"✓"}


def test_machines_are_told_the_same_as_json(settings: Settings, capsys: pytest.CaptureFixture[str]) -> None:
    put(settings, "gateway", tables.inbox, received("a", state="parked", error="KeyError: 'x'"))
    count, said = told(capsys, settings, as_json=True)
    [first, *rest] = json.loads(said)
    assert (count, first["where"], first["grade"]) == (1, "gateway", "wrong")
    assert set(first) == {"where", "grade", "what", "advice"}
    assert {one["grade"] for one in rest} == {"well"}


@pytest.mark.parametrize(
    ("http", "public", "told"),
    [
        ("0.0.0.0:8000", "", 1),
        ("0.0.0.0:8000", "http://localhost:8000", 1),
        ("0.0.0.0:8000", "https://guichuang.example", 0),
        ("10.0.0.5:8000", "", 0),
        ("127.0.0.1:8000", "", 0),
    ],
)
def test_links_that_clients_elsewhere_cannot_follow_are_told(http: str, public: str, told: int) -> None:
    found = list(host.links(Settings(http=http, public_url=public)))
    assert [symptom.grade for symptom in found] == [Grade.SOON] * told


def test_an_erasure_that_waits_for_its_files_is_told(settings: Settings) -> None:
    database = Database(settings.database("gateway"))
    with database.write() as session:
        housekeeping.record_backup(session, erasure.DUE, "", real_now() - timedelta(hours=1))
    database.close()
    [symptom] = wrong(settings)
    assert symptom.where == "gateway"
    assert "are still in its database's files" in symptom.what
