"""The years after recognition, told as they happen: report, inspection, change, support, evaluation, rectification, revocation.
The platform's date moves on as the story does."""

from __future__ import annotations

from datetime import date, timedelta

from deploy.demo.client import until
from deploy.demo.formation import Formation, open_call, put_organisation, register, verify
from deploy.demo.invented import EIGHT, consortium, organisation
from deploy.demo.narration import chapter, refused, show, table, tell
from deploy.demo.oversight import AnnualReport, Calendar, Change, Member, Participation, Support, notice, publish
from deploy.demo.people import PROVINCE, People
from deploy.demo.reviewed import uphold
from deploy.demo.upkeep import change_notice, watch
from services.kernel.clock import end_of_day
from services.policy import add_years


def play_years(case: Formation) -> None:
    """On from the register. Raises Refused or TimeoutError where the platform does something else than the story tells."""
    people = case.people
    member = Member(people, case.units, case.read()["consortium"], case.recommender)
    calendar = Calendar(people)
    _report(calendar, member)
    _inspect(calendar, member)
    _change(calendar, member)
    _support(member)
    watch(calendar)
    mended, failed = _evaluate(calendar, member)
    _rectify(calendar, mended, failed)
    _revoke(calendar, failed)
    _end(member, failed)


def _report(calendar: Calendar, member: Member) -> None:
    chapter("十二、年度报告（第十二条）", "The annual report (A12)")
    year = member.lead.get(f"{member.path}/annual-reports")["items"][0]["year"]
    report = AnnualReport(member, year)
    tell("报送不应报送的年度，被拒绝：", "A report for a year that is not owed is refused:")
    refused(AnnualReport(member, year - 1).write)
    asked = {"matter": "协调中试基地用地指标。", "asked_of": member.recommender}
    indicators = [{"goal": 0, "indicator": 0, "actual": "2"}]
    report.write(indicators=indicators, coordination=[asked], documents=[member.paper("annual_report")])
    report.submit()
    tell(
        f"牵头单位报送 {year} 年度报告，并提出一项需要协调的事项。", "The lead hands its report in, with a matter to coordinate."
    )
    report.opine(member.recommender, "acceptance")
    report.reaches("accepted")
    [item] = member.lead.get("/coordination-items", consortium=member.id)["items"]
    city = member.people.officer(member.recommender)
    city.post(f"/coordination-items/{item['id']}/answers", {"text": "已列入年度土地利用计划。"})
    city.post(f"/coordination-items/{item['id']}/closing", {"result": "指标已落实。"})
    tell("推荐单位审核通过，并答复、办结协调事项。", "The city accepts it, answers the matter and closes it.")


def _inspect(calendar: Calendar, member: Member) -> None:
    chapter("十三、监督检查（第十一条）", "Inspection (A11)")
    city = member.people.officer(member.recommender)
    record = {"consortium": member.id, "inspected_on": calendar.today.isoformat(), "result": "good", "findings": "运行正常。"}
    city.post("/inspections", record)
    board = list(city.all("/inspections/board", limit=200))
    seen = sum(line["inspected"] for line in board)
    tell(
        f"柳州市科技局登记检查结果；今年应检查 {len(board)} 个，已检查 {seen} 个。",
        "The city records it; its board shows what waits.",
    )


def _change(calendar: Calendar, member: Member) -> None:
    chapter("十四、变更与重大事项（第五条第四项第七目、第十二条）", "Changes and major matters (A5(4)7, A12)")
    people, newcomer = member.people, organisation("450300", "enterprise")
    put_organisation(people.applicant(newcomer["uscc"]), newcomer)
    detail = {"organisation": newcomer["uscc"], "tier": "core", "role": "中试"}
    tell("逾期报告变更而不说明原因，被拒绝：", "A change reported late without its reason is refused:")
    refused(Change.reported, member, "add_member", calendar.today, detail=detail)
    day = calendar.today + timedelta(days=30)
    change = Change.reported(member, "add_member", day, detail=detail)
    people.applicant(newcomer["uscc"]).post(f"{change.path}/confirmations", {"decision": "confirm"})
    passed = sum(finding["status"] == "pass" for finding in change.read()["findings"])
    tell(f"事前报告吸收新成员；新成员确认后，按拟变更的组成重新研判第五条：{passed} 条通过。", "Article 5 is computed anew.")
    change.opine(member.recommender, "recommendation")
    tell(
        "认定时已豁免的原则性条件不必再次豁免，只有变更后新出现的才须说明理由。",
        "A condition waived at the recognition need not be waived again; only one that newly fails.",
    )
    change.decide(reason="符合攻关任务需要，同意。")
    change.reaches("approved")
    before = len(member.read()["units"])
    calendar.move(day)
    change.reaches("effective")
    tell(
        f"推荐单位同意、自治区科技厅决定；生效日（{day}）之前名册 {before} 个单位，之后 {len(member.read()['units'])} 个。",
        "The register shows the old state until the day it takes effect.",
    )
    matter = {"kind": "breakthrough", "title": "甘蔗脱毒技术取得突破", "detail": "通过鉴定。", "occurred_on": day.isoformat()}
    filed = member.lead.post(f"{member.path}/major-matters", matter)
    people.officer().post(f"{member.path}/major-matters/{filed['id']}/acknowledgement", {"note": "收悉。"})
    tell("报告一项重大突破，自治区科技厅确认收悉。", "A major matter is reported and acknowledged.")


