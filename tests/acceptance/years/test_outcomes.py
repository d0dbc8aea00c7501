"""Article 13: each outcome counts once, whichever consortium claims it and in whatever spelling."""

from __future__ import annotations

import secrets

from deploy.demo.oversight import Calendar, Member, Participation, notice
from deploy.demo.people import PROVINCE, People
from tests.acceptance.driver import refusal


def parties(people: People, calendar: Calendar, count: int) -> list[Participation]:
    """Create this number of consortia that must take part in one new round, and return their participations."""
    members = [Member.imported(people) for _ in range(count)]
    round = notice(calendar, title="评估：成果")
    return [Participation(member, round) for member in members]


def serial(digits: int) -> str:
    return str(10 ** (digits - 1) + secrets.randbelow(9 * 10 ** (digits - 1)))


def test_a13_a_number_unique_by_itself_is_used_once_under_whatever_name(people: People, calendar: Calendar) -> None:
    first, second = parties(people, calendar, 2)
    patent, standard, project = f"ZL20241{serial(7)}.1", f"GB/T {serial(5)}", f"AB{serial(8)}"
    first.hand_in(
        first.outcome(patent),
        first.outcome(standard, kind="standard", title="糖料加工技术规范"),
        first.outcome(f"桂科{project}", kind="project", title="甘蔗良种项目"),
    )
    for outcome in (
        second.outcome(patent, kind="product"),
        second.outcome(f"{patent}（发明）", kind="award"),
        second.outcome(standard.lower(), kind="award"),
        second.outcome(project, kind="contract"),
    ):
        used = refusal(second.write, outcome)
        assert (used.code, used.problem["evaluation"]["id"]) == ("outcome_already_used", first.round["id"])
    twice = refusal(second.write, second.outcome("ZL202410111111.1"), second.outcome("ZL202410111111.1", kind="award"))
    assert twice.pointers == {"/outcomes/1/identifier": "outcome_twice"}


def test_a13_an_enterprises_own_numbers_are_its_own_and_likenesses_are_shown_to_reviewers(
    people: People, calendar: Calendar
) -> None:
    first, second = parties(people, calendar, 2)
    number, issuer = f"HT-{serial(6)}", f"样例监理{serial(6)}公司"
    first.hand_in(first.outcome(number, kind="contract", title="良种繁育合同"))
    second.hand_in(second.outcome(number, kind="contract", title="废水处理合同"))
    # The recommender and the province see that two outcomes have the same contract number from different issuers; the lead does
    # not see it
    review = people.officer(second.recommender).get(f"/reviews/{second.review(second.recommender, 'recommendation')}")
    [alike] = review["likenesses"]
    assert (alike["by"], alike["identifier"], alike["consortium"]["id"]) == ("number", number, first.member.id)
    assert second.read(people.officer(PROVINCE))["likenesses"] == [alike]
    assert "likenesses" not in second.read()
    # A second claim of the same contract number from the same issuer is refused, because it is the same outcome
    third, fourth = parties(people, calendar, 2)
    third.hand_in(third.outcome(f"JL-{number}", kind="contract", issuer=issuer))
    assert refusal(fourth.write, fourth.outcome(f"JL-{number}", kind="contract", issuer=issuer)).code == "outcome_already_used"


def test_a13_a_draft_warns_whoever_submits_first_has_it_and_the_province_may_lift_the_refusal(
    people: People, calendar: Calendar
) -> None:
    first, second = parties(people, calendar, 2)
    patent = f"ZL20241{serial(7)}.2"
    assert first.write(first.outcome(patent))["warnings"] == []
    [warning] = second.write(second.outcome(patent))["warnings"]
    assert (warning["code"], warning["pointer"]) == ("outcome_in_draft", "/outcomes/0/identifier")
    assert "先提交者使用" in warning["message"]
    second.submit()
    assert refusal(first.submit).code == "outcome_already_used"
    # When the province finds that the two claims are different outcomes, then its chief lifts the refusal, with a reason
    lift = {"kind": "patent", "identifier": patent, "reason": "登记号码有误，确为两项成果。"}
    assert refusal(people.officer().post, f"{first.path}/outcomes/allowance", lift).status == 403
    lifted = people.chief().post(f"{first.path}/outcomes/allowance", lift)
    assert lifted["allowances"][0]["reason"] == lift["reason"]
    assert first.submit()["status"] == "submitted"
