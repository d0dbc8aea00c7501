"""Take one consortium from the call to the register, with the accounts of all participants, and print each step."""

from __future__ import annotations

import secrets
from datetime import date, timedelta
from itertools import groupby

from deploy.demo import selection
from deploy.demo.batch import decide_together
from deploy.demo.client import Account, until
from deploy.demo.formation import ANSWERS, PAPERS, Formation, draft_body, open_call, put_organisation
from deploy.demo.invented import TWELVE, Organisation, consortium
from deploy.demo.narration import brief, chapter, console, refused, show, table, tell
from deploy.demo.people import PROVINCE, People
from deploy.demo.register_chapters import enter_old
from deploy.demo.review_actions import sign
from services.contracts.payload import JsonObject

CITY = "450200"


def play(people: People) -> Formation:
    """Carry out all steps from the call to the register; return the application that became a consortium. Raises Refused or
    TimeoutError if the platform behaves differently than the demonstration expects."""
    units = consortium(TWELVE, CITY, rd_staff=26)
    call = _announce(people)
    _register(people, units)
    enter_old(people)
    case = _draft(people, call, units)
    _hand_in_and_submit(case)
    show_similar(case)
    _recommend(case)
    _return_and_correct(case)
    selection.judge(case)
    selection.decide(case)
    selection.publicise(case)
    decide_together(people)
    _look_back(case)
    return case


def _announce(people: People) -> str:
    chapter("二、申报通知（第六条）", "The call (A6)")
    call = open_call(people, title="2026 年度创新联合体组建申报通知")
    tell(
        f"自治区科技厅发布《{call['title']}》，受理至 {call['closes_at'][:10]}。",
        f"The province opens a call, policy {call['policy']}.",
        see=console(people.officer(), f"/admin/calls/{call['id']}"),
    )
    return str(call["id"])


def _register(people: People, units: list[Organisation]) -> None:
    chapter("三、单位注册", "Organisations register")
    lead = units[0]
    account = _registration(people, lead, CITY)
    tell(
        f"{lead['name']} 自行注册，柳州市科技局核准。",
        "The lead registers by itself; its city bureau approves.",
        see=console(people.officer(CITY), "/registrations"),
    )
    put_organisation(account, lead)
    for unit in units[1:-2]:
        put_organisation(people.applicant(unit["uscc"]), unit)
    tell(
        f"牵头单位和 {len(units) - 3} 个参与单位填报单位信息、财务数据和创新平台。",
        "The lead and most members enter their data; two are not registered yet.",
        see=console(account, "/organisation"),
    )


def _registration(people: People, unit: Organisation, bureau: str) -> Account:
    """Request an organisation's first account as a visitor, let the bureau approve the request, log in, and return the
    account."""
    username, password = f"unit-{secrets.token_hex(5)}", secrets.token_urlsafe(12)
    asked = {name: unit[name] for name in ("uscc", "name", "region", "kind")}
    contact = {"name": "联系人", "phone": "0772-0000000"}
    body = {**asked, "contact": contact, "username": username, "password": password}
    registration = people.server.ask("POST", "/registrations", body=body)
    people.officer(bureau).post(f"/registrations/{registration['id']}/approval", {"decision": "approve"})
    account = people.server.login(username, password)
    people.adopt(unit["uscc"], account)
    return account


def _draft(people: People, call: str, units: list[Organisation]) -> Formation:
    chapter("五、组建申请（第四、五条）", "The application (A4, A5)")
    lead = people.applicant(units[0]["uscc"])
    id = lead.post("/applications", draft_body(units, call_id=call))["id"]
    case = Formation(people, units, id)
    tell(
        f"牵头单位起草组建申请，列入 {len(units)} 个组成单位，向各参与单位发出邀请。",
        "The lead drafts; members are invited.",
        see=console(lead, case.path),
    )
    for unit in units[-2:]:
        bureau = f"{unit['region'][:4]}00" if unit["region"].startswith("45") else PROVINCE
        put_organisation(_registration(people, unit, bureau), unit)
        tell(
            f"{unit['name']} 尚未注册：收到邀请后注册，{bureau} 核准。",
            "A member that was not registered does so now.",
            see=console(people.officer(bureau), "/registrations"),
        )
    return case


