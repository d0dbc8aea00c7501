"""How an application is selected: experts, decision, publicity and recognition, each step printed as it happens (A6(2))."""

from __future__ import annotations

from deploy.demo.client import until
from deploy.demo.formation import Formation, sweep_after
from deploy.demo.invented import new_code
from deploy.demo.narration import chapter, console, refused, table, tell
from deploy.demo.people import PROVINCE
from services.contracts.payload import JsonObject

CITY = "450200"


def judge(case: Formation) -> None:
    chapter("八、专家评审（第六条第二项）", "Expert review (A6(2))")
    people, member = case.people, case.units[1]["uscc"]
    insider = people.new(["expert"], name="专家", expert={"employer": member, "fields": ["糖业"]})
    review, call = case.review(PROVINCE, "expert_review"), case.read()["call_id"]
    panel = until(lambda: _panel_without(case, insider.username), "the new expert being known to the province")
    tell(
        f"随机抽取 5 名专家，随机数种子由平台生成：{panel['seed']}",
        "Five experts are drawn by the platform's own seed.",
        see=console(people.officer(), f"/reviews/{review}/panel"),
    )
    table(("回避的专家 excluded", "理由 reason"), [(row["expert"], row["message"]) for row in panel["excluded"]])
    people.operator.patch(f"/accounts/{insider.username}", {"active": False})
    leaving = people.person(panel["experts"][0])
    leaving.post(f"/reviews/{review}/recusals", {"reason": "与牵头单位有合作项目。"})
    tell(
        f"专家 {leaving.username} 主动回避，平台另行抽取一名。",
        "One expert recuses; another is drawn in their place.",
        see=console(people.officer(), f"/reviews/{review}/panel"),
    )
    case.score(case.seated())
    case.reaches("submitted", stage="decision")
    tell(
        "专家独立评分，互不可见，全部提交后汇总：",
        "They score blind; when all are in:",
        see=console(people.officer(), f"/calls/{call}/ranking"),
    )
    ranking = people.officer().get(f"/calls/{call}/ranking")["items"]
    table(
        ("名次", "项目", "汇总分", "极差", "标准化分"),
        [(row["rank"], row["title"], row["aggregate"], row["spread"], row["normalised"]) for row in ranking],
    )


def _panel_without(case: Formation, insider: str) -> JsonObject | None:
    """Draw a panel from which the platform excludes the `insider`, and return the draw. The first draw needs no reason, a
    repeated one does."""
    panel = case.appoint(5, reason="等待专家库更新后重新抽取")
    return panel if insider in {row["expert"] for row in panel["excluded"]} else None


def decide(case: Formation) -> None:
    chapter("九、决定（第六条第二项）", "Decision (A6(2))")
    review = case.review(PROVINCE, "decision")
    tell(
        "牵头单位专职研发人员 26 人，原则性条件 L3 未满足；未豁免即批准，被拒绝：",
        "Approving without waiving L3 is refused:",
        see=console(case.people.chief(), f"/reviews/{review}/decision"),
    )
    refused(case.decide)
    waiver = {"rule": "L3", "reason": "研发团队层次高，产业急需，同意豁免。"}
    case.decide(waivers=[waiver], reason="评审排名靠前，符合广西产业发展需要。")
    tell(
        "厅领导说明理由予以豁免并批准。",
        "The chief waives it with a reason and approves.",
        see=console(case.people.chief(), f"/reviews/{review}"),
    )


def publicise(case: Formation) -> None:
    chapter("十、公示与认定", "Publicity and recognition")
    ends_on = case.reaches("publicised")["publicity"]["ends_on"]
    tell(f"公示至 {ends_on}（5 个工作日）。", "Five working days of publicity.", see=console(case.people.server, "/publicity"))
    people = case.people
    objector = people.applicant(new_code(CITY, "enterprise"))
    objection = objector.post(f"{case.path}/objections", {"reason": "请核实牵头单位平台证明。"})
    sweep_after(people, ends_on)
    tell(
        f"有人提出异议；公示期满而异议未答复，不予认定（状态 {case.read()['status']}）。",
        "Not recognised while an objection is open.",
        see=console(people.officer(), f"/admin/objections/{case.id}"),
    )
    answer = {"answer": "经核查，证明属实，异议不成立。", "outcome": "dismissed"}
    people.officer().post(f"{case.path}/objections/{objection['id']}/answer", answer)
    sweep_after(people, ends_on)
    consortium_id = case.reaches("recognised")["consortium"]
    recognised = case.lead.get(f"/consortia/{consortium_id}")
    tell(
        f"异议答复后，进入名册：{recognised['number']}，认定日期 {recognised['recognised_on']}。",
        "Answered, and entered into the register.",
        see=console(case.lead, f"/consortia/{consortium_id}"),
    )
    public = people.server.ask("GET", "/public/consortia", query={"number": recognised["number"]})["items"]
    tell(
        "公开名册（无需登录）：",
        "The public register, without login:",
        see=console(people.server, f"/register/{recognised['number']}"),
    )
    table(
        ("编号", "名称", "牵头单位", "状态"), [(row["number"], row["name"], row["lead"]["name"], row["status"]) for row in public]
    )
