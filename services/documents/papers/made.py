"""Which papers there are, and how each is composed of the facts its owner states."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from services.contracts.labels import LABELS
from services.documents.papers.sheet import DEPARTMENT, Sheet, day, said
from services.documents.papers.words import (
    FINDINGS,
    GOALS,
    GRADES,
    OUTCOMES,
    SEVERITIES,
    SYSTEMS,
    TIERS,
    article,
    bureau,
    material,
    word,
)

Facts = dict[str, Any]
LAW = "《广西壮族自治区创新联合体管理办法（试行）》"


@dataclass(frozen=True, slots=True)
class Paper:
    """One kind: who may state its facts, how it is called, by which article it is made, how it is composed."""

    owner: str
    name: str
    article: str
    compose: Callable[[Facts], Sheet]


def application_form(facts: Facts) -> Sheet:
    """The application as it is or was handed in (A6(1))."""
    sheet = Sheet("广西创新联合体组建申请表", subtitle=facts["name"], watermark="草稿" if facts["draft"] else None)
    sheet.number = "尚未提交" if facts["draft"] else f"第 {facts['version']} 版　{day(facts['submitted_at'])}提交"
    scientist = facts["chief_scientist"] or {}
    sheet.heading("一、基本情况")
    sheet.rows(
        ("创新联合体名称", facts["name"]),
        ("申报通知", facts["call_title"]),
        ("技术领域", facts["field"]),
        ("产业链", facts["industry_chain"]),
        ("牵头单位", f"{said(facts['lead_name'])}　{said(facts['lead'])}"),
        ("首席科学家", "　".join(str(scientist[name]) for name in ("name", "title", "employer") if scientist.get(name))),
        ("推荐单位", bureau(facts["recommender"])),
        ("研究方向", facts["research_direction"]),
    )
    sheet.heading("二、组成单位")
    sheet.table(
        ("序号", "单位名称", "统一社会信用代码", "层级", "承担任务"),
        (2, 6, 8, 3, 6),
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
    sheet.note = "本表由平台按申报数据生成，以平台登记的内容为准。"
    return sheet


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
        ("规则", "条款", "效力", "结果", "说明"),
        (2, 4, 2, 3, 11),
        [
            (
                finding["rule"],
                article(finding["citation"]),
                word(SEVERITIES, finding["severity"]),
                word(FINDINGS, finding["status"]),
                _zh(finding["message"]),
            )
            for finding in verdict["findings"]
        ],
    )


def opinion(facts: Facts) -> Sheet:
    """What a bureau said of a case, signed (A6(1))."""
    given, texts = facts["opinion"], {question["id"]: _zh(question["text"]) for question in facts["questions"]}
    sheet = Sheet("审核推荐意见书", subtitle=facts["title"], issuer=bureau(facts["bureau"]), date=day(given["at"]))
    sheet.number = f"第 {given['version']} 版"
    sheet.heading("一、意见")
    lead = facts["lead"] or {}
    sheet.rows(
        ("牵头单位", f"{said(lead.get('name'))}　{said(lead.get('uscc'))}"),
        ("技术领域", facts["field"]),
        ("结论", word(OUTCOMES, given["outcome"])),
        ("说明", given["comment"]),
        ("经办", given["drafted_by"]),
        ("签署", given["by"]),
        *_difference(given.get("differs")),
    )
    if given["answers"]:
        sheet.heading("二、逐项核查")
        sheet.table(
            ("题号", "内容", "结论", "理由"),
            (2, 8, 2, 8),
            [
                (id, texts.get(id), "符合" if answer["met"] else "不符合", answer["reason"])
                for id, answer in sorted(given["answers"].items())
            ],
        )
    if given["waivers"]:
        sheet.heading("三、建议豁免的原则性条件")
        sheet.table(("规则", "理由"), (1, 6), [(waiver["rule"], waiver["reason"]) for waiver in given["waivers"]])
    return sheet


def _difference(differs: Facts | None) -> list[tuple[str, str]]:
    """That the chief signed something else than was drafted, and why."""
    if not differs:
        return []
    members = "、".join(LABELS["opinion_member"][name].zh for name in differs["members"])
    return [("与起草意见不一致", f"{members}。理由：{differs['reason']}")]


def decision(facts: Facts) -> Sheet:
    """The province's decision on an application (A6(2))."""
    made = facts["decision"]
    sheet = Sheet(
        "广西创新联合体认定决定书" if not facts["declined"] else "不予认定决定书",
        subtitle=facts["name"],
        issuer=DEPARTMENT,
    )
    decided = "不予认定" if facts["declined"] else "拟予认定，并按规定公示"
    sheet.text(
        f"{said(facts['lead_name'])}：\n你单位牵头申报的“{facts['name']}”，经审核推荐、形式审查和专家评审，依据{LAW}第六条，"
        f"决定{decided}。"
    )
    sheet.rows(
        ("理由", made["reason"]),
        ("公示截止", day(facts["publicity"]["ends_on"]) if facts["publicity"] else None),
        ("签署", made.get("signed_by")),
    )
    if made.get("waivers"):
        sheet.heading("豁免的原则性条件")
        sheet.table(("规则", "理由"), (1, 6), [(waiver["rule"], waiver["reason"]) for waiver in made["waivers"]])
    sheet.date = day(made["on"]) if made.get("on") else None
    sheet.note = "对本决定有异议的，可在公示期内向自治区科技厅提出。"
    return sheet