def _hand_in_and_submit(case: Formation) -> None:
    tell("提交前预审：", "Pre-check of the draft:", see=console(case.lead, f"{case.path}/eligibility"))
    _show_findings(case.eligibility())
    tell(
        "材料与确认不齐时提交，被拒绝并说明理由：",
        "Submitting now is refused, with the reasons:",
        see=console(case.lead, f"{case.path}/form/check"),
    )
    refused(case.submit)
    case.hand_in()
    tell(
        f"牵头单位上传 {len(PAPERS)} 份材料（PDF，校验内容与 SHA-256）。",
        "The lead uploads its papers.",
        see=console(case.lead, f"{case.path}/form/papers"),
    )
    case.confirm()
    tell(
        f"{len(case.units) - 1} 个参与单位以各自账号确认加入。",
        "Every member confirms by its own account.",
        see=console(case.people.applicant(case.units[1]["uscc"]), case.path),
    )
    members = draft_body(case.units)["members"]
    members[0]["tier"] = "general" if members[0]["tier"] != "general" else "close"
    case.change(members=members)
    void = sum(1 for member in case.read()["members"] if not (member["confirmation"] or {}).get("stands"))
    tell(
        f"牵头单位调整了一个单位的层级：{void} 份确认随即失效，须重新确认。",
        "An edit of what was confirmed voids the confirmations.",
        see=console(case.lead, f"{case.path}/form/members"),
    )
    case.confirm()
    submitted = case.submit()
    tell(
        f"重新确认后提交：第 {submitted['version']} 版，状态 {submitted['status']}。",
        "Confirmed again and submitted; the verdict is frozen:",
        see=console(case.lead, case.path),
    )
    _show_findings(submitted["verdict"])


def _show_findings(verdict: JsonObject) -> None:
    rows = [
        (finding["rule"], finding["citation"], finding["severity"], finding["status"], brief(finding["message"]))
        for finding in verdict["findings"]
        if finding["status"] != "pass"
    ]
    passed = len(verdict["findings"]) - len(rows)
    table(("规则", "条款", "效力", "结果", "说明"), rows)
    show(f"其余 {passed} 条通过 · {passed} others pass · eligible: {verdict['eligible']}")


def _recommend(case: Formation) -> None:
    chapter("六、审核推荐（第六条第一项）", "Recommendation by the city (A6(1))")
    review = case.review(CITY, "recommendation")
    opinion = {"stage": "recommendation", "outcome": "pass", "comment": "同意推荐。", "waivers": [], "answers": ANSWERS}
    tell(
        "局领导在经办人起草意见之前签署，被拒绝（四眼原则）：",
        "The chief cannot sign before an officer has drafted:",
        see=console(case.people.chief(CITY), f"/reviews/{review}"),
    )
    refused(case.people.chief(CITY).post, f"/reviews/{review}/opinions", opinion)
    draft = case.people.officer(CITY).post(f"/reviews/{review}/opinions", opinion)
    tell(
        "局领导未注明所阅读的起草意见即签署，被拒绝：",
        "The chief cannot sign without naming the draft that was read:",
        see=console(case.people.chief(CITY), f"/reviews/{review}"),
    )
    refused(case.people.chief(CITY).post, f"/reviews/{review}/opinions", opinion)
    sign(case.people.chief(CITY), review, draft)
    tell(
        "柳州市科技局经办人起草意见，回答 Q1–Q9，局领导阅读后签署推荐。",
        "An officer drafts, the chief signs it as read.",
        see=console(case.people.officer(CITY), f"/reviews/{review}/process"),
    )
    tell(
        "南宁市科技局看不到此件：", "Another city does not see the case:", see=console(case.people.officer("450100"), "/reviews")
    )
    refused(case.people.officer("450100").get, f"/reviews/{review}")


