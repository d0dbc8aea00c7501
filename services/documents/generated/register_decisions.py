"""The province's decisions about a consortium after its recognition: on changes (A12), support (A9) and deferrals (A13)."""

from __future__ import annotations

from services.contracts.labels import label
from services.documents.generated.labels import LAW, bureau, zh
from services.documents.generated.layout import Facts, day, money, said
from services.documents.generated.official_letter import Letter, letter, state_remedies
from services.documents.generated.opinion import waiver_text
from services.kernel.identity import PROVINCE


def change_decision(facts: Facts) -> Letter:
    made, of = facts["decision"], facts["consortium"]
    what, refused = label("change_kind", facts["kind"]).zh, made["outcome"] == "refuse"
    verdict = "不同意" if refused else "同意"
    sheet = to_lead(facts, f"关于{verdict}“{of['name']}”变更事项的决定", made["on"])
    sheet.text(
        f"你单位{day(facts['reported_on'])}报告的“{of['name']}”（编号：{of['number']}）变更事项（{what}）收悉。"
        f"依据{LAW}第十二条，我厅决定{verdict}该变更。"
    )
    if made.get("reason"):
        sheet.section("决定理由", made["reason"])
    if made.get("waivers"):
        sheet.items("豁免的原则性条件", [waiver_text(facts, waiver) for waiver in made["waivers"]])
    if refused:
        sheet.section("有关要求", "该变更不得实施，名册登记事项保持不变。")
        state_remedies(sheet, PROVINCE, "决定")
    else:
        knowingly = (
            "变更后有强制性条件不再满足，我厅知悉并批准变更，将依据第十四条第（一）项办理取消资格程序。"
            if made.get("knowingly")
            else ""
        )
        sheet.section("变更效力", f"变更自{day(facts['effective_on'])}起生效，生效后由我厅更新名册。{knowingly}")
    return sheet


def support_decision(facts: Facts) -> Letter:
    made, of, asked = facts["decision"], facts["consortium"], zh(facts["measure"])
    refused = made["outcome"] == "decline"
    verdict = "不予批准" if refused else "批准"
    sheet = to_lead(facts, f"关于{verdict}“{of['name']}”支持措施申请的决定", made["on"])
    amount = f"，核定金额{money(facts['amount'])}" if facts.get("amount") and not refused else ""
    sheet.text(
        f"你单位牵头的“{of['name']}”（编号：{of['number']}）{day(facts['requested_on'])}申请的支持措施“{asked}”收悉。"
        f"依据{LAW}{zh(facts['article'])}，我厅决定{verdict}{amount}。"
    )
    if made.get("reason"):
        sheet.section("决定理由", made["reason"])
    if refused:
        state_remedies(sheet, PROVINCE, "决定")
    else:
        sheet.section("有关要求", "请按规定使用支持措施，接受监督检查。")
    return sheet


def deferral_decision(facts: Facts) -> Letter:
    of, refused = facts["consortium"], facts["outcome"] == "refused"
    verdict = "不同意" if refused else "同意"
    sheet = to_lead(facts, f"关于{verdict}“{of['name']}”延期参加绩效评估的决定", facts["answered_on"])
    sheet.text(
        f"你单位牵头的“{of['name']}”（编号：{of['number']}）延期参加“{facts['title']}”的申请收悉。依据{LAW}第十三条，"
        f"我厅决定{verdict}延期。"
    )
    if facts["answer"]:
        sheet.section("决定理由", facts["answer"])
    if refused:
        until = f"请于{day(facts['hand_in_until'])}前报送评估材料；" if facts.get("hand_in_until") else "请按期报送评估材料；"
        sheet.section("有关要求", f"{until}逾期未报送的，按放弃评估处理。")
        state_remedies(sheet, PROVINCE, "决定")
    else:
        sheet.section("有关要求", "请参加下一轮绩效评估。")
    return sheet


def to_lead(facts: Facts, matter: str, on: str) -> Letter:
    """Create a document of the province to the lead of a consortium, with a copy to its recommender."""
    copied = facts.get("recommender")
    return letter(
        PROVINCE,
        matter,
        to=said(facts["lead"]["name"]),
        date=day(on),
        number=facts.get("document_number"),
        copies=bureau(copied) if copied not in (None, PROVINCE) else None,
    )
