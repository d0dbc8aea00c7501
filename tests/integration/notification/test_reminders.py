"""Reminders are sent in time: once for each number of days before the due day, to the accounts concerned, and not after the duty
is done."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from services.kernel.clock import end_of_day
from services.kernel.identity import Actor
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.delivery.reminders import KINDS
from services.notification.registry import registry
from tests.integration.notification.sample_events import SAID, body

LEAD = Actor("lead", ("applicant",), organisation="9145020098MA369042")
OFFICER = Actor("officer", ("officer",), "450200")
EXPERT = Actor("expert.1", ("expert",))
OTHER = Actor("expert.9", ("expert",))


@pytest.fixture
def bench(tmp_path: Path) -> ServiceHarness:
    return ServiceHarness(registry, tmp_path / "n.db", policies=None, vault=Vault(new_vault_key()))


def happens(bench: ServiceHarness, type: str, **more: Any) -> None:
    bench.react(body(bench, type, **more))


def day(bench: ServiceHarness, today: date) -> None:
    """Move the platform's date to this day and run the sweep twice; the second run must send nothing."""
    bench.clock.offset = bench.clock.offset_to(today)
    for _ in range(2):
        done = bench.runtime.sweep(end_of_day(today))
        assert not [step for step in done if "error" in step]


def reminded(bench: ServiceHarness, actor: Actor = LEAD) -> list[str]:
    items = bench.ask("list_notifications", actor, unread=None, limit=200, cursor=None)["items"]
    return [item["body"]["zh"] for item in items if item["type"] == "reminder"][::-1]


def rectifying(bench: ServiceHarness, due: str) -> None:
    happens(
        bench, "rectification.opened", subject="rectification/1", due_on=due, lead={"uscc": LEAD.organisation, "name": "牵头"}
    )


def test_each_notice_is_given_once_on_its_day(bench: ServiceHarness) -> None:
    rectifying(bench, "2027-03-01")
    for today in (
        date(2026, 11, 30),
        date(2026, 12, 1),
        date(2026, 12, 2),
        date(2027, 1, 30),
        date(2027, 2, 22),
        date(2027, 2, 28),
    ):
        day(bench, today)
    assert [text.partition("，")[2][:5].rstrip("；请") for text in reminded(bench)] == [
        "还有 90",
        "还有 30",
        "还有 7 ",
        "还有 1 ",
    ]


def test_over_a_leap_day_the_calendar_counts(bench: ServiceHarness) -> None:
    rectifying(bench, "2028-03-01")
    day(bench, date(2028, 2, 28))
    assert len(reminded(bench)) == 1
    day(bench, date(2028, 2, 29))
    assert "还有 1 天" in reminded(bench)[-1]


def test_where_notices_were_missed_only_the_one_that_counts_is_given(bench: ServiceHarness) -> None:
    rectifying(bench, "2027-03-01")
    day(bench, date(2027, 2, 25))
    assert ["还有 4 天" in text for text in reminded(bench)] == [True]
    day(bench, date(2027, 2, 28))
    assert len(reminded(bench)) == 2


def test_what_is_done_is_told_of_no_more(bench: ServiceHarness) -> None:
    rectifying(bench, "2027-03-01")
    happens(bench, "rectification.submitted", subject="rectification/1")
    day(bench, date(2027, 2, 28))
    assert reminded(bench) == []


def test_a_deadline_that_moves_is_reminded_of_anew(bench: ServiceHarness) -> None:
    happens(bench, "call.opened", subject="call/1", closes_at="2026-06-30T15:59:59+00:00", recommender=None, bureau="450000")
    day(bench, date(2026, 6, 29))
    happens(bench, "call.extended", subject="call/1", closes_at="2026-07-31T15:59:59+00:00", recommender=None, bureau="450000")
    day(bench, date(2026, 6, 30))
    assert len(reminded(bench)) == 1
    day(bench, date(2026, 7, 30))
    assert "2026-07-31" in reminded(bench)[-1]


def test_what_is_late_is_said_once_where_that_helps_and_then_left_alone(bench: ServiceHarness) -> None:
    happens(bench, "review.opened", subject="application/1", due_on="2026-03-10", case="450200-1")
    day(bench, date(2026, 3, 12))
    assert ["已逾期 2 天" in text for text in reminded(bench, OFFICER)] == [True]
    day(bench, date(2026, 4, 12))
    assert len(reminded(bench, OFFICER)) == 1


def test_a_bureaus_own_work_does_not_end_anothers(bench: ServiceHarness) -> None:
    happens(bench, "review.opened", subject="application/1", due_on="2026-03-10", case="450200-1")
    happens(bench, "review.opened", subject="application/1", due_on="2026-03-20", case="450000-2", bureau="450000")
    happens(bench, "review.passed", subject="application/1", case="450000-2", bureau="450000")
    day(bench, date(2026, 3, 9))
    assert len(reminded(bench, OFFICER)) == 1


def test_who_has_scored_is_not_reminded(bench: ServiceHarness) -> None:
    happens(
        bench,
        "panel.appointed",
        subject="application/1",
        bureau="450000",
        case="450000-2",
        experts=["expert.1", "expert.9"],
        awaited=["expert.1", "expert.9"],
        third_party=None,
        due_on="2026-03-10",
    )
    happens(bench, "score.submitted", subject="application/1", bureau="450000", case="450000-2", actor="expert.1")
    day(bench, date(2026, 3, 9))
    assert (len(reminded(bench, EXPERT)), len(reminded(bench, OTHER))) == (0, 1)