def _return_and_correct(case: Formation) -> None:
    chapter("七、形式审查（第六条第二项）", "Formal check by the province (A6(2))")
    sections = [{"section": "goals", "comment": "请补充科学普及目标（第七条第七项）。"}]
    review = case.review(PROVINCE, "formal_check")
    case.check(outcome="return", comment="目标任务不完整，退回补正。", sections=sections)
    returned = case.reaches("returned")
    tell(
        f"退回补正，期限至 {returned['correction']['due_at'][:10]}。",
        "Returned with the section that is lacking.",
        see=console(case.lead, case.path),
    )
    until_day = (date.fromisoformat(returned["correction"]["due_at"][:10]) + timedelta(days=5)).isoformat()
    extension = {"until": until_day, "reason": "需补充检测报告。"}
    case.people.officer().post(f"{case.path}/correction-extension", extension)
    tell(
        f"退回的部门将补正期限延长一次，至 {until_day}；再次延长，被拒绝：",
        "The bureau that returned it extends the window, once:",
        see=console(case.people.officer(), f"/reviews/{review}"),
    )
    refused(case.people.officer().post, f"{case.path}/correction-extension", extension)
    goals = [
        *draft_body(case.units)["goals"],
        {
            "kind": "science_popularisation",
            "statement": "每年面向公众开放实验室。",
            "indicators": [{"name": "开放日", "target": "4", "unit": "次", "due": "2030-12-31"}],
        },
    ]
    case.change(goals=goals)
    resubmitted = case.submit()
    tell(
        f"补正后重新提交：第 {resubmitted['version']} 版，直接回到退回的部门。与上一版的差别：",
        "Corrected and resubmitted; what changed:",
        see=console(case.lead, f"{case.path}/changes"),
    )
    for section in case.lead.get(f"{case.path}/diff", **{"from": 1, "to": 2})["sections"]:
        for change in section["changes"]:
            show(f"{section['section']}{change['path']} {change['change']}: {change['before']} → {change['after']}")
    case.check(comment="补正符合要求。")
    tell("形式审查通过。", "The formal check passes.", see=console(case.people.officer(), f"/reviews/{review}/process"))


def _look_back(case: Formation) -> None:
    chapter("十二、回顾", "Looking back")
    consortium_id = case.read()["consortium"]
    tell("全过程记录：", "The timeline:", see=console(case.people.role("auditor"), f"/consortia/{consortium_id}"))
    steps = groupby(case.people.role("auditor").all(f"{case.path}/timeline", limit=200), lambda entry: entry["type"])
    rows = [(type, list(entries)) for type, entries in steps]
    table(
        ("时间", "事项", "次数", "条款", "经办"),
        [
            (
                steps_of_type[0]["at"][:16],
                type,
                len(steps_of_type),
                steps_of_type[0]["article"],
                steps_of_type[0]["actor"]["username"],
            )
            for type, steps_of_type in rows
        ],
    )
    reports = until(
        lambda: case.lead.get(f"/consortia/{consortium_id}/annual-reports")["items"], "the obligation to report every year"
    )
    tell(
        f"年报义务（第十二条）：{reports[0]['year']} 年度，{reports[0]['due_on']} 前报送。",
        "The annual report is due (A12).",
        see=console(case.lead, f"/consortia/{consortium_id}"),
    )
    messages = list(case.lead.all("/notifications", unread=True))
    for message in messages:
        case.lead.post(f"/notifications/{message['id']}/read")
    tell(
        f"牵头单位阅读 {len(messages)} 条通知，最近一条：{messages[0]['body']}",
        "The lead reads its notifications.",
        see=console(case.lead, "/messages"),
    )


def show_similar(case: Formation) -> None:
    """Show the most similar directions, to the lead and to its city (A4(1))."""
    case.people.operator.post("/sweeps", {"as_of": "2026-01-01"})
    review = case.review(case.recommender, "recommendation")
    for account, page, reader_name, english in (
        (case.lead, f"{case.path}/similar", "牵头单位看到（仅获认定的创新联合体）", "The lead sees recognised consortia alone"),
        (
            case.people.officer(case.recommender),
            f"/reviews/{review}",
            "推荐单位看到（另含在办申请）",
            "its city sees open applications too",
        ),
    ):
        items = account.get(f"{case.path}/similar")["items"][:3]
        tell(f"研究方向相近的，{reader_name}：", f"The nearest directions (A4(1)): {english}.", see=console(account, page))
        table(("名称", "相近程度", "共同用词"), [(i["name"] or "—", i["likeness"], "、".join(i["shared"])) for i in items])
    show("仅供判断方向是否独特（Q8），不作结论 · it informs Q8 and decides nothing")
