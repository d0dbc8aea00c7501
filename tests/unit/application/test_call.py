"""Calls: their window, the changes that are allowed before and after it opens, and the mistakes for which a call is refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from services.application.domain.call import Call, mistakes
from services.kernel.errors import Conflict, Invalid

OPENS = datetime(2026, 3, 1, tzinfo=UTC)
CLOSES = datetime(2026, 4, 30, tzinfo=UTC)
BEFORE, DURING, AFTER = datetime(2026, 2, 1, tzinfo=UTC), datetime(2026, 4, 1, tzinfo=UTC), datetime(2026, 5, 1, tzinfo=UTC)


def call(**changes: Any) -> Call:
    given: dict[str, Any] = {
        "id": "c",
        "title": "通知",
        "kind": "formation",
        "opens_at": OPENS,
        "closes_at": CLOSES,
        "policy": "guangxi_trial@1",
        "fields": [],
        "industry_bureaus": [],
        "rubric": [],
        "min_reviewers": 3,
        "places": None,
        "budget": None,
        "attachments": [],
        "text": None,
        "contact": None,
        "cancelled_reason": None,
        "revision": 1,
        "created_at": BEFORE,
    }
    return Call(**given | changes)


@pytest.mark.parametrize(
    ("now", "status", "code"),
    [(BEFORE, "upcoming", "call_not_open"), (AFTER, "closed", "call_closed")],
)
def test_nothing_is_submitted_outside_the_window(now: datetime, status: str, code: str) -> None:
    with pytest.raises(Conflict) as refused:
        call().require_open(now)
    assert (refused.value.code, refused.value.details["status"]) == (code, status)


@pytest.mark.parametrize("now", [OPENS, DURING, CLOSES])
def test_the_window_includes_its_ends(now: datetime) -> None:
    call().require_open(now)


def test_a_call_is_extended_even_after_it_closed_and_never_shortened() -> None:
    extended = call()
    assert extended.change({}, datetime(2026, 6, 1, tzinfo=UTC), AFTER)
    extended.require_open(AFTER)
    with pytest.raises(Invalid) as refused:
        extended.change({}, CLOSES, DURING)
    assert refused.value.errors[0].code == "only_later"


def test_title_and_fields_stand_once_it_has_opened() -> None:
    early = call()
    assert not early.change({"title": "更正后的通知"}, None, BEFORE)
    assert early.title == "更正后的通知"
    with pytest.raises(Conflict) as refused:
        early.change({"fields": ["糖业"]}, None, DURING)
    assert refused.value.code == "call_already_open"


def test_a_cancelled_call_takes_nothing_and_cannot_be_changed() -> None:
    cancelled = call()
    cancelled.cancel("指南调整")
    for attempt in (
        lambda: cancelled.require_open(DURING),
        lambda: cancelled.change({}, AFTER, DURING),
        lambda: cancelled.cancel("再次"),
    ):
        with pytest.raises(Conflict) as refused:
            attempt()
        assert refused.value.code == "call_cancelled"


def _rubric(*weights: float) -> list[dict[str, Any]]:
    return [{"criterion": f"指标{place}", "weight": weight, "max": 100} for place, weight in enumerate(weights)]


@pytest.mark.parametrize(
    ("changes", "closes", "found"),
    [
        ({"rubric": _rubric(60, 40)}, CLOSES, []),
        ({"rubric": _rubric(0.1, 0.2, 0.7)}, CLOSES, []),
        ({"rubric": _rubric(60, 30)}, CLOSES, [("/rubric", "weights_do_not_sum")]),
        ({"rubric": []}, CLOSES, [("/rubric", "required")]),
        ({"rubric": [], "kind": "special_project"}, CLOSES, []),
        ({"rubric": _rubric(100)}, OPENS, [("/closes_at", "closes_before_opening")]),
        ({"rubric": [*_rubric(50), *_rubric(50)]}, CLOSES, [("/rubric/1/criterion", "criterion_twice")]),
    ],
)
def test_weights_make_a_whole_and_the_window_has_a_length(
    changes: dict[str, Any], closes: datetime, found: list[tuple[str, str]]
) -> None:
    body = {"kind": "formation"} | changes
    assert [(error.pointer, error.code) for error in mistakes(body, OPENS, closes)] == found
