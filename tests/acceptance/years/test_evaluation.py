"""Articles 10, 13 and 14: evaluation, grades, rectification, revocation."""

from __future__ import annotations

from datetime import date, timedelta

from deploy.demo.client import until
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.oversight import Calendar, Member, Participation, notice, publish
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import declare
from services.policy import add_years
from tests.acceptance.driver import fetch, refusal, require_adverse, text_of


def years_ago(calendar: Calendar, years: int, days: int = 0) -> date:
    return add_years(calendar.today, -years) - timedelta(days=days)


def test_grades_follow_from_a_round_and_the_register_follows_from_grades(people: People, calendar: Calendar) -> None:
    # Given five consortia that have operated for three years, and one consortium that was recognised this year
    old = [Member.imported(people) for _ in range(5)]
    young = Member.formed(people)

    # When the province opens a round of evaluation, then the five must take part, and the youngest is not invited
    round = notice(calendar, caps={"excellent": "0.01"}, caps_at_least_one=True)
    participants = people.officer().get(f"/evaluations/{round['id']}/participants", limit=200)["items"]
    invited = {item["consortium"]["id"]: item["mandatory"] for item in participants}
    assert all(invited[member.id] for member in old)
    assert young.id not in invited
    assert refusal(young.lead.get, f"/evaluations/{round['id']}/participants/{young.id}").status == 404

    # When a participant claims an outcome that another participant has claimed, even in full-width characters, then the refusal
    # names the round in which the outcome is used
    best, good, mend, bad, silent = (Participation(member, round) for member in old)
    best.hand_in(best.outcome("ZL 2024 1 0765432.1"))
    again = refusal(good.write, good.outcome("ｚｌ２０２４１０７６５４３２.1"))
    assert (again.status, again.code, again.problem["article"]) == (409, "outcome_already_used", "A13")
    assert again.problem["evaluation"]["title"] == round["title"]
    assert again.pointers == {"/outcomes/0/identifier": "outcome_already_used"}

    # and the platform refuses an outcome from before the evaluation's period, and a report that is written by another
    # consortium's lead or by a member
    outside = refusal(good.write, good.outcome(achieved_on="2001-01-01"))
    assert (outside.code, outside.problem["article"]) == ("outcome_outside_period", "A13")
    assert refusal(mend.member.lead.put, f"{good.path}/report", {"sections": {}}).status == 404
    member = people.applicant(good.member.units[1]["uscc"])
    assert refusal(member.put, f"{good.path}/report", {"sections": {}}).code == "lead_only"

    # When four participants report, and recommender, province and experts review them
    scores = {best: (95, 94, 96), good: (85, 84, 86), mend: (65, 64, 66), bad: (40, 41, 39)}
    for part in (good, mend, bad):
        part.hand_in()
    assert refusal(people.chief().approve, best.path, "grade", {"grade": "excellent", "score": 95}).code == "not_scored"
    for part, points in scores.items():
        part.scored(points)

    # Then a grade that does not follow from the score needs a reason, and a second "excellent", where the cap allows one, causes
    # a warning
    assert refusal(good.grade, "excellent").code == "grade_needs_reason"
    assert best.grade("excellent")["warnings"] == []
    [full] = good.grade("excellent", reason="社会效益突出。")["warnings"]
    assert full["code"] == "cap_exceeded" and "上限 1 个" in full["message"]
    mend.grade("rectify")
    assert good.read()["grade"] is None, "nobody learns a grade before it is public"

    # and the province can publish no grade before every participant is graded and the cap is kept
    waiting = refusal(publish, people, round)
    assert waiting.code == "not_all_graded"
    bad.grade("revoke")
    calendar.forward(61)
    assert silent.read()["status"] == "absent"
    assert refusal(publish, people, round).code == "cap_exceeded"
    good.grade("good")
    publish(people, round)

    # Then the register shows the grades, "rectify" begins a rectification, "revoke" and an absence lead to proposed revocations,
    # and the lead does not see a proposal
    assert until(lambda: best.member.read()["last_grade"], "the grade in the register") == "excellent"
    assert best.read()["grade"] == "excellent"
    assert best.read()["next_round_by"] == f"{date.fromisoformat(round['issued_on']).year + 3}-12-31"
    assert mend.member.reaches("rectifying")["last_grade"] == "rectify"
    proposal = bad.member.revocation(status="proposed")
    assert (proposal["origin"], proposal["grounds"]) == ("system", ["A14(2)"])
    assert silent.member.revocation(status="proposed")["facts"][0]["fact"] == "absent"
    assert bad.member.lead.get("/revocations", consortium=bad.member.id)["items"] == []


