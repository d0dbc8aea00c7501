"""Codes in the words official papers use."""

from __future__ import annotations

from services.policy import spell_out
from services.policy.bureaus import BUREAUS

TIERS = {"core": "核心层", "close": "紧密层", "general": "一般层"}
GOALS = {
    "core_technology": "关键核心技术攻关",
    "shared_platforms": "共建共享平台",
    "regional_collaboration": "区域协同创新",
    "technology_transfer": "科技成果转化",
    "ip_and_standards": "知识产权与标准",
    "talent": "人才培养",
    "science_popularisation": "科学普及",
}
SYSTEMS = {
    "decision_body": "决策议事机构",
    "advisory_body": "技术咨询机构",
    "executive_body": "执行机构",
    "rd_funding": "研发投入机制",
    "benefit_protection": "利益保障机制",
    "open_development": "开放发展机制",
    "major_matters": "重大事项报告",
}
SEVERITIES = {"mandatory": "强制", "in_principle": "原则"}
FINDINGS = {"pass": "符合", "fail": "不符合", "needs_evidence": "缺少证明", "waived": "已豁免"}
OUTCOMES = {"pass": "同意", "return": "退回补正", "reject": "不同意"}
MATERIALS = {
    "application_form": "组建申请表",
    "agreement": "组建协议",
    "platform_evidence": "创新平台证明",
    "figures_evidence": "财务数据证明",
    "supplementary_agreement": "补充协议",
    "basis": "依据",
    "site_visit": "现场核查材料",
    "attachment": "附件",
}
GRADES = {"excellent": "优秀", "good": "良好", "qualified": "合格", "rectify": "整改", "revoke": "撤销"}


def bureau(code: str | None) -> str:
    """A bureau's name; its code where there is no such one any more."""
    return BUREAUS[code].name.zh if code in BUREAUS else code or "—"


def material(kind: str) -> str:
    """A kind of document in words; `operating_system:<name>` is the paper of that system."""
    head, _, name = kind.partition(":")
    return f"制度文件：{word(SYSTEMS, name)}" if name else word(MATERIALS, head)


def article(citation: str) -> str:
    """`A14(2)` as the regulation's reader says it; what cites nothing stays as it is."""
    return spell_out(citation).zh or citation


def word(words: dict[str, str], code: str | None) -> str:
    """The word for a code, or the code itself."""
    return words.get(code or "", code or "—")
