"""The facts that the owning services state for each kind of generated document."""

from __future__ import annotations

from typing import Any

LEAD = "广西示例新能源科技有限公司"
NAME = "广西新能源汽车动力电池关键材料创新联合体"
CONSORTIUM = {"id": "c1", "number": "GXCX-2026-0001", "name": NAME}
REASON = (
    "申报的研究方向与已认定的创新联合体重复，未体现唯一性、特色性和引领性；"
    "牵头单位对产业链上下游的组织能力不足，成员单位之间缺乏实质性合作基础。"
)
APPLICATION: dict[str, Any] = {
    "name": NAME,
    "channel": "call",
    "field": "新能源",
    "lead": "91450200MA5KAAAA09",
    "lead_name": LEAD,
    "recommender": "450200",
    "version": 2,
    "publicity": None,
    "members": [],
    "rules": {},
    "rejected": None,
    "declined": False,
}
RULES = {
    "L2": {
        "title": {"zh": "牵头单位年主营业务收入", "en": "Yearly main-business revenue of the lead"},
        "article": {"zh": "第五条第（二）项第1目", "en": "Article 5(2)1"},
    }
}
WAIVERS = [{"rule": "L2", "reason": "该产业链为自治区急需布局的重点方向，牵头单位成长性良好。"}]
OPINION: dict[str, Any] = {
    "title": NAME,
    "kind": "formation",
    "bureau": "450200",
    "field": "新能源",
    "lead": {"uscc": "91450200MA5KAAAA09", "name": LEAD},
    "questions": [
        {"id": "Q1", "text": {"zh": "牵头单位在行业内具有较强影响力，能够组织开展交流合作", "en": "influence"}},
        {"id": "Q2", "text": {"zh": "牵头单位有专职研发团队，与高校院所有合作基础", "en": "team"}},
    ],
    "rules": RULES,
    "names": {"450200-officer": "覃晓岚", "450200-chief": "韦立峰"},
    "opinion": {
        "stage": "recommendation",
        "outcome": "pass",
        "comment": "该创新联合体组建条件基本具备，研究方向符合我市产业布局，同意推荐。",
        "at": "2026-03-01T18:00:00+00:00",
        "version": 2,
        "by": "450200-chief",
        "drafted_by": "450200-officer",
        "sections": [],
        "answers": {
            "Q1": {"met": True, "reason": "系行业骨干企业，近三年牵头组织产业对接活动。"},
            "Q2": {"met": False, "reason": "专职研发人员偏少，与高校合作以项目委托为主。"},
        },
        "waivers": [],
        "differs": None,
    },
}
GRADE: dict[str, Any] = {
    "title": "2029年广西创新联合体绩效评估",
    "consortium": CONSORTIUM,
    "lead": {"uscc": "91450200MA5KAAAA09", "name": LEAD},
    "recommender": "450200",
    "grade": "good",
    "score": "82.50",
    "grade_reason": "科技计划项目执行情况良好，成员单位合作紧密。",
    "published_on": "2029-06-18",
    "next_round_by": "2032-12-31",
}
REVOCATION: dict[str, Any] = {
    "consortium": CONSORTIUM,
    "lead": GRADE["lead"],
    "recommender": "450200",
    "status": "revoked",
    "grounds": ["A14(2)", "A13"],
    "ground_texts": {
        "A14(2)": {"zh": "不参加绩效评估或中途放弃绩效评估的", "en": "no evaluation"},
        "A13": {"zh": "整改验收未通过的", "en": "failed rectification"},
    },
    "reason": "未按评估通知报送材料，经催告仍未参加评估。",
    "opened_on": "2031-02-03",
    "statements": [{"text": "因牵头单位经营调整，未能按期组织材料，请求宽限。", "by": "lead", "at": "2031-02-10T02:00:00+00:00"}],
    "decision": {"outcome": "revoke", "on": "2031-03-09", "reason": "陈述理由不成立，情形属实。", "by": "450000-chief"},
}

