"""The access tables: what the contract promises of every route. A new route without its rows fails the tests."""

from __future__ import annotations

from typing import Any

ALL = "applicant officer chief expert third_party auditor portal operator"
PUBLIC = "public"
PARTIES = "applicant officer chief"
BUREAU = "officer chief"
OVERSIGHT = "applicant officer chief auditor"

#: Route → roles let in. Whose thing it is comes later: this is the outer door.
DOORS = {
    "POST /accounts": "operator",
    "GET /accounts": "operator",
    "PATCH /accounts/{}": "operator",
    "POST /applications": PARTIES,
    "GET /applications": ALL,
    "GET /applications/{}": ALL,
    "PATCH /applications/{}": PARTIES,
    "POST /applications/{}/confirmations": "applicant",
    "GET /applications/{}/diff": ALL,
    "GET /applications/{}/eligibility": ALL,
    "POST /applications/{}/objections": ALL,
    "GET /applications/{}/objections": ALL,
    "POST /applications/{}/objections/{}/answer": BUREAU,
    "POST /applications/{}/submission": PARTIES,
    "GET /applications/{}/timeline": PUBLIC,
    "GET /applications/{}/versions": ALL,
    "POST /applications/{}/withdrawal": PARTIES,
    "GET /audit": "auditor",
    "POST /auth/token": PUBLIC,
    "GET /bureaus": ALL,
    "POST /calls": BUREAU,
    "GET /calls": PUBLIC,
    "GET /calls/{}": PUBLIC,
    "PATCH /calls/{}": BUREAU,
    "POST /calls/{}/cancellation": BUREAU,
    "GET /calls/{}/ranking": "officer chief auditor",
    "POST /consortia": BUREAU,
    "GET /consortia": ALL,
    "GET /consortia/{}": ALL,
    "GET /consortia/{}/annual-reports": OVERSIGHT,
    "GET /consortia/{}/annual-reports/{}": OVERSIGHT,
    "PUT /consortia/{}/annual-reports/{}": "applicant",
    "POST /consortia/{}/annual-reports/{}/submission": "applicant",
    "POST /consortia/{}/annual-reports/{}/reopening": "chief",
    "GET /consortia/{}/timeline": PUBLIC,
    "POST /coordination-items": BUREAU,
    "GET /coordination-items": OVERSIGHT,
    "GET /coordination-items/{}": OVERSIGHT,
    "POST /coordination-items/{}/answers": BUREAU,
    "POST /coordination-items/{}/closing": BUREAU,
    "GET /dashboard": "officer chief auditor",
    "POST /documents": PARTIES,
    "GET /documents": ALL,
    "GET /documents/{}": ALL,
    "POST /documents/{}/completion": PARTIES,
    "GET /documents/{}/content": ALL,
    "GET /downloads/{}": PUBLIC,
    "POST /evaluations": BUREAU,
    "GET /evaluations": ALL,
    "GET /evaluations/{}": ALL,
    "GET /evaluations/{}/participants": OVERSIGHT,
    "GET /evaluations/{}/participants/{}": OVERSIGHT,
    "PUT /evaluations/{}/participants/{}/report": "applicant",
    "POST /evaluations/{}/participants/{}/submission": "applicant",
    "POST /evaluations/{}/participants/{}/withdrawal": "applicant",
    "POST /evaluations/{}/participants/{}/deferral": "applicant",
    "POST /evaluations/{}/participants/{}/deferral/answer": "chief",
    "POST /evaluations/{}/participants/{}/grade": "chief",
    "POST /evaluations/{}/publication": "chief",
    "POST /inspections": BUREAU,
    "GET /inspections": OVERSIGHT,
    "GET /inspections/board": "officer chief auditor",
    "GET /inspections/{}": OVERSIGHT,
    "POST /integrity-records": BUREAU,
    "GET /integrity-records": "officer chief auditor",
    "POST /integrity-records/import": BUREAU,
    "GET /me": ALL,
    "GET /notification-preferences": ALL,
    "PUT /notification-preferences": ALL,
    "GET /notifications": ALL,
    "POST /notifications/{}/read": ALL,
    "GET /openapi.json": PUBLIC,
    "PUT /organisations/{}": PARTIES,
    "GET /organisations/{}": "applicant officer chief auditor",
    "GET /organisations/{}/standing": "applicant officer chief auditor",
    "GET /public/consortia": PUBLIC,
    "GET /public/publicity": PUBLIC,
    "GET /rectifications": OVERSIGHT,
    "GET /rectifications/{}": OVERSIGHT,
    "POST /rectifications/{}/submission": "applicant",
    "POST /rectifications/{}/acceptance": "chief",
    "POST /registrations": PUBLIC,
    "GET /registrations": BUREAU,
    "POST /registrations/{}/approval": BUREAU,
    "POST /revocations": BUREAU,
    "GET /revocations": OVERSIGHT,
    "GET /revocations/{}": OVERSIGHT,
    "POST /revocations/{}/confirmation": BUREAU,
    "POST /revocations/{}/statement": "applicant",
    "POST /revocations/{}/decision": "chief",
    "GET /reviews": "officer chief expert third_party auditor",
    "GET /reviews/{}": "officer chief expert third_party auditor",
    "POST /reviews/{}/assignment": BUREAU,
    "POST /reviews/{}/decision": "chief",
    "POST /reviews/{}/opinions": BUREAU,
    "POST /reviews/{}/panel": BUREAU,
    "GET /reviews/{}/ranking": "officer chief auditor",
    "POST /reviews/{}/recusals": "expert third_party",
    "POST /reviews/{}/scores": "expert third_party",
    "POST /reviews/{}/scores/closing": BUREAU,
    "POST /sweeps": "operator",
    "PUT /uploads/{}": PUBLIC,
}
#: Where the path itself is the permission: a signed, short-lived token.
BY_TOKEN = {"GET /downloads/{}", "PUT /uploads/{}"}