def _support(member: Member) -> None:
    chapter("十五、支持措施（第九条）", "Support measures (A9)")
    _show_entitlements(member)
    tell("申请超过上限的专项金额，被拒绝：", "More than the ceiling is refused:")
    refused(Support.asked, member, "special_project_new", amount="6000000.00")
    project = Support.asked(member, "special_project_new", amount="4000000.00")
    project.decide(amount="3500000.00", reason="择优支持。")
    tell(f"申请专项 400 万元，批准 {project.reaches('granted')['amount']} 元；再次申请被拒绝：", "Granted once, and not again:")
    refused(Support.asked, member, "special_project_new", amount="1000000.00")
    _certify(member)
    _nominate(member)


def _certify(member: Member) -> None:
    core = {unit["uscc"] for unit in member.read()["units"] if unit["tier"] == "core"}
    university = next(unit for unit in member.units if unit["public_institution"] and unit["uscc"] in core)
    person = {"name": "引进人才甲", "organisation": university["uscc"]}
    tell(
        "高校填报为事业单位但尚未核验，为引进人才申请编制政策证明，被拒绝：",
        "A fact that a unit declares does not count before a bureau has verified it:",
    )
    refused(Support.asked, member, "staffing_policy", person=person)
    verify(member.people, university["uscc"], "kind", "public_institution")
    certificate = Support.asked(member, "staffing_policy", person=person).read()["certificate"]
    tell(
        f"自治区科技厅（或所在地设区市科技局）凭法人证书核验后，出具证明 {certificate['number']}。修改已核验的信息须重新核验。",
        "The province, or its city, verifies the fact by its evidence, and the certificate is issued. An edit requires a new "
        "verification.",
    )


def _nominate(member: Member) -> None:
    people, lead = member.people, member.units[0]["uscc"]
    rounds = [
        open_call(people, kind="young_talent", title=f"青年拔尖人才推荐通知（第{place}批）", fields=[]) for place in range(1, 7)
    ]
    persons = [{"name": f"青年人才{place}", "organisation": lead} for place in range(1, 7)]
    tell(
        "推荐批次须是开放的推荐通知，以编号填写；填写名称被拒绝：",
        "A round is an open call, named by its id; a title is refused:",
    )
    refused(Support.asked, member, "young_talent", round=rounds[0]["title"], person=persons[0])
    first = Support.asked(member, "young_talent", round=rounds[0]["id"], person={"name": "填错的人", "organisation": lead})
    people.officer().post(f"{first.path}/replacement", {"person": persons[0], "reason": "人选填写有误。"})
    tell("填错的人选，通知截止前由自治区科技厅更换。", "The province replaces a person named by mistake, while the call is open.")
    for round, person in zip(rounds[1:5], persons[1:5], strict=True):
        Support.asked(member, "young_talent", round=round["id"], person=person)
    tell("分五批直接推荐 5 名青年拔尖人才；第六名被拒绝：", "Five young talents are nominated; the sixth is refused:")
    refused(Support.asked, member, "young_talent", round=rounds[5]["id"], person=persons[5])


