"""The years after recognition, each step printed: report, inspection, change, support measure, evaluation, rectification,
revocation. Between the steps the platform's date is moved forward."""

from __future__ import annotations

from datetime import timedelta

from deploy.demo import evaluation
from deploy.demo.formation import Formation, open_call, put_organisation, verify
from deploy.demo.invented import organisation
from deploy.demo.narration import chapter, console, refused, show, table, tell
from deploy.demo.oversight import AnnualReport, Calendar, Change, Member, Support
from deploy.demo.register_chapters import watch


def play_years(case: Formation) -> None:
    """Carry out the steps that follow the entry in the register. Raises Refused or TimeoutError if the platform behaves
    differently than the demonstration expects."""
    people = case.people
    member = Member(people, case.units, case.read()["consortium"], case.recommender)
    calendar = Calendar(people)
    _report(calendar, member)
    _inspect(calendar, member)
    _change(calendar, member)
    _support(member)
    watch(calendar)
    mended, failed = evaluation.evaluate(calendar, member)
    evaluation.rectify(calendar, mended, failed)
    evaluation.revoke(calendar, failed)
    _end(member, failed)


def _report(calendar: Calendar, member: Member) -> None:
    chapter("十三、年度报告（第十二条）", "The annual report (A12)")
    year = member.lead.get(f"{member.path}/annual-reports")["items"][0]["year"]
    report = AnnualReport(member, year)
    tell(
        "报送不应报送的年度，被拒绝：", "A report for a year that is not owed is refused:", see=console(member.lead, member.path)
    )
    refused(AnnualReport(member, year - 1).write)
    coordination_matter = {"matter": "协调中试基地用地指标。", "asked_of": member.recommender}
    indicators = [{"goal": 0, "indicator": 0, "actual": "2"}]
    report.write(indicators=indicators, coordination=[coordination_matter], documents=[member.paper("annual_report")])
    report.submit()
    tell(
        f"牵头单位报送 {year} 年度报告，并提出一项需要协调的事项。",
        "The lead hands its report in, with a matter to coordinate.",
        see=console(member.people.officer(member.recommender), "/reviews"),
    )
    report.opine(member.recommender, "acceptance")
    report.reaches("accepted")
    [item] = member.lead.get("/coordination-items", consortium=member.id)["items"]
    city = member.people.officer(member.recommender)
    city.post(f"/coordination-items/{item['id']}/answers", {"text": "已列入年度土地利用计划。"})
    city.post(f"/coordination-items/{item['id']}/closing", {"result": "指标已落实。"})
    tell(
        "推荐单位审核通过，并答复、办结协调事项。",
        "The city accepts it, answers the matter and closes it.",
        see=console(member.lead, "/messages"),
    )


def _inspect(calendar: Calendar, member: Member) -> None:
    chapter("十四、监督检查（第十一条）", "Inspection (A11)")
    city = member.people.officer(member.recommender)
    record = {"consortium": member.id, "inspected_on": calendar.today.isoformat(), "result": "good", "findings": "运行正常。"}
    city.post("/inspections", record)
    board = list(city.all("/inspections/board", limit=200))
    inspected_count = sum(line["inspected"] for line in board)
    tell(
        f"柳州市科技局登记检查结果；今年应检查 {len(board)} 个，已检查 {inspected_count} 个。",
        "The city records it; its board shows what waits.",
        see=console(city, member.path),
    )


def _change(calendar: Calendar, member: Member) -> None:
    chapter("十五、变更与重大事项（第五条第四项第七目、第十二条）", "Changes and major matters (A5(4)7, A12)")
    people, newcomer = member.people, organisation("450300", "enterprise")
    put_organisation(people.applicant(newcomer["uscc"]), newcomer)
    detail = {"organisation": newcomer["uscc"], "tier": "core", "role": "中试"}
    tell(
        "逾期报告变更而不说明原因，被拒绝：",
        "A change reported late without its reason is refused:",
        see=console(member.lead, member.path),
    )
    refused(Change.reported, member, "add_member", calendar.today, detail=detail)
    day = calendar.today + timedelta(days=30)
    change = Change.reported(member, "add_member", day, detail=detail)
    people.applicant(newcomer["uscc"]).post(f"{change.path}/confirmations", {"decision": "confirm"})
    passed = sum(finding["status"] == "pass" for finding in change.read()["findings"])
    tell(
        f"事前报告吸收新成员；新成员确认后，按拟变更的组成重新研判第五条：{passed} 条通过。",
        "Article 5 is computed again.",
        see=console(people.applicant(newcomer["uscc"]), "/todo"),
    )
    change.opine(member.recommender, "recommendation")
    tell(
        "认定时已豁免的原则性条件不必再次豁免，只有变更后新出现的才须说明理由。",
        "A condition waived at the recognition need not be waived again; only one that newly fails.",
        see=console(people.officer(), "/reviews"),
    )
    change.decide(reason="符合攻关任务需要，同意。")
    change.reaches("approved")
    before = len(member.read()["units"])
    calendar.move(day)
    change.reaches("effective")
    tell(
        f"推荐单位同意、自治区科技厅决定；生效日（{day}）之前名册 {before} 个单位，之后 {len(member.read()['units'])} 个。",
        "The register shows the old state until the day it takes effect.",
        see=console(people.server, f"/register/{member.read()['number']}"),
    )
    matter = {"kind": "breakthrough", "title": "甘蔗脱毒技术取得突破", "detail": "通过鉴定。", "occurred_on": day.isoformat()}
    filed = member.lead.post(f"{member.path}/major-matters", matter)
    people.officer().post(f"{member.path}/major-matters/{filed['id']}/acknowledgement", {"note": "收悉。"})
    tell(
        "报告一项重大突破，自治区科技厅确认收悉。",
        "A major matter is reported and acknowledged.",
        see=console(member.lead, member.path),
    )