def test_an_old_deadline_heard_of_late_is_told_of_no_more(bench: ServiceHarness) -> None:
    day(bench, date(2027, 6, 1))
    rectifying(bench, "2027-03-01")
    day(bench, date(2027, 6, 2))
    assert reminded(bench) == []


def test_who_was_granted_a_deferral_is_not_told_to_hand_in_and_a_refusal_gives_another_day(bench: ServiceHarness) -> None:
    lead = {"uscc": LEAD.organisation, "name": "牵头"}
    for part, answer in (("p1", {"outcome": "granted"}), ("p2", {"outcome": "refused", "closes_on": "2026-04-10"})):
        happens(bench, "participation.invited", subject=f"participation/{part}", closes_on="2026-04-01", lead=lead)
        happens(bench, "participation.deferral_answered", subject=f"participation/{part}", lead=lead, **answer)
    for on, told in ((date(2026, 3, 31), 1), (date(2026, 4, 3), 2), (date(2026, 4, 9), 3)):
        day(bench, on)
        assert len(reminded(bench)) == told


def test_nobody_reviews_what_was_taken_back(bench: ServiceHarness) -> None:
    happens(bench, "review.opened", subject="application/1", due_on="2026-03-10", case="450200-1")
    happens(bench, "application.withdrawn", subject="application/1")
    day(bench, date(2026, 3, 11))
    assert reminded(bench, OFFICER) == []


def test_who_has_scored_is_not_reminded_after_another_draw_either(bench: ServiceHarness) -> None:
    panel = {"bureau": "450000", "case": "450000-2", "third_party": None, "due_on": "2026-03-10", "subject": "application/1"}
    happens(bench, "panel.appointed", experts=["expert.1", "expert.8"], awaited=["expert.1", "expert.8"], **panel)
    happens(bench, "score.submitted", subject="application/1", bureau="450000", case="450000-2", actor="expert.1")
    happens(bench, "panel.appointed", experts=["expert.1", "expert.9"], awaited=["expert.1", "expert.9"], **panel)
    day(bench, date(2026, 3, 9))
    assert (len(reminded(bench, EXPERT)), len(reminded(bench, OTHER))) == (0, 1)


def test_after_scoring_has_closed_only_a_replacement_is_reminded(bench: ServiceHarness) -> None:
    panel = {"bureau": "450000", "case": "450000-2", "third_party": None, "due_on": "2026-03-10", "subject": "application/1"}
    happens(bench, "panel.appointed", experts=["expert.1", "expert.8"], awaited=["expert.1", "expert.8"], **panel)
    happens(bench, "review.passed", subject="application/1", bureau="450000", case="450000-2", stage="expert_review")
    happens(bench, "panel.appointed", experts=["expert.1", "expert.9"], awaited=["expert.9"], **panel)
    day(bench, date(2026, 3, 9))
    assert (len(reminded(bench, EXPERT)), len(reminded(bench, OTHER))) == (0, 1)


def test_a_panel_of_an_earlier_release_is_reminded_whole(bench: ServiceHarness) -> None:
    panel = {"bureau": "450000", "case": "450000-2", "third_party": None, "due_on": "2026-03-10", "subject": "application/1"}
    happens(bench, "panel.appointed", experts=["expert.1", "expert.9"], awaited=None, **panel)
    day(bench, date(2026, 3, 9))
    assert (len(reminded(bench, EXPERT)), len(reminded(bench, OTHER))) == (1, 1)


def test_a_follow_up_that_is_no_longer_wanted_is_not_reminded_of(bench: ServiceHarness) -> None:
    happens(bench, "inspection.recorded", subject="inspection/1", follow_up_on="2026-03-20")
    happens(bench, "inspection.recorded", subject="inspection/1", follow_up_on=None)
    day(bench, date(2026, 3, 19))
    assert reminded(bench, OFFICER) == []


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_every_kind_is_opened_and_closed_by_events_that_exist(kind: Any) -> None:
    assert set(kind.heard) <= set(SAID)
    for type in kind.opens:
        assert kind.due in SAID[type].data().fields
    for type in {*kind.heard} - {*kind.ends, *kind.ends_when, *kind.moves}:
        assert {part.partition(".")[0] for part in kind.key} <= set(SAID[type].data().fields)
    assert list(kind.before) == sorted(kind.before, reverse=True)


def test_after_a_hand_over_the_new_bureau_is_reminded_in_the_place_of_the_old(bench: ServiceHarness) -> None:
    # Given a consortium that must be inspected this year (A11)
    happens(bench, "report.due", subject="consortium/1", due_on="2027-12-31", year=2027)
    # When the consortium is handed over to Guilin
    happens(bench, "consortium.handed_over", subject="consortium/1", from_bureau="450200", to_bureau="450300")
    # Then Guilin gets the reminder, and Liuzhou does not
    day(bench, date(2027, 12, 1))
    new = Actor("officer", ("officer",), "450300")
    assert (len(reminded(bench, new)), reminded(bench, OFFICER)) == (1, [])


def test_what_the_lead_was_asked_to_report_is_recalled_until_it_is_settled(bench: ServiceHarness) -> None:
    happens(bench, "change.asked", subject="consortium/1", watch="w", due_on="2027-03-01", lead={"uscc": LEAD.organisation})
    day(bench, date(2027, 1, 30))
    assert len(reminded(bench)) == 1
    happens(bench, "change.ask_closed", subject="consortium/1", watch="w", outcome="cured")
    day(bench, date(2027, 2, 28))
    assert len(reminded(bench)) == 1