def test_a_report_returned_is_corrected_and_a_site_visit_is_kept_beside(people: People, calendar: Calendar) -> None:
    member = Member.imported(people)
    round = notice(calendar, title="评估：补正与实地检查")
    part = Participation(member, round)
    part.hand_in()

    # When the province returns the report at the material check, then the corrected report goes to the province and not to the
    # city again
    part.opine(part.recommender, "recommendation")
    sections = [{"section": "budget", "comment": "请补充决算。"}]
    part.opine(PROVINCE, "material_check", outcome="return", sections=sections)
    returned = part.reaches("returned")
    assert returned["correction"]["sections"] == sections
    part.submit()
    part.opine(PROVINCE, "material_check")

    # When an expert of the panel has declared that there is no conflict of interest, then this expert may read the documents of
    # the participation, and an expert outside the panel may not
    seated = part.appoint(3)["experts"]
    [paper] = part.read()["documents"]
    expert = people.person(seated[0])
    declare(expert, part.review(PROVINCE, "expert_review"))
    until(lambda: expert.send("GET", f"/documents/{paper['id']}/content").status == 302, "the expert being let in")
    assert expert.download(paper["id"]).startswith(b"%PDF")
    outsider = people.new(["expert"], name="专家", expert={"employer": member.units[0]["uscc"], "fields": ["糖业"]})
    assert refusal(outsider.download, paper["id"]).status == 404
    part.score(seated, (75, 76, 77))
    part.reaches("submitted", stage="grading")

    # When the province enters the result of a site visit before it gives the grade, then the participation shows the result
    review = next(
        case["id"] for case in people.officer().all("/reviews", limit=200, status="passed") if case["subject"] == part.subject
    )
    visit = {"stage": "site_visit", "outcome": "pass", "comment": "现场与材料一致。", "waivers": []}
    people.chief().post(f"/reviews/{review}/opinions", visit)
    seen = until(lambda: part.read(people.officer())["site_visit"], "the visit's result")
    assert seen["comment"] == "现场与材料一致。"
    part.grade("qualified")
    calendar.forward(61)
    publish(people, round)
    until(lambda: member.read()["last_grade"] == "qualified", "the grade")


def test_leaving_a_round_counts_as_giving_up_and_a_deferral_does_not(people: People, calendar: Calendar) -> None:
    leaver, deferred, late = (Member.imported(people) for _ in range(3))
    round = notice(calendar, title="评估：退出与延期")
    leaving, deferring, asking_late = (Participation(member, round) for member in (leaver, deferred, late))

    # When one consortium leaves the round, then another may claim its outcomes, and a revocation is proposed with the reason for
    # which it left
    outcome = leaving.outcome()
    leaving.write(outcome)
    leaver.lead.post(f"{leaving.path}/withdrawal", {"reason": "牵头单位战略调整。"})
    deferring.write(outcome)
    assert leaver.revocation(status="proposed")["facts"][0]["said"] == "牵头单位战略调整。"
    assert refusal(leaver.lead.post, f"{leaving.path}/submission").code == "not_editable"

    # When another consortium requests a deferral within the window, then the province may grant it, and a city may not
    deferred.lead.post(f"{deferring.path}/deferral", {"reason": "厂区遭遇洪灾。"})
    answer = {"outcome": "grant", "reason": "情况属实。"}
    assert refusal(people.chief("450200").approve, deferring.path, "deferral/answer", answer).status == 403
    people.chief().approve(deferring.path, "deferral/answer", answer)
    assert deferring.read()["status"] == "deferred"

    # When the window is over, then the third consortium is absent and can request no deferral, and no revocation of the deferred
    # consortium is proposed
    calendar.forward(61)
    assert asking_late.read()["status"] == "absent"
    assert refusal(late.lead.post, f"{asking_late.path}/deferral", {"reason": "迟到。"}).code == "window_closed"
    assert people.officer().get("/revocations", consortium=deferred.id)["items"] == []


