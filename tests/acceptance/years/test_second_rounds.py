"""Article 13 over the years: which consortia a later round invites, deferrals, rounds that are changed or cancelled, objections
to grades."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from deploy.demo.client import until
from deploy.demo.oversight import Calendar, Member, Participation, notice, publish
from deploy.demo.people import People
from deploy.demo.review_actions import uphold
from services.kernel.clock import end_of_day, start_of_day
from services.policy import add_working_days
from tests.acceptance.driver import fetch, refusal, require_adverse, text_of
from tests.acceptance.driver import notice as message


def old(people: People) -> Member:
    """Create a consortium that has operated for more than three years."""
    return Member.imported(people)


def window(opens: date, closes: date) -> dict[str, Any]:
    return {"opens_at": start_of_day(opens).isoformat(), "closes_at": end_of_day(closes).isoformat()}


def graded(member: Member, round: dict[str, Any], grade: str, points: tuple[int, ...]) -> Participation:
    """Create a participation that has reported, been scored and got a grade, which is not public yet."""
    part = Participation(member, round)
    part.hand_in()
    part.scored(points)
    part.grade(grade)
    return part


def not_asked(member: Member, round: dict[str, Any]) -> bool:
    return member.lead.send("GET", f"/evaluations/{round['id']}/participants/{member.id}").status == 404


def test_a13_one_graded_lately_is_not_asked_before_its_notices_year_plus_three(people: People, calendar: Calendar) -> None:
    # Given a consortium that was graded in a round of this year
    member = old(people)
    part = graded(member, notice(calendar, title="首轮评估"), "good", (85, 84, 86))
    issued = date.fromisoformat(part.round["issued_on"])
    calendar.forward(61)
    publish(people, part.round)
    assert part.read()["next_round_by"] == f"{issued.year + 3}-12-31"

    # When the province opens the next round in the same year, then the consortium is not invited, and no revocation is proposed
    # because it did not report
    again = notice(calendar, title="次月评估")
    assert not_asked(member, again)
    calendar.forward(61)
    assert people.officer().get("/revocations", consortium=member.id)["items"] == []

    # When the province opens a round in the third year after that, even at the beginning of the year, then the consortium must
    # take part
    calendar.move(date(issued.year + 3, 1, 2))
    second = Participation(member, notice(calendar, title="第二轮评估"))
    assert second.read()["mandatory"] is True


def test_a13_a_notice_is_bounded_extended_corrected_and_cancelled(people: People, calendar: Calendar) -> None:
    today = calendar.today
    # The province cannot open a round whose window is over or too short, whose evaluation period is too long, or that is dated on
    # another day than today
    last = add_working_days(today, 20)
    over = window(today - timedelta(days=60), today - timedelta(days=1))
    short = window(today, last - timedelta(days=1))
    for change, pointer in (
        ({"window": over}, "/window/closes_at"),
        ({"window": short}, "/window/closes_at"),
        ({"issued_on": (today - timedelta(days=1)).isoformat()}, "/issued_on"),
        ({"period": {"from": f"{today.year - 10}-01-01", "to": today.isoformat()}}, "/period/to"),
    ):
        assert set(refusal(notice, calendar, **change).pointers) == {pointer}

    # Given a round with three consortia: one reports, one will leave the round, and one will not take part
    reporting, leaving, silent = (old(people) for _ in range(3))
    round = notice(calendar, title="2026 年度评沽", window=window(today, last))
    path = f"/evaluations/{round['id']}"
    part = Participation(reporting, round)
    part.hand_in(part.outcome("ZL 2023 1 0055555.5"))

    # When a chief of the province extends the round's window and corrects its title, then the consortia that have not reported
    # are notified; an officer may not do so
    later = {"window": {"closes_at": end_of_day(last + timedelta(days=10)).isoformat()}, "title": "年度评估", "reason": "台风"}
    assert refusal(people.officer().patch, path, later).status == 403
    changed = people.chief().patch(path, later)
    assert (changed["title"], changed["amendments"][0]["before"]["title"]) == ("年度评估", "2026 年度评沽")
    seen = message(silent.lead, Participation(silent, round).subject, "participation.extended")
    assert (last + timedelta(days=10)).isoformat() in seen["body"]
    leaving.lead.post(f"{path}/participants/{leaving.id}/withdrawal", {"reason": "内部调整。"})
    calendar.move(last + timedelta(days=11))
    assert Participation(silent, round).read()["status"] == "absent"
    cases = [member.revocation(status="proposed")["id"] for member in (leaving, silent)]

    # When a chief of the province cancels the round, then every participation is cancelled, the proposed revocations are void,
    # and the reported outcome can be claimed in another round
    assert refusal(people.chief("450200").post, f"{path}/cancellation", {"reason": "x"}).status == 403
    people.chief().post(f"{path}/cancellation", {"reason": "评估指标调整，另行通知。"})
    assert {Participation(member, round).read()["status"] for member in (reporting, leaving, silent)} == {"cancelled"}
    assert {people.officer().get(f"/revocations/{case}")["status"] for case in cases} == {"void"}
    assert "作废" in message(silent.lead, Participation(silent, round).subject, "participation.withdrawn")["body"]
    city = people.officer(reporting.recommender)

    def closed() -> bool:
        return any(case["subject"] == part.subject for case in city.all("/reviews", status="withdrawn", limit=200))

    assert until(closed, "the city's case being closed")
    again = notice(calendar, title="重新发布")
    renewed = Participation(silent, again)
    renewed.hand_in(renewed.outcome("ZL 2023 1 0055555.5"))
    until(lambda: "participation.withdrawn" in silent.timeline(), "the timeline")
    assert refusal(people.chief().approve, path, "publication").code == "evaluation_cancelled"


def test_a13_an_unanswered_deferral_is_no_absence_and_a_second_in_a_row_needs_its_own_reason(
    people: People, calendar: Calendar
) -> None:
    # Given a request for deferral that the province has not decided at the end of the window: the consortium is still invited,
    # not absent
    member = old(people)
    first = Participation(member, notice(calendar, title="评估：延期一"))
    member.lead.post(f"{first.path}/deferral", {"reason": "厂区搬迁。"})
    calendar.forward(61)
    assert first.read()["status"] == "invited"
    # When the province grants the request only after the window has closed, then the deferral is valid, and the next round
    # obliges the consortium to take part
    people.chief().approve(first.path, "deferral/answer", {"outcome": "grant", "reason": "情况属实。"})
    assert (first.read()["status"], first.read()["next_round_by"]) == ("deferred", None)
    second = Participation(member, notice(calendar, title="评估：延期二"))
    assert second.read()["mandatory"] is True
    # When the consortium requests a deferral of the next round too, then the request is refused if it repeats the first reason;
    # with another reason the province may grant it, and the consortium is on the watch list
    assert refusal(member.lead.post, f"{second.path}/deferral", {"reason": "厂区搬迁。"}).pointers == {
        "/reason": "reason_repeated"
    }
    member.lead.post(f"{second.path}/deferral", {"reason": "洪灾损毁档案。"})
    people.chief().approve(second.path, "deferral/answer", {"outcome": "grant", "reason": "灾情证明属实。"})
    assert second.read()["status"] == "deferred"

    def watched() -> list[str]:
        items = people.officer().all("/watch-list", limit=200)
        return [item["cause"] for item in items if item["consortium"]["id"] == member.id]

    assert "deferred_again" in until(watched, "the watch list")
    # When the province refuses a third deferral after the window has closed, then the consortium still has some days to submit
    # its report
    third = Participation(member, notice(calendar, title="评估：延期三"))
    member.lead.post(f"{third.path}/deferral", {"reason": "仍在重建。"})
    calendar.forward(61)
    people.chief().approve(third.path, "deferral/answer", {"outcome": "refuse", "reason": "已有条件参评。"})
    require_adverse(text_of(fetch(member.lead, f"{third.path}/deferral/decision.pdf")), "不同意延期", "已有条件参评。")
    third.hand_in()
    assert third.reaches("submitted")["mandatory"] is True


def test_a13_grades_are_public_before_they_hold_and_an_upheld_objection_leads_to_another(
    people: People, calendar: Calendar
) -> None:
    # Given two grades, "excellent" for both consortia, that are public but not in effect yet
    sound, doubtful = (old(people) for _ in range(2))
    contact = {"name": "示例处", "telephone": "0771-5886000"}
    round = notice(calendar, title="评估：公示与异议", caps={}, contact=contact)
    parts = [graded(member, round, "excellent", (95, 94, 96)) for member in (sound, doubtful)]
    calendar.forward(61)
    publish(people, round, in_effect=False)
    everybody = people.server.ask

    def public() -> dict[str, dict[str, Any]]:
        items = everybody("GET", "/public/evaluations", query={"evaluation": round["id"]})["items"]
        return {item["consortium"]["id"]: item for item in items}

    assert {(item["in_effect"], item["contact"]["telephone"]) for item in public().values()} == {(False, "0771-5886000")}
    assert parts[0].read()["grade"] == "excellent"

    # When an organisation objects to the second grade, then that grade waits for the province's reply, and the first grade takes
    # effect
    path = f"{parts[1].path}/objections"
    other = people.applicant(sound.units[1]["uscc"])
    assert refusal(doubtful.lead.post, path, {"reason": "x"}).code == "lead_cannot_object"
    objection = other.post(path, {"reason": "所列成果为他人所有。"})
    assert refusal(other.post, path, {"reason": "再次提出。"}).code == "objection_open"
    assert doubtful.lead.get(path)["items"][0]["organisation"] is None
    assert people.officer().get(path)["items"][0]["organisation"] == sound.units[1]["uscc"]
    calendar.forward(14)
    until(lambda: sound.read()["last_grade"], "the grade that nobody objected to")
    assert doubtful.read()["last_grade"] is None

    # When two people of the province uphold the objection, then the province must grade again, name the objection and give a
    # reason, and publish the second grade again
    uphold(people, path, objection["id"], "异议成立，该成果不予计入。")
    assert set(public()) == {sound.id}
    assert "/objections" in refusal(parts[1].grade, "good", 85, reason="扣除一项成果。").pointers
    assert refusal(parts[1].grade, "good", 85, objections=[objection["id"]]).code == "grade_needs_reason"
    parts[1].grade("good", 85, reason="异议成立，扣除一项成果。", objections=[objection["id"]])
    publish(people, round)
    assert until(lambda: doubtful.read()["last_grade"], "the second grade") == "good"
    # Everybody may read which consortium is commended for its grade
    assert {id: (item["grade_title"], item["commended"]) for id, item in public().items()} == {
        sound.id: ("优秀", True),
        doubtful.id: ("良好", False),
    }
    until(lambda: "grade.objection_answered" in doubtful.timeline(), "the timeline")
