"""The generated application form (A6(1)), of a submitted application or of a draft."""

from __future__ import annotations

from typing import Any

from services.documents.generated.labels import FINDINGS, GOALS, SEVERITIES, SYSTEMS, TIERS, article, bureau, material, word, zh
from services.documents.generated.layout import Facts, Sheet, day, said


def application_form(facts: Facts) -> Sheet:
    """Compose the application form of an application, submitted or in draft (A6(1))."""
    sheet = Sheet("广西创新联合体组建申请表", subtitle=facts["name"], watermark="草稿" if facts["draft"] else None)
    sheet.number = "尚未提交" if facts["draft"] else f"第 {facts['version']} 版　{day(facts['submitted_at'])}提交"
    sheet.heading("一、基本情况")
    sheet.rows(
        ("创新联合体名称", facts["name"]),
        ("申报通知", facts["call_title"]),
        ("技术领域", facts["field"]),
        ("产业链", facts["industry_chain"]),
        ("牵头单位", f"{said(facts['lead_name'])}　{said(facts['lead'])}"),
        ("首席科学家", _scientist(facts)),
        ("推荐单位", bureau(facts["recommender"])),
        ("研究方向", facts["research_direction"]),
    )
    sheet.heading("二、组成单位")
    sheet.table(
        ("序号", "单位名称", "统一社会信用代码", "层级", "承担任务"),
        (2, 6, 7, 4, 5),
        [
            (place, member["name"], member["organisation"], word(TIERS, member["tier"]), member["role"])
            for place, member in enumerate(facts["members"], 1)
        ],
    )
    sheet.heading("三、建设目标与考核指标")
    sheet.table(
        ("目标", "内容", "指标", "目标值", "完成时间"),
        (4, 7, 4, 3, 4),
        [row for goal in facts["goals"] for row in _goal(goal)],
    )
    sheet.heading("四、运行制度")
    systems = facts["operating_systems"] or {}
    sheet.rows(*((name.zh, systems.get(code)) for code, name in SYSTEMS.items()))
    _verdict(sheet, facts["verdict"])
    sheet.heading("六、申报材料" if facts["verdict"] else "五、申报材料")
    papers = [(place, material(paper["kind"]), paper["filename"]) for place, paper in enumerate(facts["handed_in"], 1)]
    sheet.table(("序号", "材料", "文件名"), (1, 4, 6), papers)
    if facts.get("promise"):
        _promise(sheet, facts)
    sheet.note = "本表由平台按申报数据生成，以平台登记的内容为准。严禁填报涉密信息。"
    return sheet


def _promise(sheet: Sheet, facts: Facts) -> None:
    """Add the research-integrity promise to the form, with its signer and time if the promise was made."""
    made = facts["promise"]
    sheet.heading("七、科研诚信承诺" if facts["verdict"] else "六、科研诚信承诺")
    sheet.text(zh(made["text"]))
    signer = facts.get("names", {}).get(made["signed_by"])
    if not facts["draft"]:
        sheet.rows(("承诺单位", facts["lead_name"]), ("签署人", signer), ("签署日期", day(made["signed_at"])))


def _scientist(facts: Facts) -> str:
    """Return the name, title and employer of the chief scientist. The employer is shown by name if it is a unit of the
    application, otherwise by its code."""
    scientist = facts["chief_scientist"] or {}
    names = {facts["lead"]: facts["lead_name"]} | {member["organisation"]: member["name"] for member in facts["members"]}
    employer = scientist.get("employer")
    parts = (scientist.get("name"), scientist.get("title"), names.get(employer) or employer)
    return "　".join(part for part in parts if part)


def _goal(goal: Facts) -> list[tuple[Any, ...]]:
    indicators = goal["indicators"] or [{}]
    kind = word(GOALS, goal["kind"])
    return [
        (
            kind if first else "",
            goal["statement"] if first else "",
            indicator.get("name"),
            f"{indicator.get('target', '')}{indicator.get('unit', '')}",
            indicator.get("due"),
        )
        for first, indicator in ((place == 0, indicator) for place, indicator in enumerate(indicators))
    ]


def _verdict(sheet: Sheet, verdict: Facts | None) -> None:
    if verdict is None:
        return
    sheet.heading("五、条件核验（第五条）")
    sheet.table(
        ("条件", "条款", "效力", "结果", "说明"),
        (5, 4, 3, 3, 10),
        [
            (
                zh(finding.get("title") or "—"),
                article(finding["citation"]),
                word(SEVERITIES, finding["severity"]),
                word(FINDINGS, finding["status"]),
                zh(finding["message"]),
            )
            for finding in verdict["findings"]
        ],
    )
