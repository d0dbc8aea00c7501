"""The demonstration's chapters about the register, each step printed: a consortium of the plan of 2021, the watch list, and a
lead that moves to another city."""

from __future__ import annotations

from datetime import timedelta

from deploy.demo.client import until
from deploy.demo.formation import put_organisation, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.narration import chapter, console, refused, table, tell
from deploy.demo.oversight import PLAN_OF_2021, Calendar, Change, Member
from deploy.demo.papers import pdf
from deploy.demo.people import People
from services.contracts.labels import label
from services.contracts.payload import JsonObject

GUILIN = "450300"


def enter_old(people: People) -> None:
    """An officer proposes a consortium of the plan of 2021; a chief confirms it from its document (A16)."""
    chapter("四、补录 2021 年方案的创新联合体（第十六条）", "A consortium of the plan of 2021 (A16)")
    units = consortium(EIGHT)
    register(people, units)
    grade = {"grade": "good", "issued_on": "2025-03-01", "published_on": "2025-09-10"}
    use = {"measure": "special_project_new", "used_on": "2023-11-01", "amount": "3000000.00"}
    body = {
        "name": "广西甘蔗良种创新联合体",
        "field": "糖业",
        "research_direction": "甘蔗良种选育与脱毒健康种苗",
        "recognised_on": PLAN_OF_2021.isoformat(),
        "recommender": f"{units[0]['region'][:4]}00",
        "lead": units[0]["uscc"],
        "lead_name": units[0]["name"],
        "members": [{"organisation": unit["uscc"], "name": unit["name"], "tier": "close"} for unit in units[1:]],
        "history": {"grades": [grade], "support": [use]},
    }
    officer, chief = people.officer(), people.chief()
    proposed = officer.post("/consortia", body)
    path = f"/consortia/{proposed['id']}"
    tell(
        "经办人提出补录，连同其等次和已享受的支持措施；确认前不占名额、不进名册。没有认定文件即确认，被拒绝：",
        "An officer proposes it with its history; it takes no quota. Confirming it without its paper is refused:",
        see=console(officer, "/consortia"),
    )
    refused(chief.approve, path, "confirmation", {"documents": []})
    paper = officer.upload(path.strip("/").replace("consortia", "consortium"), "basis", "认定文件.pdf", pdf("认定文件"))
    entry = chief.approve(path, "confirmation", {"documents": [paper]})
    project = next(i for i in officer.get(f"{path}/entitlements")["items"] if i["measure"] == "special_project_new")
    tell(
        f"另一位负责人凭认定文件确认：{entry['number']}，等次“良好”，首周期专项剩余 {project['left']} 次。",
        "Another person confirms it by its paper; what it used is counted.",
        see=console(officer, path),
    )


def watch(calendar: Calendar) -> None:
    """Let a member leave, so that the lead is asked to report the departure; then let the lead move to another city (A12)."""
    chapter("十七、名册维护：关注名单与移交（第六、十一、十二条）", "The watch list and a hand-over (A6, A11, A12)")
    people, units = calendar.people, consortium(EIGHT)
    register(people, units)
    member = Member.imported(people, units)
    leaving = units[4]["uscc"]
    declared = people.applicant(leaving).post(f"{member.path}/departures", {"reason": "主营业务调整。"})
    tell(
        f"一个成员单位声明退出，牵头单位须在 {declared['due_on']} 前报告变更；自治区科技厅的关注名单：",
        "The watch list:",
        see=console(people.officer(), "/watch-list"),
    )
    _list(member)
    change = Change.reported(
        member, "remove_member", calendar.today + timedelta(days=1), detail={"organisation": leaving}, late_reason=None
    )
    change.opine(member.recommender, "recommendation")
    tell(
        "退出后不足 8 个单位（C1，原则性），未豁免即同意，被拒绝：",
        "C1 newly fails: agreeing without a waiver is refused:",
        see=console(people.chief(), "/reviews"),
    )
    refused(change.decide, reason="同意退出。")
    change.decide(reason="同意退出。", waivers=[{"rule": "C1", "reason": "已洽谈新成员，限期补充。"}])
    calendar.forward(1)
    change.reaches("effective")
    tell(
        "豁免并说明理由后同意；已报告的办结，仍不符合的条件留在名单上：",
        "Waived with a reason; what still fails stays listed:",
        see=console(people.officer(), "/watch-list"),
    )
    _list(member)
    put_organisation(member.lead, units[0] | {"region": "450302"})
    until(lambda: member.read()["recommender"] == GUILIN, "the recommender following the lead")
    tell(
        "牵头单位迁至桂林：推荐单位随之变更为桂林市科技局，在办事项一并移交，原推荐单位仍可查看其签署的意见。",
        "The lead moves to Guilin, whose bureau recommends from now on; the old bureau keeps reading what it signed.",
        see=console(people.officer(GUILIN), member.path),
    )


def _list(member: Member) -> None:
    items = member.people.officer().get("/watch-list", consortium=member.id)["items"]
    rows = [
        (label("watch_kind", i["kind"]).zh, label("watch_cause", i["cause"]).zh, _rules(i), i["due_on"] or "—") for i in items
    ]
    table(("事项", "原因", "未满足的条件", "期限"), rows)


def _rules(item: JsonObject) -> str:
    return "、".join(finding["rule"] for finding in item["findings"]) or "—"
