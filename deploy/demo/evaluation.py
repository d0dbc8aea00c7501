"""Evaluation, rectification and revocation, each step printed as it happens (A10, A13, A14)."""

from __future__ import annotations

from datetime import date, timedelta

from deploy.demo.client import until
from deploy.demo.formation import open_call, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.narration import chapter, console, refused, table, tell
from deploy.demo.oversight import Calendar, Member, Participation, Support, notice, publish
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import uphold
from services.kernel.clock import end_of_day
from services.policy import add_years


def evaluate(calendar: Calendar, member: Member) -> tuple[Member, Member]:
    chapter("十八、绩效评估（第十、十三条）", "Evaluation (A10, A13)")
    people = member.people
    recognised = date.fromisoformat(member.read()["recognised_on"])
    other_members = [_old(people) for _ in range(3)]
    sweep_result = calendar.move(add_years(recognised, 3))
    overdue = sum(step["sweep"] == "overdue_reports" for step in sweep_result)
    tell(
        f"三年后（{calendar.today}）：开放运行满三年，必须参评。其间逾期未报的年报 {overdue} 份，系统已提醒。",
        "Three years on; reports that were not handed in are overdue and have been reminded of.",
        see=console(member.lead, "/messages"),
    )
    change_notice(calendar)
    round = notice(calendar)
    tell("报送时间已过的评估通知，被拒绝：", "A notice whose window is over is refused:", see=console(people.officer(), "/todo"))
    yesterday = calendar.today - timedelta(days=1)
    opens = end_of_day(yesterday - timedelta(days=30))
    refused(notice, calendar, window={"opens_at": opens.isoformat(), "closes_at": end_of_day(yesterday).isoformat()})
    parts = [Participation(taking_part, round) for taking_part in (member, *other_members)]
    outcome = parts[0].outcome()
    parts[1].write(outcome)
    warned = parts[0].write(outcome)["warnings"]
    tell(
        f"两个创新联合体的草稿列了同一成果，系统提示：{warned[0]['message']}",
        "Two drafts name one outcome: a warning.",
        see=console(member.lead, "/todo"),
    )
    parts[0].hand_in(outcome)
    tell(
        f"成果 {outcome['identifier']} 随报送归其使用；另一个换种写法、换个类别再用，被拒绝：",
        "An outcome is used once, however written and whatever it is called:",
        see=console(member.lead, member.path),
    )
    spelled = outcome["identifier"].replace("ZL", "cn ").lower() + "（发明）"
    refused(parts[1].write, parts[1].outcome(spelled, kind="award"))
    tell("周期外的成果，被拒绝：", "An outcome outside the period is refused:", see=console(parts[1].member.lead, "/todo"))
    refused(parts[1].write, parts[1].outcome(achieved_on="2001-01-01"))
    points = {"excellent": (95, 94, 96), "good": (85, 86, 84), "rectify": (64, 63, 65)}
    for part, grade in zip(parts, ("excellent", "good", "rectify", "rectify"), strict=True):
        if part is not parts[0]:
            part.hand_in(part.outcome())
        part.scored(points[grade])
    tell(
        "推荐单位意见、材料审核、专家盲评全部完成。与分数不符的等次须说明理由：",
        "A grade that the score does not lead to needs a reason:",
        see=console(people.officer(), "/reviews"),
    )
    refused(parts[1].grade, "excellent")
    for part, grade in zip(parts, ("excellent", "good", "rectify", "rectify"), strict=True):
        part.grade(grade)
    calendar.forward(61)
    publicity_ends = publish(people, round, in_effect=False)["publicity_ends"]
    public = people.server.ask("GET", "/public/evaluations", query={"evaluation": round["id"]})["items"]
    tell(
        f"公布 {len(public)} 个等次，公示至 {publicity_ends[:10]}；公示期满后生效，优秀的予以通报表扬。",
        "Public, then in effect.",
        see=console(people.server, "/register"),
    )
    objecting = people.applicant(parts[1].member.units[1]["uscc"])
    objections = f"{parts[1].path}/objections"
    filed = objecting.post(objections, {"reason": "所列成果由其他单位完成。"})
    uphold(people, objections, filed["id"], "经核查专利登记，该成果不属于该联合体。")
    parts[1].grade("good", reason="剔除该成果后仍达到良好。", objections=[filed["id"]])
    last = publish(people, round, in_effect=False)["publicity_ends"]
    tell(
        f"公示期内有单位对一个等次提出异议：经办人拟定答复、负责人确认成立；重新评定须列明该异议，并重新公示至 {last[:10]}。",
        "An objection is upheld by two people; the grade is given again, names it, and is made public again.",
        see=console(objecting, f"/objections/grade/{round['id']}/{parts[1].member.id}"),
    )
    calendar.forward(30)
    for part in parts:
        until(lambda part=part: part.member.read()["last_grade"], "the register showing the grade")  # type: ignore[misc]
    rows = [
        (part.member.read()["number"], part.read()["score"], part.read()["grade"], part.member.read()["status"]) for part in parts
    ]
    tell("公布等次，名册随之更新：", "The grades are published; the register follows:", see=console(people.server, "/register"))
    table(("编号", "得分", "等次", "状态"), rows)
    return other_members[1], other_members[2]


