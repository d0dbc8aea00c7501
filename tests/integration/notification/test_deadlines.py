"""Every deadline of the domain has a reminder. Every reminder is sent on its days and to its recipients, and is no longer sent
after the duty is done."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Date

from services.kernel.clock import end_of_day
from services.kernel.persistence.database import Instant
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.delivery.reminders import KINDS, Kind
from services.notification.registry import registry
from services.notification.tables import deadlines, messages
from tests.integration.notification.sample_events import SAID, body

BY_ITSELF = "the platform does it on that day; nobody has to do anything"
RIGHT = "a right that ends, no duty; calls say when they close"
PERIOD = "says what is spoken of, not by when"
NOTICE = "the day of a notice that was issued"
#: For every column that stores a day that may lie in the future: the kinds of reminder about that day, or why there is none.
AHEAD: dict[str, tuple[str, ...] | str] = {
    "application.calls.opens_at": PERIOD,
    "application.calls.closes_at": ("call_closing",),
    "application.applications.correction_due": ("application_correction", "reconfirmation"),
    "application.applications.publicity_ends": ("objection",),
    "application.integrity_records.penalty_until": "ends a penalty; rule I1 looks at the day it judges",
    "application.changes.effective_on": ("change_confirmation", "change_unconfirmed"),
    "application.watches.due_on": ("change_asked",),
    "application.watches.look_on": BY_ITSELF,
    "application.matters.occurred_on": ("planned_matter",),
    "application.successions.effective_on": PERIOD,
    "review.accounts.term_until": "a reviewer's term, of which the gateway reminds the province",
    "review.cases.due_on": ("review", "scoring"),
    "review.case_tasks.due_on": "the due day of the case, which is reminded of there",
    "evaluation.consortia.next_round_by": ("next_round",),
    "evaluation.consortia.graded_under": NOTICE,
    "evaluation.annual_reports.due_at": ("inspection",),
    # The day on which the evaluation service sends its own next reminder; weekly once the report is late.
    "evaluation.annual_reports.next_reminder": "evaluation reminds by itself, as the report is owed before any event",
    "evaluation.coordination_items.due_on": ("coordination",),
    "evaluation.inspections.follow_up_on": ("follow_up",),
    "evaluation.evaluations.opens_at": PERIOD,
    "evaluation.evaluations.closes_at": ("participation", "deferral_answer"),
    "evaluation.evaluations.period_from": PERIOD,
    "evaluation.evaluations.period_to": PERIOD,
    "evaluation.evaluations.publicity_ends": BY_ITSELF,
    "evaluation.participations.correction_due": ("participation_correction",),
    "evaluation.participations.hand_in_until": ("participation",),
    "evaluation.participations.publicity_ends": ("grade_objection",),
    "evaluation.rectifications.due_on": ("rectification",),
    "evaluation.rectifications.acceptance_from": BY_ITSELF,
    "evaluation.revocations.statement_due": ("statement",),
    "documents.records.due_on": ("disposal",),
    "documents.documents.lock_until": BY_ITSELF,
    "documents.locking.next_at": BY_ITSELF,
}
#: Matches the names of the columns that store when something happened.
_PAST = re.compile(
    r"at|since|as_of|\w*(created|updated|submitted|decided|reserved|confirmed|freed|filed|answered|entered|took_effect|drafted|"
    r"published|opened|assigned|allowed|scoring_closed|accepted|raised|recorded|claimed|stored|checked|done|made|placed|lifted|"
    r"disposed|told|ended|received|resolved|verified|proposed|signed|declared|withdrawn|reported|previewed)_(at|on)|"
    r"(recognised|graded|reported|requested|ended|closed|settled|inspected|issued|proposed)_on"
)
#: Matches the names of the columns that store a deadline, even if their type is text.
_DUE = re.compile(r"due_\w+|\w+_(due|by|until|ends)|closes_\w+")


def days_kept() -> Iterator[str]:
    """Yield, as service.table.column, the columns of application, review, evaluation and documents that store a day that may lie
    ahead, including days stored as text. Columns whose name says that the day has passed (`_PAST`) are left out."""
    for service in ("application", "review", "evaluation", "documents"):
        for table in import_module(f"services.{service}.tables").metadata.tables.values():
            for column in table.columns:
                dated = isinstance(column.type, Date | Instant) or (_DUE.fullmatch(column.name) and column.name[-3:] != "_by")
                if dated and not _PAST.fullmatch(column.name):
                    yield f"{service}.{table.name}.{column.name}"


def test_every_day_that_lies_ahead_has_its_reminders_or_a_reason() -> None:
    assert sorted(days_kept()) == sorted(AHEAD)
    named = {name for kinds in AHEAD.values() if not isinstance(kinds, str) for name in kinds}
    assert named == {kind.name for kind in KINDS}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> ServiceHarness:
    folder: Path = tmp_path_factory.mktemp("deadlines")
    return ServiceHarness(registry, folder / "n.db", policies=None, vault=Vault(new_vault_key()))


@pytest.fixture(autouse=True)
def nothing_before(bench: ServiceHarness) -> None:
    with bench.database.write() as session:
        session.execute(deadlines.delete())
        session.execute(messages.delete())


DUE = date(2028, 3, 1)  # the due day in these tests: the day after a leap day
SUBJECT = "consortium/1"
#: Data that the tests add to the examples of the events that open a deadline, so that each kind of recipient is in the event.
WHOM: dict[str, Any] = {
    "panel.appointed": {"third_party": "third.party", "awaited": ["expert.1", "third.party"]},
    "review.opened": {"case": "450000-1"},
    "review.passed": {"case": "450000-1"},
}


def happens(bench: ServiceHarness, type: str, **change: Any) -> None:
    bench.react(body(bench, type, subject=SUBJECT, **change))


def opened(bench: ServiceHarness, kind: Kind, type: str) -> None:
    due = DUE.isoformat()
    if SAID[type].example.get(kind.due, "")[10:]:
        due = end_of_day(DUE).isoformat()
    happens(bench, type, **WHOM.get(type, {}) | {kind.due: due})


def told_on(bench: ServiceHarness, day: date) -> list[str]:
    """Sweep twice on this day; return the recipients of the reminders that were sent (the second sweep must send none)."""
    bench.clock.offset = bench.clock.offset_to(day)
    with bench.database.write() as session:
        session.execute(messages.delete())
    for _ in range(2):
        assert not [step for step in bench.runtime.sweep(end_of_day(day)) if "error" in step]
    with bench.database.read() as session:
        rows = session.execute(messages.select().where(messages.c.type == "reminder")).all()
    assert all("—" not in row.texts[language][0] + row.texts[language][1] for row in rows for language in ("zh", "en"))
    return sorted(row.audience for row in rows)


OPENINGS = [pytest.param(kind, type, id=f"{kind.name}-{type}") for kind in KINDS for type in kind.opens]


@pytest.mark.parametrize(("kind", "type"), OPENINGS)
def test_each_reminder_is_given_on_its_days_and_on_no_other(bench: ServiceHarness, kind: Kind, type: str) -> None:
    opened(bench, kind, kind.opens[0])
    opened(bench, kind, type)
    with bench.database.write() as session:  # The event may open other kinds too; each kind has a run of its own.
        session.execute(deadlines.delete().where(deadlines.c.kind != kind.name))
        audiences = sorted(session.execute(deadlines.select()).one().audiences)
    assert {address.partition(":")[0] for address in kind.to} == {audience.partition(":")[0] for audience in audiences}
    given = {days: told_on(bench, DUE - timedelta(days=days)) for before in kind.before for days in (before + 1, before)}
    assert {days for days, told in given.items() if told} == set(kind.before)
    assert all(told == audiences for told in given.values() if told)


@pytest.mark.parametrize(
    ("kind", "type"),
    [
        pytest.param(kind, type, id=f"{kind.name}-{type}")
        for kind in KINDS
        for type in (*kind.closes, *kind.ends, *kind.closes_when, *kind.ends_when)
    ],
)
def test_nobody_is_reminded_of_what_is_done(bench: ServiceHarness, kind: Kind, type: str) -> None:
    opened(bench, kind, kind.opens[0])
    with bench.database.write() as session:
        session.execute(deadlines.delete().where(deadlines.c.kind != kind.name))
    # When an event closes this deadline (it names the same key) or ends the whole subject, then no reminder is sent
    first = SAID[kind.opens[0]].example | WHOM.get(kind.opens[0], {})
    same = {name: first[name] for name in (part.partition(".")[0] for part in kind.key)}
    said = kind.closes_when.get(type) or kind.ends_when.get(type) or {}
    happens(bench, type, **said | (same if type in (*kind.closes, *kind.closes_when) else {}))
    assert told_on(bench, DUE - timedelta(days=kind.before[0])) == []


MOVED = [pytest.param(kind, type, id=f"{kind.name}-{type}") for kind in KINDS for type in kind.moves]


@pytest.mark.parametrize(("kind", "type"), MOVED)
def test_a_day_that_is_moved_is_reminded_of_again(bench: ServiceHarness, kind: Kind, type: str) -> None:
    # Given a reminder that was sent for the first due day
    opened(bench, kind, kind.opens[0])
    with bench.database.write() as session:
        session.execute(deadlines.delete().where(deadlines.c.kind != kind.name))
    assert told_on(bench, DUE - timedelta(days=kind.before[0]))
    # When an event moves the due day, then no reminder is sent for the first due day, and one is sent for the new due day
    later = DUE + timedelta(days=15)
    happens(bench, type, **{kind.moves[type]: end_of_day(later).isoformat()})
    with bench.database.write() as session:
        session.execute(deadlines.delete().where(deadlines.c.kind != kind.name))
    assert told_on(bench, DUE) == []
    assert told_on(bench, later - timedelta(days=kind.before[0]))


@pytest.mark.parametrize(
    ("kind", "type"), [pytest.param(kind, type, id=kind.name) for kind in KINDS for type in (*kind.closes_when, *kind.ends_when)]
)
def test_what_says_something_else_ends_nothing(bench: ServiceHarness, kind: Kind, type: str) -> None:
    opened(bench, kind, kind.opens[0])
    with bench.database.write() as session:
        session.execute(deadlines.delete().where(deadlines.c.kind != kind.name))
    said = kind.closes_when.get(type) or kind.ends_when[type]
    happens(bench, type, **dict.fromkeys(said, "another"))
    assert told_on(bench, DUE - timedelta(days=kind.before[0])) != []


def test_the_next_stage_of_a_case_is_reminded_of_with_its_title(bench: ServiceHarness) -> None:
    """A stage that follows another stage at the same bureau has a reminder too; an earlier version sent none."""
    happens(bench, "review.opened", title="糖业", case="450000-1", due_on="2028-02-01", bureau="450000")
    happens(bench, "review.passed", case="450000-1", due_on=DUE.isoformat(), bureau="450000")
    assert told_on(bench, date(2028, 1, 31)) == []
    assert told_on(bench, DUE - timedelta(days=1)) == ["bureau:450000"]
    with bench.database.read() as session:
        assert "糖业" in session.execute(messages.select()).one().texts["zh"][0]


def test_a_site_visit_beside_the_scoring_ends_neither(bench: ServiceHarness) -> None:
    for type in ("review.opened", "panel.appointed"):
        awaited = {"experts": ["expert.1"], "third_party": None, "awaited": ["expert.1"]}
        happens(bench, type, case="450000-1", due_on=DUE.isoformat(), bureau="450000", **awaited)
    happens(bench, "review.passed", case="450000-1", stage="site_visit", next_stage=None, due_on=DUE.isoformat(), bureau="450000")
    assert told_on(bench, DUE - timedelta(days=1)) == ["account:expert.1", "bureau:450000"]


def test_who_has_answered_a_change_is_not_asked_again_and_the_others_are(bench: ServiceHarness) -> None:
    joining = [{"uscc": "甲", "name": "甲"}, {"uscc": "乙", "name": "乙"}]
    happens(bench, "change.reported", joining=joining, confirm_by=DUE.isoformat(), lead={"uscc": "牵头", "name": "牵头"})
    happens(bench, "change.answered", organisation=joining[0], decision="decline")
    assert told_on(bench, DUE - timedelta(days=7)) == ["organisation:乙", "organisation:牵头"]


def test_last_years_inspection_recorded_late_is_not_this_years(bench: ServiceHarness) -> None:
    happens(bench, "report.due", consortium="c", year=2028, due_on="2028-12-31")
    happens(bench, "inspection.recorded", consortium="c", year=2027, follow_up_on=None)
    assert told_on(bench, date(2028, 12, 1)) == ["bureau:450200"]
    happens(bench, "inspection.recorded", consortium="c", year=2028, follow_up_on=None)
    assert told_on(bench, date(2028, 12, 24)) == []


def test_objections_are_told_apart_and_the_objector_stays_unnamed(bench: ServiceHarness) -> None:
    for id in ("o1", "o2"):
        happens(bench, "objection.filed", objection=id, answer_by=DUE.isoformat(), by="zhang")
    happens(bench, "objection.answered", objection="o1")
    assert told_on(bench, DUE - timedelta(days=1)) == ["bureau:450000"]
    with bench.database.read() as session:
        assert "zhang" not in str(session.execute(messages.select()).one().texts)
