"""The access table of actions: for every route that changes an object, a valid body, and the personas that may send the
request."""

from __future__ import annotations

from typing import Any

from gateway.files.application_workbook import template
from tests.contract.access_table import _ACCOUNTS, _HOME, _OWN_BUREAU, _PROVINCE

_CHANGE = {"kind": "name", "effective_on": "2030-01-01", "detail": {"name": "新名"}, "reason": "更名"}
_MATTER = {"kind": "breakthrough", "title": "突破", "detail": "通过鉴定", "occurred_on": "2026-01-01"}
_SUCCESSION = {"kind": "merged", "successor": "91450200MA5KAAAA09", "effective_on": "2026-01-01", "reason": "合并"}
_PART = "/evaluations/{evaluation}/participants/{consortium}"
_OPINION = {"stage": "recommendation", "outcome": "pass", "comment": "材料属实。", "waivers": [], "answers": {}}
_ORGANISATION = {
    "name": "柳州示例有限公司",
    "kind": "enterprise",
    "region": "450203",
    "legal_person": True,
    "public_institution": False,
    "rd_staff": 1,
    "figures": [],
    "platforms": [],
    "founded_on": "2010-01-01",
}
_UPLOAD = {"filename": "a.pdf", "kind": "attachment", "subject": "application/{application}", "size": 9, "sha256": "0" * 64}
_OLD_CONSORTIUM = {
    "name": "示例创新联合体",
    "field": "糖业",
    "recognised_on": "2023-01-01",
    "recommender": "450200",
    "lead": "91450200MA5KAAAA09",
    "members": [],
}
_REPLACEMENT = {"person": {"name": "张三", "organisation": "91450200MA5KAAAA09"}, "reason": "填写有误"}
_DECISIONS = {"title": "第一批", "rows": [{"review": "450000-1", "outcome": "approve", "reason": "优"}]}
#: For each action: a valid body, and the personas that have the right to perform the action. All other personas get 401, 403 or
#: 404.
ACTORS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "PATCH /accounts/{account}": ({"name": "改名"}, ("operator",)),
    "POST /accounts/{account}/erasure": (None, ("operator",)),
    "DELETE /accounts/{account}/second-factor": (None, ("operator",)),
    "DELETE /api-keys/{account}": (None, ("operator",)),
    "POST /acting-chiefs/{appointment}/ending": ({"reason": "提前返回"}, ("own chief",)),
    "PATCH /reviewers/{reviewer}": ({"name": "改名"}, _PROVINCE),
    "POST /reviewers/{reviewer}/renewal": ({}, _PROVINCE),
    "POST /reviewers/{reviewer}/closing": ({"reason": "退休"}, _PROVINCE),
    "PATCH /delegations/{account}": ({"active": False}, ()),
    "DELETE /me/sessions/{account}": (None, ()),
    "PUT /me/working-copies/{form}/{application}": ({"content": {}}, _ACCOUNTS),
    "DELETE /me/working-copies/{form}/{application}": (None, _ACCOUNTS),
    "POST /legal-holds": ({"subject": "application/{application}", "reason": "诉讼"}, ("province chief",)),
    "POST /legal-holds/{hold}/lifting": ({"reason": "结案"}, ("province chief",)),
    "POST /letters/{account}/bounce": ({"code": "5.1.1"}, ("operator",)),
    "POST /letters/{account}/retry": (None, ("operator",)),
    "PATCH /applications/{application}": ({"name": "改名"}, ("lead",)),
    "POST /applications/{application}/confirmations": ({"decision": "confirm"}, ("member",)),
    "POST /applications/{application}/import": (template(), ("lead",)),
    # Empty, because only a returned application has a correction window to extend, and this application is not returned.
    "POST /applications/{application}/correction-extension": ({"until": "2030-01-01", "reason": "待审议"}, ()),
    # These personas may object to a recognition, but the services refuse the objection, because the publicity has not begun.
    "POST /applications/{application}/objections": ({"reason": "不符"}, ("member", *_PROVINCE)),
    "POST /applications/{application}/objections/{application}/answer": ({"answer": "已核"}, _PROVINCE),
    "POST /applications/{application}/objections/{application}/confirmation": (None, ("province chief",)),
    "POST /applications/{application}/reminders": (None, ("lead",)),
    "POST /applications/{application}/submission": (None, ("lead",)),
    "POST /applications/{application}/withdrawal": ({}, ("lead",)),
    "PATCH /calls/{call}": ({"title": "改"}, _PROVINCE),
    "POST /calls/{call}/decision-lists": (_DECISIONS, ("province officer",)),
    "POST /calls/{call}/decision-lists/{call}/confirmation": (None, ("province chief",)),
    "POST /calls/{call}/decision-lists/{call}/withdrawal": (None, ("province officer",)),
    "POST /calls/{call}/cancellation": ({"reason": "取消"}, _PROVINCE),
    "POST /consortia": (_OLD_CONSORTIUM, _PROVINCE),
    "POST /consortia/{consortium}/confirmation": ({"outcome": "refuse", "reason": "不符"}, ("province chief",)),
    "PUT /consortia/{consortium}/annual-reports/{year}": ({"sections": {}}, ("lead",)),
    "POST /consortia/{consortium}/annual-reports/{year}/submission": (None, ("lead",)),
    "POST /consortia/{consortium}/annual-reports/{year}/reopening": ({"reason": "更正"}, ("province chief",)),
    "POST /consortia/{consortium}/changes": (_CHANGE, ("lead",)),
    "POST /consortia/{consortium}/changes/{change}/confirmations": ({"decision": "confirm"}, ()),
    "POST /consortia/{consortium}/changes/{change}/supplement": ({"documents": []}, ("lead",)),
    "POST /consortia/{consortium}/changes/{change}/withdrawal": ({"reason": "撤回"}, ("lead",)),
    "POST /consortia/{consortium}/hand-over": ({"recommender": "450300", "reason": "分工调整"}, ("province chief",)),
    "POST /consortia/{consortium}/departures": ({"reason": "业务调整"}, ("member",)),
    "POST /consortia/{consortium}/departures/{departure}/withdrawal": ({"reason": "留任"}, ("member",)),
    "POST /consortia/{consortium}/unreported-changes": ({"found_on": "2026-01-01", "text": "已更名"}, _HOME),
    "POST /consortia/{consortium}/major-matters": (_MATTER, ("lead",)),
    "POST /consortia/{consortium}/major-matters/{major_matter}/acknowledgement": ({}, _PROVINCE),
    "POST /consortia/{consortium}/major-matters/{major_matter}/objection": ({"reason": "不宜"}, _PROVINCE),
    "POST /consortia/{consortium}/support-requests": ({"measure": "strategy_study", "reason": "参与指南编制"}, ("lead",)),
    "POST /consortia/{consortium}/support-requests/{support}/replacement": (_REPLACEMENT, _PROVINCE),
    "POST /consortia/{consortium}/support-requests/{support}/withdrawal": ({"reason": "撤回"}, ("lead",)),
    "POST /coordination-items": ({"consortium": "{consortium}", "matter": "用地", "asked_of": "450200"}, _HOME),
    "POST /coordination-items/{matter}/answers": ({"text": "已转"}, _HOME),
    "POST /coordination-items/{matter}/closing": ({"result": "已落实"}, _HOME),
    "POST /inspections": (
        {"consortium": "{consortium}", "inspected_on": "2026-01-01", "result": "good", "findings": "正常"},
        _HOME,
    ),
    "POST /documents": (_UPLOAD, ("lead",)),
    "POST /documents/{document}/completion": (None, ("lead",)),
    "POST /evaluations/{evaluation}/publication": (None, ("province chief",)),
    "PATCH /evaluations/{evaluation}": ({"title": "更正"}, ("province chief",)),
    "POST /evaluations/{evaluation}/cancellation": ({"reason": "调整"}, ("province chief",)),
    f"POST {_PART}/outcomes/allowance": (
        {"kind": "contract", "identifier": "HT-1", "reason": "两份合同"},
        ("province chief",),
    ),
    # The province may record an objection to a grade, but the services refuse it, because the grade is not public yet.
    f"POST {_PART}/objections": ({"reason": "不符"}, _PROVINCE),
    f"POST {_PART}/objections/{{evaluation}}/answer": ({"answer": "已核"}, _PROVINCE),
    f"POST {_PART}/objections/{{evaluation}}/confirmation": (None, ("province chief",)),
    f"PUT {_PART}/report": ({"sections": {}, "outcomes": [], "documents": []}, ("lead",)),
    f"POST {_PART}/submission": (None, ("lead",)),
    f"POST {_PART}/withdrawal": ({"reason": "退出"}, ("lead",)),
    f"POST {_PART}/deferral": ({"reason": "搬迁"}, ("lead",)),
    f"POST {_PART}/deferral/answer": ({"outcome": "refuse", "reason": "不符"}, ("province chief",)),
    f"POST {_PART}/correction-extension": ({"until": "2030-01-01", "reason": "待审计"}, ()),
    f"POST {_PART}/grade": ({"grade": "good", "score": 85}, ("province chief",)),
    "POST /notifications/{notification}/read": (None, ("lead",)),
    "PUT /organisations/{organisation}": (_ORGANISATION, ("lead", *_PROVINCE)),
    "POST /policies/{policy}/preview": (None, _PROVINCE),
    "POST /policies/{policy}/publication": (None, ("province chief",)),
    "POST /rectifications/{rectification}/submission": ({"text": "已整改"}, ("lead",)),
    "POST /rectifications/{rectification}/acceptance": ({"outcome": "pass", "reason": "到位"}, ("province chief",)),
    "POST /revocations": (
        {"consortium": "{consortium}", "grounds": ["A14(7)"], "reason": "核查", "documents": ["a.b.c"]},
        _PROVINCE,
    ),
    "POST /revocations/{revocation}/confirmation": ({"outcome": "dismiss", "reason": "不实"}, _PROVINCE),
    "POST /revocations/{revocation}/statement": ({"text": "陈述"}, ("lead",)),
    "POST /revocations/{revocation}/decision": ({"outcome": "keep", "reason": "不实"}, ("province chief",)),
    "POST /integrity-records/{record}/repair": ({"kind": "withdrawn", "reason": "误登", "documents": []}, _PROVINCE),
    "POST /organisations/{organisation}/verifications": (
        {"facts": [{"fact": "kind", "evidence": "营业执照"}], "documents": []},
        (*_OWN_BUREAU, *_PROVINCE),
    ),
    "POST /organisations/{organisation}/succession": (_SUCCESSION, _PROVINCE),
    "POST /registrations/{registration}/approval": ({"decision": "refuse", "reason": "x"}, (*_OWN_BUREAU, *_PROVINCE)),
    "DELETE /webhooks/{webhook}": (None, ("portal", "operator")),
    "POST /webhooks/{webhook}/deliveries/{webhook}/redelivery": (None, ("portal", "operator")),
    "POST /webhooks/{webhook}/pause": (None, ("portal", "operator")),
    "POST /webhooks/{webhook}/resumption": ({}, ("portal", "operator")),
    "POST /webhooks/{webhook}/rotation": (None, ("portal", "operator")),
    "POST /reviews/{review}/assignment": ({"account": "450200-officer"}, _OWN_BUREAU),
    "POST /reviews/{review}/decision": ({"outcome": "approve", "reason": "优"}, ("own chief",)),
    "POST /reviews/{review}/opinions": (_OPINION, _OWN_BUREAU),
    "POST /reviews/{review}/opinions/{review}/signature": (None, ("own chief",)),
    "POST /reviews/{review}/panel": ({"size": 5}, _OWN_BUREAU),
    "POST /reviews/{review}/declarations": ({"no_interest": True, "confidentiality": True}, ()),
    "POST /reviews/{review}/recusals": ({"reason": "回避"}, ()),
    "POST /reviews/{review}/scores": ({"scores": {}, "comment": "可"}, ()),
    "POST /reviews/{review}/scores/closing": ({"reason": "截止"}, _OWN_BUREAU),
    "POST /reviews/{review}/scores/{review}/void": ({"reason": "利害关系"}, _OWN_BUREAU),
    "POST /reviews/{review}/seats/{review}/replacement": ({}, _OWN_BUREAU),
}
