"""The documents that announce a grade to a consortium, and the decisions on revocations (A13, A14)."""

from __future__ import annotations

from services.documents.generated.labels import GRADES, LAW, article, word, zh
from services.documents.generated.layout import Facts, day
from services.documents.generated.official_letter import Letter, state_remedies
from services.documents.generated.register_decisions import to_lead
from services.kernel.identity import PROVINCE


def grade_notice(facts: Facts) -> Letter:
    """Compose the document that announces to one consortium the grade that it got in a round of evaluation."""
    of, grade = facts["consortium"], facts["grade"]
    sheet = to_lead(facts, f"关于“{of['name']}”绩效评估结果的通知", facts["published_on"])
    scored = f"，评估得分{facts['score']}分" if facts["score"] else ""
    sheet.text(
        f"你单位牵头的“{of['name']}”（编号：{of['number']}）参加了“{facts['title']}”。依据{LAW}第十三条"
        f"{scored}，评估等次为“{word(GRADES, grade)}”。"
    )
    if facts["grade_reason"]:
        sheet.section("评定说明", facts["grade_reason"])
    if grade == "rectify":
        sheet.section(
            "整改要求", "请自评估结果公布之日起一年内完成整改。整改期满后，我厅组织验收；验收未通过的，取消创新联合体资格。"
        )
    elif grade == "revoke":
        sheet.section("后续程序", "我厅将按照第十四条办理取消资格程序，并在作出决定前听取你单位的陈述。")
    else:
        praise = "对评估等次为“优秀”的创新联合体，予以通报表扬。" if grade == "excellent" else ""
        sheet.section("下一轮评估", f"{praise}请于{day(facts['next_round_by'])}前参加下一轮绩效评估。")
    if grade in ("rectify", "revoke"):
        state_remedies(sheet, PROVINCE, "通知")
    return sheet


def revocation_decision(facts: Facts) -> Letter:
    """Compose the decision to revoke a recognition, or to keep it."""
    made, of = facts["decision"], facts["consortium"]
    revoked = made["outcome"] == "revoke"
    verdict = "取消" if revoked else "维持"
    sheet = to_lead(facts, f"关于{verdict}“{of['name']}”创新联合体资格的决定", made["on"])
    cited = "、".join(article(ground) for ground in facts["grounds"])
    sheet.text(
        f"我厅于{day(facts['opened_on'])}对你单位牵头的“{of['name']}”（编号：{of['number']}）立案核查。经核查并听取陈述，"
        f"依据{LAW}{cited}，我厅决定{verdict}其创新联合体资格。"
    )
    sheet.items("所涉情形", [_ground(facts, ground) for ground in facts["grounds"]])
    if facts["reason"]:
        sheet.section("事由", facts["reason"])
    stated = "\n".join(statement["text"] for statement in facts["statements"])
    sheet.section("陈述意见", stated or "你单位在规定期限内未提出陈述。")
    sheet.section("决定理由", made["reason"])
    if revoked:
        sheet.section("效力", "自本决定作出之日起，支持措施终止，各组成单位占用的名额同时释放。")
        state_remedies(sheet, PROVINCE, "决定")
    return sheet


def _ground(facts: Facts, ground: str) -> str:
    """Return the article of a ground of revocation with its text."""
    text = facts.get("ground_texts", {}).get(ground)
    return f"{article(ground)}：{zh(text).rstrip('。；')}。" if text else f"{article(ground)}所列情形。"
