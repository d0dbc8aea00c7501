"""The life of an application: the steps that each status allows."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from services.application.domain.application import Application
from services.application.domain.content import EMPTY
from services.kernel.errors import Conflict

NOW = datetime(2026, 3, 2, tzinfo=UTC)
STATUSES = ("draft", "submitted", "returned", "rejected", "declined", "publicised", "held", "recognised", "withdrawn")


def application(status: str = "draft", **changes: Any) -> Application:
    given: dict[str, Any] = {
        "id": "a",
        "channel": "call",
        "call_id": "c",
        "policy": "guangxi_trial@1",
        "as_of": date(2026, 3, 1),
        "status": status,
        "stage": None if status == "draft" else "recommendation",
        "round": 0 if status == "draft" else 1,
        "version": 0 if status == "draft" else 1,
        "revision": 1,
        "name": None,
        "field": None,
        "lead": "L",
        "recommender": "450200",
        "content": deepcopy(EMPTY),
        "basis": None,
        "agreement": {},
        "at_province": False,
        "returned": {"stage": "recommendation"} if status == "returned" else None,
        "correction_due": NOW + timedelta(days=15) if status == "returned" else None,
        "decision": None,
        "publicity_ends": None,
        "reason": None,
        "consortium_id": None,
        "searchable": "",
        "created_at": NOW,
        "submitted_at": None,
        "updated_at": NOW,
    }
    return Application(**given | changes)


STEPS: list[tuple[Callable[[Application], object], set[str]]] = [
    (lambda a: a.edit({"name": "甲"}, NOW), {"draft", "returned"}),
    (lambda a: a.submit("recommendation", False, NOW), {"draft", "returned"}),
    (lambda a: a.withdraw("withdrawn", NOW), {"draft", "submitted", "returned", "held"}),
]


@pytest.mark.parametrize(("step", "from_"), STEPS)
@pytest.mark.parametrize("status", STATUSES)
def test_each_step_is_taken_from_its_own_states_only(step: Callable[[Application], object], from_: set[str], status: str) -> None:
    case = application(status)
    if status in from_:
        step(case)
        return
    before = case.state()
    with pytest.raises(Conflict) as refused:
        step(case)
    assert refused.value.details["status"] == status
    assert case.state() == before


def test_every_submission_is_a_version_and_every_change_a_revision() -> None:
    case = application()
    case.edit({"name": "甲"}, NOW)
    case.submit("recommendation", False, NOW)
    assert (case.version, case.round, case.revision, case.status, case.stage) == (1, 1, 3, "submitted", "recommendation")
    case.return_to_applicant({"stage": "recommendation"}, NOW + timedelta(days=15), NOW)
    case.submit("recommendation", False, NOW)
    assert (case.version, case.round, case.returned, case.correction_due) == (2, 2, None, None)


@pytest.mark.parametrize("change", [{"lead": "M"}, {"call_id": "d"}, {"recommender": "450100"}])
def test_lead_call_and_recommender_are_fixed_after_the_first_submission(change: dict[str, Any]) -> None:
    with pytest.raises(Conflict) as refused:
        application("returned").edit(change, NOW)
    assert (refused.value.code, refused.value.details["fields"]) == ("fixed_after_submission", list(change))
    # An edit that sends the field's present value is accepted.
    application("returned").edit({name: getattr(application(), name) for name in change}, NOW)


def test_a_correction_is_made_up_to_the_last_instant_of_its_window() -> None:
    late = NOW + timedelta(days=15, microseconds=1)
    application("returned").submit("recommendation", False, NOW + timedelta(days=15))
    for step in (lambda a: a.edit({}, late), lambda a: a.submit("recommendation", False, late)):
        with pytest.raises(Conflict) as refused:
            step(application("returned"))
        assert refused.value.code == "correction_window_closed"


@pytest.mark.parametrize(
    ("changes", "version", "stage", "why"),
    [
        ({"status": "submitted"}, 1, "recommendation", None),
        ({"status": "held", "stage": "decision"}, 1, "decision", None),
        ({"status": "withdrawn"}, 1, "recommendation", "withdrawn"),
        ({"status": "recognised"}, 1, "decision", "recognised"),
        ({"status": "submitted", "version": 2}, 1, "recommendation", "superseded_version"),
        ({"status": "submitted", "stage": "formal_check"}, 1, "recommendation", "not_current_stage"),
        ({"status": "returned"}, 1, "recommendation", "not_current_stage"),
        ({"status": "publicised", "stage": "decision"}, 1, "decision", "not_current_stage"),
    ],
)
def test_an_opinion_counts_for_the_present_version_and_stage_only(
    changes: dict[str, Any], version: int, stage: str, why: str | None
) -> None:
    case = application(**{"status": "submitted"} | changes)
    assert case.void_reason(version, stage) == why


def test_a_second_decision_begins_no_second_publicity() -> None:
    case = application("submitted", stage="decision")
    case.approve({"reason": "优"}, NOW + timedelta(days=7), NOW)
    case.hold(NOW, publicity_again=False)
    case.approve({"reason": "已豁免"}, NOW + timedelta(days=30), NOW)
    assert (case.status, case.publicity_ends) == ("publicised", NOW + timedelta(days=7))
    # If the province held the recognition because of an upheld objection, the next approval begins another publicity period.
    case.hold(NOW, publicity_again=True)
    case.approve({"reason": "已核查"}, NOW + timedelta(days=30), NOW)
    assert (case.status, case.publicity_ends) == ("publicised", NOW + timedelta(days=30))


def test_objections_belong_to_the_publicity_period() -> None:
    open_now = application("publicised", publicity_ends=NOW)
    open_now.require_publicity(NOW)
    for case, now in ((open_now, NOW + timedelta(seconds=1)), (application("submitted"), NOW)):
        with pytest.raises(Conflict) as refused:
            case.require_publicity(now)
        assert refused.value.code == "not_in_publicity"