OF = {"consortium": CONSORTIUM, "lead": GRADE["lead"], "recommender": "450200"}
CHANGE: dict[str, Any] = OF | {
    "kind": "add_member",
    "reported_on": "2026-05-06",
    "effective_on": "2026-08-01",
    "rules": RULES,
    "decision": {"outcome": "approve", "reason": "新增单位补足了回收利用环节。", "on": "2026-06-02", "waivers": WAIVERS},
}
SUPPORT: dict[str, Any] = OF | {
    "measure": {"zh": "平台能力建设专项（新认定）", "en": "special project"},
    "article": {"zh": "第九条第（一）项第1目", "en": "Article 9(1)1"},
    "requested_on": "2026-05-06",
    "amount": "4500000.00",
    "decision": {"outcome": "approve", "reason": "符合条件。", "on": "2026-06-02"},
}
DEFERRAL: dict[str, Any] = OF | {
    "title": "2029年广西创新联合体绩效评估",
    "outcome": "refused",
    "answer": "所述理由不足以影响材料报送。",
    "answered_on": "2029-03-02",
    "hand_in_until": "2029-03-31",
}


def _decision(**more: Any) -> dict[str, Any]:
    return {"reason": REASON, "waivers": [], "signed_by": "450000-chief", "on": "2026-03-02"} | more


#: For each official document that the tests generate: its kind, and the facts that the service that owns the case states for it.
OFFICIAL: dict[str, tuple[str, dict[str, Any]]] = {
    "recommended": ("opinion", OPINION),
    "checked": (
        "opinion",
        OPINION | {"bureau": "450000", "opinion": OPINION["opinion"] | {"stage": "formal_check", "waivers": WAIVERS}},
    ),
    "returned": (
        "opinion",
        OPINION
        | {
            "opinion": OPINION["opinion"]
            | {
                "outcome": "return",
                "answers": {},
                "sections": [{"section": "operating_systems", "comment": "缺少决策机构章程。"}],
            }
        },
    ),
    "approved": (
        "decision",
        APPLICATION
        | {
            "decision": _decision(waivers=WAIVERS, reason="符合自治区产业布局需要。"),
            "rules": RULES,
            "publicity": {"ends_on": "2026-03-09"},
        },
    ),
    "declined": ("decision", APPLICATION | {"declined": True, "decision": _decision()}),
    "rejected": (
        "decision",
        APPLICATION
        | {"decision": None, "rejected": {"stage": "recommendation", "bureau": "450200", "on": "2026-03-02", "reason": REASON}},
    ),
    "publicity_list": (
        "publicity_list",
        {
            "title": "2026 年第一批拟认定创新联合体名单",
            "call_title": "2026 年度创新联合体组建申报通知",
            "contact": {"name": "覃晓岚", "telephone": "0771-0000000", "address": "南宁市示例路 1 号"},
            "on": "2026-03-02",
            "ends_on": "2026-03-09",
            "items": [
                {"name": NAME, "lead": LEAD, "recommender": "450200", "units": 12, "waived": [RULES["L2"]["title"]]},
                {"name": "广西糖业创新联合体", "lead": LEAD, "recommender": "GX-MIIT", "units": 8, "waived": []},
            ],
        },
    ),
    "special_case": (
        "decision",
        APPLICATION | {"channel": "special_case", "recommender": None, "decision": _decision(reason="")},
    ),
    "good": ("grade_notice", GRADE),
    "rectify": ("grade_notice", GRADE | {"grade": "rectify", "score": "61.00"}),
    "revoke": ("grade_notice", GRADE | {"grade": "revoke", "score": None, "grade_reason": None}),
    "revoked": ("revocation_decision", REVOCATION),
    "change_approved": ("change_decision", CHANGE),
    "change_refused": (
        "change_decision",
        CHANGE | {"decision": {"outcome": "refuse", "reason": "新增单位与任务无关联。", "on": "2026-06-02"}},
    ),
    "support_granted": ("support_decision", SUPPORT),
    "support_declined": (
        "support_decision",
        SUPPORT | {"decision": {"outcome": "decline", "reason": "本年度预算已分配完毕。", "on": "2026-06-02"}},
    ),
    "deferral_granted": ("deferral_decision", DEFERRAL | {"outcome": "granted", "answer": "理由正当。", "hand_in_until": None}),
    "deferral_refused": ("deferral_decision", DEFERRAL),
    "kept": (
        "revocation_decision",
        REVOCATION | {"statements": [], "decision": REVOCATION["decision"] | {"outcome": "keep", "reason": "情形轻微，已改正。"}},
    ),
}
#: Names of the documents above whose decision is against the addressee.
ADVERSE = (
    "declined",
    "rejected",
    "rectify",
    "revoke",
    "revoked",
    "change_refused",
    "support_declined",
    "deferral_refused",
)