def _old(people: People) -> Member:
    units = consortium(EIGHT)
    register(people, units)
    return Member.imported(people, units)


def rectify(calendar: Calendar, mended: Member, failed: Member) -> None:
    chapter("十九、整改与验收（第十三条）", "Rectification and acceptance (A13)")
    people, first, late = mended.people, mended.rectification(), failed.rectification()
    tell(
        f"两个创新联合体整改，期限一年，至 {late['due_on']}。整改期间推荐人才，被拒绝：",
        "Nobody is nominated meanwhile:",
        see=console(mended.lead, mended.path),
    )
    person = {"name": "青年人才甲", "organisation": failed.units[0]["uscc"]}
    round = open_call(people, kind="young_talent", title="青年拔尖人才推荐通知（整改期间）", fields=[])["id"]
    refused(Support.asked, failed, "young_talent", round=round, person=person)
    mended.lead.post(f"/rectifications/{first['id']}/submission", {"text": "已按意见整改。", "documents": [mended.paper()]})
    passed = {"outcome": "pass", "reason": "整改到位。"}
    tell(
        "其一报送整改情况；整改期未满即组织验收，被拒绝：",
        "Acceptance before the year is over is refused:",
        see=console(mended.lead, "/messages"),
    )
    refused(people.chief().approve, f"/rectifications/{first['id']}", "acceptance", passed)
    calendar.move(date.fromisoformat(late["due_on"]))
    people.chief().approve(f"/rectifications/{first['id']}", "acceptance", passed)
    mended.reaches("active")
    tell(
        "到期验收通过，恢复正常，等次仍为整改直至下一轮。",
        "When it is over it passes; the grade stays until the next round.",
        see=console(mended.lead, mended.path),
    )
    people.chief().approve(f"/rectifications/{late['id']}", "acceptance", {"outcome": "fail", "reason": "主要问题未整改。"})
    tell(
        f"另一个到期（{late['due_on']}）由系统开启验收，未通过。",
        "For the other acceptance opens by itself; it fails.",
        see=console(people.officer(), failed.path),
    )


def revoke(calendar: Calendar, failed: Member) -> None:
    chapter("二十、取消资格（第十三、十四条）", "Revocation (A13, A14)")
    people, case = failed.people, failed.revocation(status="proposed")
    path = f"/revocations/{case['id']}"
    tell(
        f"系统提请核实，依据 {'、'.join(case['grounds'])}；自治区科技厅启动程序，告知陈述期。",
        "Proposed, confirmed, told:",
        see=console(people.officer(), failed.path),
    )
    confirmed = {"outcome": "open", "reason": "整改期满验收不通过。"}
    tell("没有证据材料即启动程序，被拒绝：", "A case is not opened without evidence:", see=console(people.officer(), failed.path))
    refused(people.officer().approve, path, "confirmation", confirmed)
    evidence = failed.paper("evidence", by=people.officer())
    people.officer().approve(path, "confirmation", confirmed | {"documents": [evidence]})
    decision = {"outcome": "revoke", "reason": "整改期满验收不通过，予以取消。"}
    tell(
        "陈述期未满即作决定，被拒绝：",
        "A decision before the time for the statement is over is refused:",
        see=console(failed.lead, "/messages"),
    )
    refused(people.chief().approve, path, "decision", decision)
    failed.lead.post(f"{path}/statement", {"text": "请求再给予整改时间。"})
    calendar.forward(16)
    people.chief().approve(path, "decision", decision)
    failed.reaches("revoked")
    unit = failed.units[1]["uscc"]
    consortia_joined = people.officer(PROVINCE).get(f"/organisations/{unit}/standing")["joins"]
    tell(
        f"期满后取消资格；成员单位名额已释放（现参与 {consortia_joined} 个），记录全部保留。",
        "Revoked; places are free, nothing is deleted.",
        see=console(people.officer(), failed.path),
    )


def change_notice(calendar: Calendar) -> None:
    """Extend, correct and cancel a notice (A13)."""
    misspelt = notice(calendar, title="绩效评沽")
    path, chief = f"/evaluations/{misspelt['id']}", calendar.people.chief()
    closes = end_of_day(calendar.today + timedelta(days=70)).isoformat()
    changed = chief.patch(path, {"window": {"closes_at": closes}, "title": "绩效评估", "reason": "更正标题，延长报送时间。"})
    chief.post(f"{path}/cancellation", {"reason": "评估指标调整，另行通知。"})
    tell(
        f"一份通知更正标题、报送延至 {changed['window']['closes_at'][:10]}，随后取消：参评、缺席和据此提出的事项一并作废。",
        "A notice is corrected, extended and cancelled; all that came of it is void.",
        see=console(calendar.people.officer(), "/todo"),
    )
