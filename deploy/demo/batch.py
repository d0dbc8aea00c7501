"""Decide several applications of one call together: an acting chief recommends them, one score is voided and replaced, and the
decisions are signed and made public as one list."""

from __future__ import annotations

from datetime import timedelta

from deploy.demo.client import Account, Refused, until
from deploy.demo.formation import ANSWERS, Formation, open_call, sweep_after
from deploy.demo.narration import chapter, console, refused, table, tell
from deploy.demo.oversight import CITY
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import RUBRIC, declare, sign, uphold
from services.contracts.payload import JsonObject
from services.kernel.clock import local_date, real_now


def decide_together(people: People) -> None:
    """Take two applications from their submission to one decision list. The recognition of one of them is held, because an
    objection to it is upheld."""
    chapter("十一、一批申请：代理负责人、作废评分、决定名单（第六条）", "A batch of applications (A6)")
    call = open_call(people, title="创新联合体组建补充申报通知", min_reviewers=3, places=3)["id"]
    cases = [Formation.complete(people, call) for _ in range(3)]
    for case in cases:
        case.submit()
    _recommend(people, cases)
    for case, points in zip(cases, ((92, 93, 94), (85, 86, 84), (63, 64, 62)), strict=True):
        case.check()
        panel = case.appoint(3)
        case.score(panel["experts"], points)
        case.reaches("submitted", stage="decision")
    _replace(cases[0])
    _sign(call, cases)
    _publicise(people, cases)


def _recommend(people: People, cases: list[Formation]) -> None:
    """While the city's chief is away, an officer signs in the chief's name the opinions that another officer has drafted. The
    rights of accounts depend on real dates, however far a demonstration has moved the domain's date."""
    today = local_date(real_now())
    chief, deputy = people.chief(CITY), people.new(["officer"], bureau=CITY, name="代理负责人")
    body = {"account": deputy.username, "until": (today + timedelta(days=3)).isoformat(), "reason": "负责人出差。"}
    appointment = chief.post("/acting-chiefs", body)
    for case in cases:
        review = case.review(CITY, "recommendation")
        opinion = {"stage": "recommendation", "outcome": "pass", "comment": "同意推荐。", "waivers": [], "answers": ANSWERS}
        draft = people.officer(CITY).post(f"/reviews/{review}/opinions", opinion)
        signed = until(lambda draft=draft, review=review: _signed(deputy, review, draft), "the appointment being known")  # type: ignore[misc]
    chief.post(f"/acting-chiefs/{appointment['id']}/ending", {"reason": "提前返回。"})
    tell(
        f"柳州市科技局负责人外出，指定经办人代理至 {body['until']}：{signed['by']} 代 {signed['acting_for']} 签署，记录在案。",
        "While the chief is away an officer signs in the chief's name; the opinion says so.",
        see=console(chief, "/acting-chiefs"),
    )


def _signed(deputy: Account, review: str, draft: JsonObject) -> JsonObject | None:
    try:
        return sign(deputy, review, draft)
    except Refused as refused:
        if refused.status != 403:
            raise
        return None


def _replace(case: Formation) -> None:
    """One expert has acquired an interest in a unit: the province voids the expert's score, and another expert scores."""
    officer, review = case.people.officer(), case.review(PROVINCE, "decision")
    seat = officer.get(f"/reviews/{review}")["panel"]["seats"][0]
    officer.post(f"/reviews/{review}/scores/{seat['id']}/void", {"reason": "评分后受聘于牵头单位。"})
    tell(
        "一名专家评分后受聘于牵头单位：其评分作废；剩余评分不足，作决定被拒绝：",
        "A score is voided for an interest; too few are left for a decision:",
        see=console(officer, f"/reviews/{review}/panel"),
    )
    refused(case.decide)
    panel = officer.post(f"/reviews/{review}/seats/{seat['id']}/replacement", {})
    seated = {each["account"] for each in officer.get(f"/reviews/{review}")["panel"]["seats"] if each["replaces"] == seat["id"]}
    reader = case.people.person(next(name for name in panel["experts"] if name in seated))
    declare(reader, review)
    scores = {row["criterion"]: 91 for row in RUBRIC}
    reader.post(f"/reviews/{review}/scores", {"scores": scores, "comment": "评审意见：可行。"})
    ranking = officer.get(f"/reviews/{review}/ranking")
    tell(
        f"另抽一名专家补评，汇总分 {ranking['aggregate']}；作废的评分留存，不计入。",
        "Another expert scores in that place; the voided score is kept and does not count.",
        see=console(officer, f"/reviews/{review}/panel"),
    )


def _sign(call: str, cases: list[Formation]) -> None:
    """An officer drafts the decision list, and a chief reads it and signs exactly the version that was read."""
    officer, chief = cases[0].people.officer(), cases[0].people.chief()
    rows = [
        {"review": case.review(PROVINCE, "decision"), "outcome": outcome, "reason": reason}
        for case, outcome, reason in zip(
            cases, ("approve", "approve", "decline"), ("排名靠前。", "排名靠前。", "评审得分偏低。"), strict=True
        )
    ]
    path = f"/calls/{call}/decision-lists"
    decision_list = officer.post(path, {"title": "第二批拟认定名单", "rows": rows})
    signed = chief.approve(f"{path}/{decision_list['id']}", "confirmation")
    tell(
        "经办人拟定决定名单，负责人阅读后一次签署：一个文号、一次公示、同一日期。",
        "An officer draws up one list, a chief signs it as read: one number, one publicity, one date.",
        see=console(officer, f"/calls/{call}/decision-lists"),
    )
    table(("申请", "决定", "结果"), [(row["title"], row["outcome"], row["result"]["status"]) for row in signed["rows"]])


def _publicise(people: People, cases: list[Formation]) -> None:
    """Let an upheld objection hold the recognition of the first case; the second case of the list is recognised after its
    publicity period."""
    to_be_held, to_be_recognised = cases[:2]
    ends_on = to_be_held.reaches("publicised")["publicity"]["ends_on"]
    to_be_recognised.reaches("publicised")
    objections = f"{to_be_held.path}/objections"
    objection = people.applicant(to_be_held.units[1]["uscc"]).post(objections, {"reason": "材料不实。"})
    uphold(people, objections, objection["id"], "经核查，异议成立。")
    to_be_held.reaches("held")
    sweep_after(people, ends_on)
    number = people.officer().get(f"/consortia/{to_be_recognised.reaches('recognised')['consortium']}")["number"]
    tell(
        f"公示期内一项异议成立（经办人拟定、负责人确认）：该项暂缓认定；同一名单的 {number} 于 {ends_on} 公示期满后照常认定。",
        "An objection to one is upheld by two people: it is held, and the other of the list is recognised.",
        see=console(people.officer(), f"/admin/objections/{to_be_held.id}"),
    )