def certificate(facts: Facts) -> Sheet:
    """The certificate of recognition, as the register stands (A6(2))."""
    gone = LABELS["consortium_status"][facts["status"]].zh if facts["status"] in ("revoked", "dissolved") else None
    sheet = Sheet("广西创新联合体认定证书", template="certificate", number=f"编号：{facts['number']}", watermark=gone)
    sheet.issuer, sheet.date = DEPARTMENT, day(facts["recognised_on"])
    sheet.qr, sheet.qr_caption = facts["verify_at"], "扫码核验证书真伪与现行状态\n以核验结果为准"
    sheet.text(f"依据{LAW}，认定{said(facts['lead']['name'])}牵头组建的“{facts['name']}”为广西创新联合体。")
    sheet.rows(
        ("技术领域", facts["field"]),
        ("牵头单位", facts["lead"]["name"]),
        ("组成单位", f"{len(facts['units'])} 家"),
        ("推荐单位", bureau(facts["recommender"])),
        ("认定日期", day(facts["recognised_on"])),
    )
    return sheet


def grade_notice(facts: Facts) -> Sheet:
    """What a round of evaluation came to for one consortium (A13)."""
    sheet = Sheet("创新联合体评估结果通知书", subtitle=facts["title"], issuer=DEPARTMENT, date=day(facts["published_on"]))
    sheet.text(
        f"{said(facts['lead']['name'])}：\n你单位牵头的“{facts['consortium']['name']}”（{facts['consortium']['number']}）参加本轮评估，"
        f"依据{LAW}第十三条，评估等次为“{word(GRADES, facts['grade'])}”。"
    )
    sheet.rows(
        ("等次", word(GRADES, facts["grade"])),
        ("得分", facts["score"]),
        ("说明", facts["grade_reason"]),
        ("下一轮评估最迟", day(facts["next_round_by"])),
    )
    if facts["grade"] == "rectify":
        sheet.note = "请自公布之日起一年内完成整改，并在平台提交整改验收申请；期满未通过的，按第十四条处理。"
    return sheet


def revocation_decision(facts: Facts) -> Sheet:
    """What was decided on taking a recognition back (A14)."""
    made = facts["decision"]
    revoked = made["outcome"] == "revoke"
    sheet = Sheet("取消创新联合体资格决定书" if revoked else "维持创新联合体资格决定书", subtitle=facts["consortium"]["name"])
    sheet.issuer, sheet.date = DEPARTMENT, day(made["on"])
    verdict = "取消其创新联合体资格" if revoked else "维持其创新联合体资格"
    sheet.text(
        f"{said(facts['lead']['name'])}：\n经核查并听取陈述，依据{LAW}第十四条，对“{facts['consortium']['name']}”"
        f"（{facts['consortium']['number']}）决定{verdict}。"
    )
    sheet.rows(
        ("情形", "、".join(article(ground) for ground in facts["grounds"])),
        ("事由", facts["reason"]),
        ("立案日期", day(facts["opened_on"])),
        ("陈述", "；".join(statement["text"] for statement in facts["statements"]) or "未提出陈述"),
        ("决定理由", made["reason"]),
        ("签署", made["by"]),
    )
    return sheet


def _zh(text: Any) -> str:
    return str(text["zh"]) if isinstance(text, dict) else said(text)


#: Every paper, by its kind.
PAPERS = {
    "application_form": Paper(owner="application", name="组建申请表", article="A6(1)", compose=application_form),
    "opinion": Paper(owner="review", name="审核推荐意见书", article="A6(1)", compose=opinion),
    "decision": Paper(owner="application", name="认定决定书", article="A6(2)", compose=decision),
    "certificate": Paper(owner="application", name="认定证书", article="A6(2)", compose=certificate),
    "grade_notice": Paper(owner="evaluation", name="评估结果通知书", article="A13", compose=grade_notice),
    "revocation_decision": Paper(owner="evaluation", name="取消资格决定书", article="A14", compose=revocation_decision),
}
