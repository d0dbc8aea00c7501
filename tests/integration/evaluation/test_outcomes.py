"""An outcome counts once: a later report that names a submitted outcome is refused, an outcome in a draft only causes a warning,
and equal numbers of different issuers are different outcomes (A13)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sqlalchemy import insert, select

from services.evaluation.tables import outcome_claims, outcome_drafts
from services.kernel.errors import Conflict, Forbidden
from services.kernel.testing import ServiceHarness
from tests.integration.evaluation.played_rounds import PATENT, graded, led, notice, on, part, published, submit, write
from tests.integration.evaluation.scenario import CITY, OFFICER, PROVINCE_CHIEF, PROVINCE_OFFICER, say, swept, told

CONTRACT = {"kind": "contract", "identifier": "HT-2025-018", "title": "甘蔗良种繁育技术合同", "achieved_on": "2025-05-01"}


def refused(bench: ServiceHarness, *args: Any, **kwargs: Any) -> Conflict:
    with pytest.raises(Conflict) as caught:
        write(bench, *args, **kwargs)
    return caught.value


@pytest.mark.parametrize(
    ("used", "again"),
    [
        (PATENT, {"kind": "product"}),
        (PATENT, {"kind": "award"}),
        (PATENT, {"identifier": "ZL202410123456.7（发明）"}),
        (PATENT | {"kind": "standard", "identifier": "GB/T 45678"}, {"kind": "award", "identifier": "gb/t　45678（推荐性）"}),
        (PATENT | {"kind": "project", "identifier": "桂科AB24010001"}, {"identifier": "AB24010001"}),
        (CONTRACT | {"issuer": "自治区科技厅"}, {"issuer": "自治区 科技厅"}),
    ],
)
def test_a_submitted_outcome_is_refused_to_others_naming_the_round(
    bench: ServiceHarness, used: dict[str, Any], again: dict[str, Any]
) -> None:
    (one, one_lead), (other, other_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench, title="2026 年度评估")["id"]
    submit(bench, round, one, used, lead=one_lead)
    refusal = refused(bench, round, other, used | again, lead=other_lead)
    assert refusal.code == "outcome_already_used"
    assert refusal.details["evaluation"] == {"id": round, "title": "2026 年度评估"}
    assert [error.pointer for error in refusal.errors] == ["/outcomes/0/identifier"]


def test_each_enterprise_keeps_its_own_contracts_of_one_number(bench: ServiceHarness) -> None:
    (one, one_lead), (other, other_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench)["id"]
    submit(bench, round, one, CONTRACT, lead=one_lead)
    submit(bench, round, other, CONTRACT | {"title": "制糖废水处理合同"}, lead=other_lead)
    # Reviewers see that another consortium has an outcome with the same number, and which consortium.
    [alike] = part(bench, round, other)["likenesses"]
    assert (alike["outcome"], alike["by"], alike["identifier"]) == (0, "number", "HT-2025-018")
    assert alike["consortium"]["id"] == one
    assert told(bench, "participation.submitted")[-1]["likenesses"] == [alike]
    # The lead does not see that another consortium has a similar outcome.
    assert "likenesses" not in part(bench, round, other, other_lead)


def test_a_unit_named_by_code_and_by_name_is_one_issuer(bench: ServiceHarness) -> None:
    (one, one_lead), (other, other_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench)["id"]
    submit(bench, round, one, CONTRACT, lead=one_lead)
    for issuer in (str(one_lead.organisation), "牵头单位0", "牵头 单位0"):
        assert refused(bench, round, other, CONTRACT | {"issuer": issuer}, lead=other_lead).code == "outcome_already_used"


def test_the_same_title_under_another_number_is_shown_to_reviewers_and_refuses_nothing(bench: ServiceHarness) -> None:
    (one, one_lead), (other, other_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench)["id"]
    submit(bench, round, one, PATENT, lead=one_lead)
    alike = PATENT | {"identifier": "ZL202410999999.1", "title": "一种甘蔗 收割装置"}
    submit(bench, round, other, alike, lead=other_lead)
    assert [found["by"] for found in part(bench, round, other)["likenesses"]] == ["title"]


def test_another_draft_warns_and_does_not_refuse_and_whoever_submits_first_has_it(bench: ServiceHarness) -> None:
    (one, one_lead), (other, other_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench)["id"]
    assert write(bench, round, one, PATENT, lead=one_lead)["warnings"] == []
    [warning] = write(bench, round, other, PATENT, lead=other_lead)["warnings"]
    assert (warning["code"], warning["pointer"]) == ("outcome_in_draft", "/outcomes/0/identifier")
    assert "牵头单位0" not in str(warning), "whose draft it is stays unsaid"
    # When the second consortium submits its report first, then the submission of the first consortium is refused, and its
    # participation stays as it was
    bench.tell("submit_report", other_lead, id=round, consortium=other, documents_statement=None)
    with pytest.raises(Conflict) as caught:
        bench.tell("submit_report", one_lead, id=round, consortium=one, documents_statement=None)
    assert caught.value.code == "outcome_already_used"
    assert part(bench, round, one)["status"] == "invited"


def test_a_part_that_ends_frees_its_outcomes_and_a_graded_one_never_does(bench: ServiceHarness) -> None:
    (one, one_lead), (other, other_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench)["id"]
    submit(bench, round, one, PATENT, lead=one_lead)
    bench.tell("withdraw_from_round", one_lead, id=round, consortium=one, reason="调整")
    submit(bench, round, other, PATENT, lead=other_lead)
    # The second consortium's claim counts: in a later round, the first consortium is refused when it names the outcome again.
    second = notice(bench, title="第二轮")["id"]
    assert refused(bench, second, one, PATENT, lead=one_lead).details["evaluation"]["id"] == round


def test_a_later_round_refuses_what_an_earlier_one_used_to_the_same_consortium_too(bench: ServiceHarness) -> None:
    id, lead = led(bench, 0, recognised_on="2020-01-01")
    first = notice(bench, title="第一轮")["id"]
    graded(bench, first, id, "good", "85", PATENT, lead=lead)
    published(bench, first)
    on(bench, date(2029, 1, 2))
    second = notice(bench, period={"from": "2025-01-01", "to": "2028-12-31"})["id"]
    refusal = refused(bench, second, id, PATENT, lead=lead)
    assert refusal.details["evaluation"] == {"id": first, "title": "第一轮"}


def test_a_corrected_report_frees_what_it_no_longer_names(bench: ServiceHarness) -> None:
    (one, one_lead), (other, other_lead) = led(bench, 0), led(bench, 1)
    round = notice(bench)["id"]
    participation = submit(bench, round, one, PATENT, CONTRACT, lead=one_lead)
    returned = {"case": "1", "version": 1, "stage": "recommendation", "next_stage": None, "comment": "补正", "sections": []}
    say(bench, "review.returned", f"review.{CITY}", f"participation/{participation}", returned | {"article": "A13"})
    # While the first consortium corrects its returned report, the claims of the submitted version stay valid
    write(bench, round, one, CONTRACT, lead=one_lead)
    assert refused(bench, round, other, PATENT, lead=other_lead).code == "outcome_already_used"
    bench.tell("submit_report", one_lead, id=round, consortium=one, documents_statement=None)
    submit(bench, round, other, PATENT, lead=other_lead)


def test_the_province_lifts_a_refusal_with_a_reason_where_two_outcomes_bear_one_number(bench: ServiceHarness) -> None:
    (one, one_lead), (other, other_lead), (third, third_lead) = (led(bench, place) for place in range(3))
    round = notice(bench)["id"]
    submit(bench, round, one, PATENT, lead=one_lead)
    lift = {"id": round, "consortium": other, "kind": "patent", "identifier": "ZL202410123456.7", "reason": "号码登记有误"}
    for actor in (PROVINCE_OFFICER, OFFICER, other_lead):
        with pytest.raises(Forbidden):
            bench.tell("allow_outcome", actor, **lift)
    [lifted] = bench.tell("allow_outcome", PROVINCE_CHIEF, **lift)["allowances"]
    assert (lifted["reason"], lifted["allowed_by"]) == ("号码登记有误", "province-chief")
    # Then the second consortium, which has the province's permission, may claim the same number, and a third consortium may not
    submit(bench, round, other, PATENT, lead=other_lead)
    assert refused(bench, round, third, PATENT, lead=third_lead).code == "outcome_already_used"
    # When the first consortium withdraws, then the claim of the second still excludes the third; when the second withdraws too,
    # then the third consortium may claim the number.
    bench.tell("withdraw_from_round", one_lead, id=round, consortium=one, reason="调整")
    assert refused(bench, round, third, PATENT, lead=third_lead).code == "outcome_already_used"
    bench.tell("withdraw_from_round", other_lead, id=round, consortium=other, reason="调整")
    submit(bench, round, third, PATENT, lead=third_lead)
    assert [event["reason"] for event in told(bench, "participation.outcome_allowed")] == ["号码登记有误"]


def test_claims_of_an_earlier_release_are_keyed_anew_and_none_is_lost(bench: ServiceHarness) -> None:
    # Given four claims as an earlier release stored them: one patent claimed by two participations under different kinds, a
    # contract, and a claim of a draft
    (one, one_lead), (other, other_lead), (third, third_lead) = (led(bench, place) for place in range(3))
    round = notice(bench)["id"]
    parts = [submit(bench, round, one, lead=one_lead), submit(bench, round, other, lead=other_lead)]
    drafted = part(bench, round, third)["id"]
    rows = [
        {"kind": "patent", "key": "202410123456", "participation": parts[0]},
        {"kind": "award", "key": "ZL2024101234567", "participation": parts[1]},
        {"kind": "standard", "key": "GBT45678", "participation": drafted, "identifier": "GB/T 45678"},
        {"kind": "contract", "key": "HT2025018", "participation": parts[0], "identifier": "HT-2025-018"},
    ]
    with bench.database.write() as session:
        common = {"evaluation": round, "identifier": "ZL202410123456.7", "claimed_at": bench.clock.now()}
        for row in rows:
            session.execute(insert(outcome_claims), common | row)
    # When the sweep computes the present keys of these claims, then each submitted claim is stored once, and the draft's claim
    # has become a mention (a row that only causes warnings)
    assert swept(bench, "outcome_keys") == [("outcome_keys", "4 claims")]
    with bench.database.read() as session:
        kept = {(row.kind, row.key): row.participation for row in session.execute(select(outcome_claims))}
        mentions = [(row.participation, row.kind, row.key) for row in session.execute(select(outcome_drafts))]
    lead = one_lead.organisation
    assert kept == {
        ("number", "patent:202410123456"): parts[0],
        ("number", f"patent:202410123456~{parts[1]}"): parts[1],
        ("issued", f"{lead}/HT2025018"): parts[0],
    }
    assert mentions == [(drafted, "number", "standard:GBT45678")]
    assert refused(bench, round, third, PATENT | {"kind": "paper"}, lead=third_lead).code == "outcome_already_used"
    submit(bench, round, third, CONTRACT, lead=third_lead)