def _support(member: Member) -> None:
    chapter("十六、支持措施（第九条）", "Support measures (A9)")
    _show_entitlements(member)
    tell("申请超过上限的专项金额，被拒绝：", "More than the ceiling is refused:", see=console(member.lead, member.path))
    refused(Support.asked, member, "special_project_new", amount="6000000.00")
    project = Support.asked(member, "special_project_new", amount="4000000.00")
    project.decide(amount="3500000.00", reason="择优支持。")
    tell(
        f"申请专项 400 万元，批准 {project.reaches('granted')['amount']} 元；再次申请被拒绝：",
        "Granted once, and not again:",
        see=console(member.people.officer(), "/reviews"),
    )
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
        see=console(member.people.officer(), f"/organisations/{university['uscc']}"),
    )
    refused(Support.asked, member, "staffing_policy", person=person)
    verify(member.people, university["uscc"], "kind", "public_institution")
    certificate = Support.asked(member, "staffing_policy", person=person).read()["certificate"]
    tell(
        f"自治区科技厅（或所在地设区市科技局）凭法人证书核验后，出具证明 {certificate['number']}。修改已核验的信息须重新核验。",
        "The province, or its city, verifies the fact by its evidence, and the certificate is issued. An edit requires a new "
        "verification.",
        see=console(member.people.officer(), f"/organisations/{university['uscc']}"),
    )


def _nominate(member: Member) -> None:
    people, lead = member.people, member.units[0]["uscc"]
    rounds = [
        open_call(people, kind="young_talent", title=f"青年拔尖人才推荐通知（第{number}批）", fields=[]) for number in range(1, 7)
    ]
    persons = [{"name": f"青年人才{number}", "organisation": lead} for number in range(1, 7)]
    tell(
        "推荐批次须是开放的推荐通知，以编号填写；填写名称被拒绝：",
        "A round is an open call, named by its id; a title is refused:",
        see=console(people.server, f"/calls/{rounds[0]['id']}"),
    )
    refused(Support.asked, member, "young_talent", round=rounds[0]["title"], person=persons[0])
    first = Support.asked(member, "young_talent", round=rounds[0]["id"], person={"name": "填错的人", "organisation": lead})
    people.officer().post(f"{first.path}/replacement", {"person": persons[0], "reason": "人选填写有误。"})
    tell(
        "填错的人选，通知截止前由自治区科技厅更换。",
        "The province replaces a person named by mistake, while the call is open.",
        see=console(people.officer(), f"/admin/calls/{rounds[0]['id']}"),
    )
    for round, person in zip(rounds[1:5], persons[1:5], strict=True):
        Support.asked(member, "young_talent", round=round["id"], person=person)
    tell(
        "分五批直接推荐 5 名青年拔尖人才；第六名被拒绝：",
        "Five young talents are nominated; the sixth is refused:",
        see=console(member.lead, member.path),
    )
    refused(Support.asked, member, "young_talent", round=rounds[5]["id"], person=persons[5])


def _show_entitlements(member: Member) -> None:
    answer = member.lead.get(f"{member.path}/entitlements")
    tell(
        f"{answer['on']} 可享受的措施、依据和剩余：",
        "Which measures, why, and what is left:",
        see=console(member.lead, member.path),
    )
    rows = [
        (item["title"], item["citation"], "✓" if item["allowed"] else "✗", item["why"][0]["message"], item["left"] or "")
        for item in answer["items"]
    ]
    table(("措施", "条款", "可用", "理由", "剩余"), rows)


def _end(member: Member, failed: Member) -> None:
    chapter("二十一、回顾", "Looking back")
    tell(
        "优秀者可再次申报专项并优先；被取消者不再享受：",
        "What may be used now, by who was excellent:",
        see=console(member.lead, member.path),
    )
    _show_entitlements(member)
    items = failed.lead.get(f"{failed.path}/entitlements")["items"]
    show(f"{failed.read()['number']}：可用措施 {sum(item['allowed'] for item in items)} 项 · none for who was revoked")
    counts = member.people.officer().get("/dashboard")
    tell("自治区科技厅工作概览：", "The province's dashboard:", see=console(member.people.officer(), "/todo"))
    rows = [
        (name, counts["oversight"]["consortia"][name]) for name in ("by_status", "by_grade", "not_inspected", "evaluation_due")
    ]
    table(("事项", "数量"), [*rows, ("overdue reports", counts["oversight"]["reports"]["overdue"])])
