"""A consortium that requested a deferral in time is not absent while the request is unanswered, and the province may still answer
after the window has closed (A13)."""

from __future__ import annotations

from datetime import date

import pytest

from services.kernel.errors import Conflict, Invalid
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import answer_deferral, ask_deferral, led, notice, on, part, submit
from tests.integration.evaluation.scenario import swept, to, told

AFTER = date(2026, 8, 9)  # The day after the round's window closes.


def test_a_request_that_nobody_answers_is_no_absence(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    to(bench, date(2026, 8, 8))
    ask_deferral(bench, round, id, lead=lead)
    # When the round's window has closed and years pass without an answer to the request for deferral, then the consortium does
    # not count as absent
    for day in (AFTER, date(2027, 6, 9), date(2028, 1, 1)):
        to(bench, day)
        assert swept(bench, "evaluation_windows") == []
    assert part(bench, round, id)["status"] == "invited"
    assert told(bench, "revocation.proposed") == []


def test_a_late_grant_counts(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    ask_deferral(bench, round, id, lead=lead)
    on(bench, AFTER)
    assert answer_deferral(bench, round, id)["status"] == "deferred"
    assert told(bench, "participation.deferral_answered")[0]["in_a_row"] == 1


def test_after_a_late_refusal_there_is_time_to_hand_in_and_then_it_is_an_absence(bench: ServiceHarness) -> None:
    (one, one_lead), (other, other_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench)["id"]
    ask_deferral(bench, round, one, lead=one_lead)
    ask_deferral(bench, round, other, lead=other_lead)
    on(bench, AFTER)
    for id in (one, other):
        answer_deferral(bench, round, id, "refuse", "理由不充分")
    assert {event["closes_on"] for event in told(bench, "participation.deferral_answered")} == {"2026-08-24"}
    # When one of the two refused consortia submits its report in the extra days after the refusal, then it takes part; the second
    # consortium does not submit, and is absent when the extra days are over
    on(bench, date(2026, 8, 24))
    submit(bench, round, one, lead=one_lead)
    assert part(bench, round, other)["status"] == "invited"
    on(bench, date(2026, 8, 25))
    assert part(bench, round, other)["status"] == "absent"
    assert [event["consortium"] for event in told(bench, "revocation.proposed")] == [other]


def test_a_refusal_early_in_the_window_leaves_the_whole_window(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    ask_deferral(bench, round, id, lead=lead)
    answer_deferral(bench, round, id, "refuse", "理由不充分")
    assert told(bench, "participation.deferral_answered")[0]["closes_on"] == "2026-08-08"
    on(bench, date(2026, 8, 8))
    assert part(bench, round, id)["status"] == "invited"
    on(bench, AFTER)
    assert part(bench, round, id)["status"] == "absent"


def test_an_answer_without_a_request_and_a_second_answer_are_refused(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0)
    round = notice(bench)["id"]
    with pytest.raises(Conflict) as caught:
        answer_deferral(bench, round, id)
    assert caught.value.code == "no_deferral_pending"
    ask_deferral(bench, round, id, lead=lead)
    answer_deferral(bench, round, id, "refuse")
    with pytest.raises(Conflict):
        answer_deferral(bench, round, id)


def test_a_second_deferral_in_a_row_needs_reasons_of_its_own_and_is_watched(bench: ServiceHarness) -> None:
    # Given a deferral that the province granted in one round, and the next round
    id, lead = led(bench, 0)
    first = notice(bench)["id"]
    ask_deferral(bench, first, id, reason="厂区搬迁", lead=lead)
    answer_deferral(bench, first, id, reason="情况属实")
    on(bench, date(2027, 6, 9))
    second = notice(bench)["id"]
    # When the consortium requests its second deferral with the same reason as the first, then the request is refused; when the
    # province grants the second deferral with the same reason as the first, then the grant is refused
    with pytest.raises(Invalid) as caught:
        ask_deferral(bench, second, id, reason="厂区 搬迁。", lead=lead)
    assert caught.value.errors[0].code == "reason_repeated"
    ask_deferral(bench, second, id, reason="洪灾损毁档案", lead=lead)
    with pytest.raises(Invalid):
        answer_deferral(bench, second, id, reason="情况属实")
    # When the province grants the second request with a new reason, then the event about the answer counts two deferrals in a
    # row, which puts the consortium on the watch list
    answer_deferral(bench, second, id, reason="洪灾证明属实")
    assert [event["in_a_row"] for event in told(bench, "participation.deferral_answered")] == [1, 2]