_OWN_BUREAU = ("own officer", "own chief")
_PROVINCE = ("province officer", "province chief")
_HOME = (*_OWN_BUREAU, *_PROVINCE)
_BUREAUS = (*_OWN_BUREAU, "other officer", "other chief", "industry chief", *_PROVINCE)
_CASE = ("lead", "member", *_OWN_BUREAU, "auditor")
_EVERYBODY = ("nobody", "lead", "member", "stranger", *_BUREAUS, "expert", "third party", "auditor", "portal", "operator")
_ACCOUNTS = _EVERYBODY[1:]
#: Whose business a consortium's duties are.
_OVERSEEN = ("lead", *_OWN_BUREAU, *_PROVINCE, "auditor")

#: Thing → who may read it, while Liuzhou's bureau has the application before it.
READERS: dict[str, tuple[str, ...]] = {
    "/applications/{application}": _CASE,
    "/applications/{application}/versions": _CASE,
    "/applications/{application}/diff?from=1&to=1": _CASE,
    "/applications/{application}/eligibility": _CASE,
    "/applications/{application}/objections": _CASE,
    "/applications/{application}/timeline": _CASE,
    "/calls/{call}": _EVERYBODY,
    "/calls/{call}/ranking": (),  # nothing has come to the province yet
    "/consortia/{consortium}": ("lead", "member", *_OWN_BUREAU, *_PROVINCE, "auditor"),
    "/consortia/{consortium}/timeline": _EVERYBODY,
    "/consortia/{consortium}/annual-reports": _OVERSEEN,
    "/consortia/{consortium}/annual-reports/{year}": _OVERSEEN,
    "/coordination-items/{matter}": _OVERSEEN,
    "/documents/{document}": _CASE,
    "/documents/{document}/content": _CASE,
    "/evaluations/{evaluation}": _ACCOUNTS,
    "/evaluations/{evaluation}/participants": ("lead", "member", "stranger", *_BUREAUS, "auditor"),  # each its own, or none
    "/evaluations/{evaluation}/participants/{consortium}": _OVERSEEN,
    "/inspections/{inspection}": _OVERSEEN,
    "/organisations/{organisation}": ("lead", *_PROVINCE, "auditor"),
    "/organisations/{organisation}/standing": ("lead", *_BUREAUS, "auditor"),
    "/rectifications/{rectification}": _OVERSEEN,
    "/revocations/{revocation}": _OVERSEEN,
    "/reviews/{review}": (*_OWN_BUREAU, "auditor"),
    "/reviews/{review}/ranking": ("auditor",),
}