def _show_entitlements(member: Member) -> None:
    answer = member.lead.get(f"{member.path}/entitlements")
    tell(f"{answer['on']} 可享受的措施、依据和剩余：", "Which measures, why, and what is left:")
    rows = [
        (item["title"], item["citation"], "✓" if item["allowed"] else "✗", item["why"][0]["message"], item["left"] or "")
        for item in answer["items"]
    ]
    table(("措施", "条款", "可用", "理由", "剩余"), rows)


def _evaluate(calendar: Calendar, member: Member) -> tuple[Member, Member]:
    chapter("十七、绩效评估（第十、十三条）", "Evaluation (A10, A13)")
    people = member.people
    recognised = date.fromisoformat(member.read()["recognised_on"])
    others = [_old(people) for _ in range(3)]
    done = calendar.move(add_years(recognised, 3))
    overdue = sum(step["sweep"] == "overdue_reports" for step in done)
    tell(
        f"三年后（{calendar.today}）：开放运行满三年，必须参评。其间逾期未报的年报 {overdue} 份，系统已提醒。",
        "Three years on; reports that were not handed in are overdue and have been reminded of.",
    )
    change_notice(calendar)
    round = notice(calendar)
    tell("报送时间已过的评估通知，被拒绝：", "A notice whose window is over is refused:")
    past = calendar.today - timedelta(days=1)
    opens = end_of_day(past - timedelta(days=30))
    refused(notice, calendar, window={"opens_at": opens.isoformat(), "closes_at": end_of_day(past).isoformat()})
    parts = [Participation(one, round) for one in (member, *others)]
    outcome = parts[0].outcome()
    parts[1].write(outcome)
    warned = parts[0].write(outcome)["warnings"]
    tell(f"两个创新联合体的草稿列了同一成果，系统提示：{warned[0]['message']}", "Two drafts name one outcome: a warning.")
    parts[0].hand_in(outcome)
    tell(
        f"成果 {outcome['identifier']} 随报送归其使用；另一个换种写法、换个类别再用，被拒绝：",
        "An outcome is used once, however written and whatever it is called:",
    )
    spelled = outcome["identifier"].replace("ZL", "cn ").lower() + "（发明）"
    refused(parts[1].write, parts[1].outcome(spelled, kind="award"))
    tell("周期外的成果，被拒绝：", "An outcome outside the period is refused:")
    refused(parts[1].write, parts[1].outcome(achieved_on="2001-01-01"))
    points = {"excellent": (95, 94, 96), "good": (85, 86, 84), "rectify": (64, 63, 65)}
    for part, grade in zip(parts, ("excellent", "good", "rectify", "rectify"), strict=True):
        if part is not parts[0]:
            part.hand_in(part.outcome())
        part.scored(points[grade])
    tell(
        "推荐单位意见、材料审核、专家盲评全部完成。与分数不符的等次须说明理由：",
        "A grade that the score does not lead to needs a reason:",
    )
    refused(parts[1].grade, "excellent")
    for part, grade in zip(parts, ("excellent", "good", "rectify", "rectify"), strict=True):
        part.grade(grade)
    calendar.forward(61)
    ends = publish(people, round, in_effect=False)["publicity_ends"]
    public = people.server.ask("GET", "/public/evaluations", query={"evaluation": round["id"]})["items"]
    tell(f"公布 {len(public)} 个等次，公示至 {ends[:10]}；公示期满后生效，优秀的予以通报表扬。", "Public, then in effect.")
    objecting = people.applicant(parts[1].member.units[1]["uscc"])
    objections = f"{parts[1].path}/objections"
    filed = objecting.post(objections, {"reason": "所列成果由其他单位完成。"})
    uphold(people, objections, filed["id"], "经核查专利登记，该成果不属于该联合体。")
    parts[1].grade("good", reason="剔除该成果后仍达到良好。", objections=[filed["id"]])
    again = publish(people, round, in_effect=False)["publicity_ends"]
    tell(
        f"公示期内有单位对一个等次提出异议：经办人拟定答复、负责人确认成立；重新评定须列明该异议，并重新公示至 {again[:10]}。",
        "An objection is upheld by two people; the grade is given again, names it, and is made public again.",
    )
    calendar.forward(30)
    for part in parts:
        until(lambda part=part: part.member.read()["last_grade"], "the register showing the grade")  # type: ignore[misc]
    rows = [
        (part.member.read()["number"], part.read()["score"], part.read()["grade"], part.member.read()["status"]) for part in parts
    ]
    tell("公布等次，名册随之更新：", "The grades are published; the register follows:")
    table(("编号", "得分", "等次", "状态"), rows)
    return others[1], others[2]


