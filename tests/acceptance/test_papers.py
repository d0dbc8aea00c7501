"""Generated documents: the application form of a draft and of a submission, the certificate and its public check, the document of
a decision, and the opinion."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import urllib3

from deploy.demo.client import until
from deploy.demo.formation import Formation, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.oversight import Member
from deploy.demo.people import People
from services.policy.bureaus import BUREAUS
from services.policy.official_texts import OFFICES
from tests.acceptance.driver import fetch, refusal, text_of


def test_the_form_is_a_draft_until_it_is_handed_in(people: People, call: str) -> None:
    # Given a draft, Then the application form that the platform generates is marked as a draft
    case = Formation.complete(people, call)
    draft = text_of(fetch(case.lead, f"{case.path}/form.pdf"))
    assert "草稿" in draft
    assert case.read()["name"] in draft
    assert "科研诚信承诺" in draft and "签署人" not in draft
    assert "严禁填报涉密信息" in draft
    # and the form lists the documents uploaded so far
    assert "组建协议" in draft
    # When the lead submits the draft, Then the form shows the submitted version, and every later download is the same file
    case.submit()
    handed_in = fetch(case.lead, f"{case.path}/form.pdf")
    assert "第1版" in text_of(handed_in) and "草稿" not in text_of(handed_in)
    # and the form contains the promise of research integrity, with the name of its signer
    assert case.read()["promise"]["text"][:6] in text_of(handed_in) and "签署人申报人" in text_of(handed_in)
    case.review(case.recommender, "recommendation")
    officer = people.officer(case.recommender)
    assert fetch(officer, f"{case.path}/form.pdf")[:5] == b"%PDF-"
    assert fetch(case.lead, f"{case.path}/form.pdf") == handed_in
    assert fetch(case.lead, f"{case.path}/form.docx")[:2] == b"PK"
    # and an official of another bureau gets no form, and an application without a decision has no document of a decision
    assert people.officer("450300").send("GET", f"{case.path}/form.pdf").status == 404
    assert refusal(case.lead.get, f"{case.path}/decision.pdf").code == "no_paper_yet"


def test_a_certificate_can_be_checked_by_anybody(people: People) -> None:
    # Given a consortium in the register
    units = consortium(EIGHT)
    register(people, units)
    member = Member.imported(people, units)
    number = member.lead.get(member.path)["number"]
    content = fetch(member.lead, f"{member.path}/certificate.pdf")
    assert number in text_of(content)
    # When a reader without an account queries the certificate's number, Then the platform says that the certificate is in force
    # and lists the SHA-256 digests of the genuine files
    found: dict[str, Any] = people.server.ask("GET", f"/public/certificates/{number}")
    assert (found["number"], found["in_force"]) == (number, True)
    assert hashlib.sha256(content).hexdigest() in [file["sha256"] for file in found["files"]]
    # and a browser that opens the address in the certificate's QR code is redirected to the console's page for checking
    # certificates
    scanned = people.server.send("GET", f"/public/certificates/{number}", headers={"Accept": "text/html,*/*;q=0.8"})
    assert scanned.status == 303 and "Accept" in scanned.headers["Vary"].split(", ")
    page = urllib3.request("GET", scanned.headers["Location"], headers={"Accept-Language": "zh-CN"}).data.decode()
    assert f"{people.server.base}/certificates?number={number}" == scanned.headers["Location"]
    assert number in page and "有效" in page and found["files"][0]["sha256"] in page
    # and the platform reports a number that it never assigned as unknown
    assert refusal(people.server.ask, "GET", "/public/certificates/GXCX-1999-0001").code == "no_such_certificate"
    # and the auditor finds the certificate's digest in the audit log
    made = f"paper/{hashlib.sha256(content).hexdigest()}"
    log = until(lambda: people.role("auditor").get("/audit", subject=made)["items"], "log")
    assert [entry["action"] for entry in log] == ["document.generated"]


def test_a6_1_a_rejection_is_a_paper_of_the_bureau_with_its_number_and_the_remedies(people: People, call: str) -> None:
    # Given an application that its city rejects
    case = Formation.complete(people, call)
    case.submit()
    case.recommend(outcome="reject", comment="不符合本市布局方向。")
    case.reaches("rejected")
    # When the application's lead fetches the document of the decision
    content = fetch(case.lead, f"{case.path}/decision.pdf")
    # Then the document is issued by the city, has a number, states the reason, and says how the lead can challenge the decision
    text = text_of(content)
    bureau, sign = BUREAUS[case.recommender].name.zh, OFFICES[case.recommender].sign
    assert text.startswith(f"{bureau}文件{sign}〔")
    assert "组建申请未通过审核推荐的决定" in text and "不符合本市布局方向。" in text
    assert f"向{OFFICES[case.recommender].authority}申请行政复议" in text and "提起行政诉讼" in text
    # and every later download is the same file
    assert fetch(case.lead, f"{case.path}/decision.pdf") == content


def test_a6_1_a_recommendation_names_its_people_and_not_their_accounts(people: People, call: str) -> None:
    # Given a recommendation that an officer of the city drafted and a chief signed
    case = Formation.complete(people, call)
    case.submit()
    review = case.review(case.recommender, "recommendation")
    case.recommend()
    officer, chief = people.officer(case.recommender), people.chief(case.recommender)
    text = text_of(fetch(officer, f"/reviews/{review}/opinion.pdf"))
    # Then the recommendation's generated document has the names of both persons and neither username
    assert f"签发人：{chief.get('/me')['name']}" in text
    assert f"经办人：{officer.get('/me')['name']}" in text
    assert chief.username not in text and officer.username not in text
    # and the case shows both persons' names
    people_named = officer.get(f"/reviews/{review}")["people"]
    assert people_named == {account.username: account.get("/me")["name"] for account in (officer, chief)}
    assert re.search(rf"{OFFICES[case.recommender].sign}〔20[0-9]{{2}}〕[1-9][0-9]*号", text)