#: List → (the thing in it, in whose list it is).
LISTED: dict[str, tuple[str, tuple[str, ...]]] = {
    "/applications": ("application", _CASE),
    "/consortia": ("consortium", ("lead", "member", *_OWN_BUREAU, *_PROVINCE, "auditor")),
    "/documents?subject=application/{application}": ("document", _CASE),
    "/evaluations": ("evaluation", _ACCOUNTS),
    "/evaluations/{evaluation}/participants": ("participation", _OVERSEEN),
    "/coordination-items": ("matter", _OVERSEEN),
    "/inspections": ("inspection", _OVERSEEN),
    "/notifications": ("notification", ("lead",)),
    "/rectifications": ("rectification", _OVERSEEN),
    "/revocations": ("revocation", _OVERSEEN),
    "/registrations": ("registration", (*_OWN_BUREAU, *_PROVINCE)),
    "/reviews": ("review", _OWN_BUREAU),
    "/reviews?bureau=450200": ("review", (*_OWN_BUREAU, "auditor")),
}

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
#: Act → (a sound body, whom the services do not turn away by who they are). All others get 401, 403 or 404.
ACTORS: dict[str, tuple[Any, tuple[str, ...]]] = {
    "PATCH /accounts/{account}": ({"name": "改名"}, ("operator",)),
    "PATCH /applications/{application}": ({"name": "改名"}, ("lead",)),
    "POST /applications/{application}/confirmations": ({"decision": "confirm"}, ("member",)),
    "POST /applications/{application}/objections": ({"reason": "不符"}, _CASE),
    "POST /applications/{application}/objections/{application}/answer": ({"answer": "已核"}, _PROVINCE),
    "POST /applications/{application}/submission": (None, ("lead",)),
    "POST /applications/{application}/withdrawal": ({}, ("lead",)),
    "PATCH /calls/{call}": ({"title": "改"}, _PROVINCE),
    "POST /calls/{call}/cancellation": ({"reason": "取消"}, _PROVINCE),
    "POST /consortia": (_OLD_CONSORTIUM, _PROVINCE),
    "PUT /consortia/{consortium}/annual-reports/{year}": ({"sections": {}}, ("lead",)),
    "POST /consortia/{consortium}/annual-reports/{year}/submission": (None, ("lead",)),
    "POST /consortia/{consortium}/annual-reports/{year}/reopening": ({"reason": "更正"}, ("province chief",)),
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
    f"PUT {_PART}/report": ({"sections": {}, "outcomes": [], "documents": []}, ("lead",)),
    f"POST {_PART}/submission": (None, ("lead",)),
    f"POST {_PART}/withdrawal": ({"reason": "退出"}, ("lead",)),
    f"POST {_PART}/deferral": ({"reason": "搬迁"}, ("lead",)),
    f"POST {_PART}/deferral/answer": ({"outcome": "refuse", "reason": "不符"}, ("province chief",)),
    f"POST {_PART}/grade": ({"grade": "good", "score": 85}, ("province chief",)),
    "POST /notifications/{notification}/read": (None, ("lead",)),
    "PUT /organisations/{organisation}": (_ORGANISATION, ("lead", *_PROVINCE)),
    "POST /rectifications/{rectification}/submission": ({"text": "已整改"}, ("lead",)),
    "POST /rectifications/{rectification}/acceptance": ({"outcome": "pass", "reason": "到位"}, ("province chief",)),
    "POST /revocations": ({"consortium": "{consortium}", "grounds": ["A14(7)"], "reason": "核查"}, _PROVINCE),
    "POST /revocations/{revocation}/confirmation": ({"outcome": "dismiss", "reason": "不实"}, _PROVINCE),
    "POST /revocations/{revocation}/statement": ({"text": "陈述"}, ("lead",)),
    "POST /revocations/{revocation}/decision": ({"outcome": "keep", "reason": "不实"}, ("province chief",)),
    "POST /registrations/{registration}/approval": ({"decision": "refuse", "reason": "x"}, (*_OWN_BUREAU, *_PROVINCE)),
    "POST /reviews/{review}/assignment": ({"account": "450200-officer"}, _OWN_BUREAU),
    "POST /reviews/{review}/decision": ({"outcome": "approve", "reason": "优"}, ("own chief",)),
    "POST /reviews/{review}/opinions": (_OPINION, _OWN_BUREAU),
    "POST /reviews/{review}/panel": ({"size": 5}, _OWN_BUREAU),
    "POST /reviews/{review}/recusals": ({"reason": "回避"}, ()),
    "POST /reviews/{review}/scores": ({"scores": {}, "comment": "可"}, ()),
    "POST /reviews/{review}/scores/closing": ({"reason": "截止"}, _OWN_BUREAU),
}