def _old(people: People) -> Member:
    units = consortium(EIGHT)
    register(people, units)
    return Member.imported(people, units)


def _rectify(calendar: Calendar, mended: Member, failed: Member) -> None:
    chapter("十八、整改与验收（第十三条）", "Rectification and acceptance (A13)")
    people, first, late = mended.people, mended.rectification(), failed.rectification()
    tell(f"两个创新联合体整改，期限一年，至 {late['due_on']}。整改期间推荐人才，被拒绝：", "Nobody is nominated meanwhile:")
    person = {"name": "青年人才甲", "organisation": failed.units[0]["uscc"]}
    round = open_call(people, kind="young_talent", title="青年拔尖人才推荐通知（整改期间）", fields=[])["id"]
    refused(Support.asked, failed, "young_talent", round=round, person=person)
    mended.lead.post(f"/rectifications/{first['id']}/submission", {"text": "已按意见整改。", "documents": [mended.paper()]})
    passed = {"outcome": "pass", "reason": "整改到位。"}
    tell("其一报送整改情况；整改期未满即组织验收，被拒绝：", "Acceptance before the year is over is refused:")
    refused(people.chief().approve, f"/rectifications/{first['id']}", "acceptance", passed)
    calendar.move(date.fromisoformat(late["due_on"]))
    people.chief().approve(f"/rectifications/{first['id']}", "acceptance", passed)
    mended.reaches("active")
    tell("到期验收通过，恢复正常，等次仍为整改直至下一轮。", "When it is over it passes; the grade stays until the next round.")
    people.chief().approve(f"/rectifications/{late['id']}", "acceptance", {"outcome": "fail", "reason": "主要问题未整改。"})
    tell(
        f"另一个到期（{late['due_on']}）由系统开启验收，未通过。",
        "For the other acceptance opens by itself; it fails.",
    )


def _revoke(calendar: Calendar, failed: Member) -> None:
    chapter("十九、取消资格（第十三、十四条）", "Revocation (A13, A14)")
    people, case = failed.people, failed.revocation(status="proposed")
    path = f"/revocations/{case['id']}"
    tell(f"系统提请核实，依据 {'、'.join(case['grounds'])}；自治区科技厅启动程序，告知陈述期。", "Proposed, confirmed, told:")
    confirmed = {"outcome": "open", "reason": "整改期满验收不通过。"}
    tell("没有证据材料即启动程序，被拒绝：", "A case is not opened without evidence:")
    refused(people.officer().approve, path, "confirmation", confirmed)
    evidence = failed.paper("evidence", by=people.officer())
    people.officer().approve(path, "confirmation", confirmed | {"documents": [evidence]})
    decision = {"outcome": "revoke", "reason": "整改期满验收不通过，予以取消。"}
    tell("陈述期未满即作决定，被拒绝：", "A decision before the time for the statement is over is refused:")
    refused(people.chief().approve, path, "decision", decision)
    failed.lead.post(f"{path}/statement", {"text": "请求再给予整改时间。"})
    calendar.forward(16)
    people.chief().approve(path, "decision", decision)
    failed.reaches("revoked")
    unit = failed.units[1]["uscc"]
    places = people.officer(PROVINCE).get(f"/organisations/{unit}/standing")["joins"]
    tell(
        f"期满后取消资格；成员单位名额已释放（现参与 {places} 个），记录全部保留。",
        "Revoked; places are free, nothing is deleted.",
    )


def _end(member: Member, failed: Member) -> None:
    chapter("二十、回顾", "Looking back")
    tell("优秀者可再次申报专项并优先；被取消者不再享受：", "What may be used now, by who was excellent:")
    _show_entitlements(member)
    items = failed.lead.get(f"{failed.path}/entitlements")["items"]
    show(f"{failed.read()['number']}：可用措施 {sum(item['allowed'] for item in items)} 项 · none for who was revoked")
    counts = member.people.officer().get("/dashboard")
    tell("自治区科技厅工作概览：", "The province's dashboard:")
    rows = [
        (name, counts["oversight"]["consortia"][name]) for name in ("by_status", "by_grade", "not_inspected", "evaluation_due")
    ]
    table(("事项", "数量"), [*rows, ("overdue reports", counts["oversight"]["reports"]["overdue"])])