def test_rectification_ends_with_an_acceptance_and_a_failed_one_with_revocation(people: People, calendar: Calendar) -> None:
    early, failing = (Member.imported(people) for _ in range(2))
    round = notice(calendar, title="评估：整改")
    for member in (early, failing):
        part = Participation(member, round)
        part.hand_in()
        part.scored((62, 63, 64))
        part.grade("rectify")
    calendar.forward(61)
    publish(people, round)

    # Given two consortia in rectification, each due one year after the grade's publication
    first, second = early.rectification(), failing.rectification()
    assert first["due_on"] == add_years(calendar.today, 1).isoformat()
    early.reaches("rectifying")
    require_adverse(text_of(fetch(failing.lead, f"{part.path}/notice.pdf")), "评估等次为“整改”", "一年内完成整改")
    accept = {"outcome": "pass", "reason": "整改到位。"}
    assert refusal(people.chief().approve, f"/rectifications/{first['id']}", "acceptance", accept).code == "acceptance_not_open"

    # When one lead reports before the year is over, then the province still cannot decide on the acceptance
    early.lead.post(f"/rectifications/{first['id']}/submission", {"text": "已按意见整改。", "documents": [early.paper()]})
    assert refusal(people.chief().approve, f"/rectifications/{first['id']}", "acceptance", accept).code == "acceptance_not_open"

    # When the year is over, then the acceptance opens by itself, with or without a report; the consortium that passes is active
    # again and keeps its last grade
    calendar.move(date.fromisoformat(second["due_on"]))
    assert failing.rectification()["status"] == "acceptance"
    people.chief().approve(f"/rectifications/{first['id']}", "acceptance", accept)
    assert early.reaches("active")["last_grade"] == "rectify"
    people.chief().approve(f"/rectifications/{second['id']}", "acceptance", {"outcome": "fail", "reason": "主要问题未整改。"})

    # Then, for the consortium that fails, a revocation is proposed, and the province can decide it only with evidence and after
    # the period for the consortium's statement
    case = failing.revocation(status="proposed")
    assert case["grounds"] == ["A13"]
    assert failing.reaches("rectifying")
    path = f"/revocations/{case['id']}"
    confirmed = {"outcome": "open", "reason": "验收不通过。"}
    assert refusal(people.officer().approve, path, "confirmation", confirmed).pointers == {"/documents": "evidence_required"}
    evidence = failing.paper("evidence", by=people.officer())
    people.officer().approve(path, "confirmation", confirmed | {"documents": [evidence]})
    decision = {"outcome": "revoke", "reason": "整改期满验收不通过。"}
    too_early = refusal(people.chief().approve, path, "decision", decision)
    assert (too_early.code, too_early.problem["article"]) == ("statement_period_open", "A14")
    failing.lead.post(f"{path}/statement", {"text": "请求再给时间。"})
    calendar.forward(16)
    people.chief().approve(path, "decision", decision)
    words = ("依据《广西壮族自治区创新联合体管理办法（试行）》第十三条", "整改期满验收不通过。", "请求再给时间。")
    require_adverse(text_of(fetch(failing.lead, f"{path}/decision.pdf")), *words)

    # Then the recognition is revoked, the units' quotas are released, and the public register still lists the consortium, as
    # revoked
    failing.reaches("revoked")
    unit = failing.units[1]["uscc"]
    assert people.officer().get(f"/organisations/{unit}/standing")["joins"] == 0
    assert {"rectification.opened", "revocation.opened", "revocation.decided"} <= set(failing.timeline())
    public = people.server.ask("GET", "/public/consortia", query={"number": failing.read()["number"]})["items"]
    assert [item["status"] for item in public] == ["revoked"]


def test_the_province_opens_a_revocation_on_the_grounds_of_article_14_and_may_keep(people: People, calendar: Calendar) -> None:
    units = consortium(EIGHT)
    member = Member.imported(people, units)
    # Given a document as evidence, without which the province cannot open a revocation case
    body = {"consortium": member.id, "grounds": ["A14(3)"], "reason": "举报材料不实。"}
    assert refusal(people.officer().post, "/revocations", body).pointers == {"/documents": "required"}
    assert refusal(people.officer().post, "/revocations", body | {"documents": []}).pointers == {
        "/documents": "evidence_required"
    }
    evidence = member.paper("evidence", by=people.officer())
    body["documents"] = [evidence]
    assert refusal(people.chief("450200").post, "/revocations", body).status == 403
    assert refusal(people.chief().post, "/revocations", body | {"grounds": ["A14(9)"]}).pointers == {
        "/grounds/0": "unknown_ground"
    }

    # When the province opens a revocation case, then the lead can read until when it may make its statement, and no second case
    # can be opened beside the first
    case = people.officer().post("/revocations", body)
    assert case["documents"][0]["id"] == evidence
    assert refusal(people.officer().post, "/revocations", body).code == "revocation_open"
    assert member.lead.get(f"/revocations/{case['id']}")["statement_due"]

    # When the province decides to keep the recognition, then the consortium is still active
    calendar.forward(16)
    people.chief().approve(f"/revocations/{case['id']}", "decision", {"outcome": "keep", "reason": "经核实举报不实。"})
    until(lambda: "revocation.decided" in member.timeline(), "the timeline")
    assert member.read()["status"] == "active"
