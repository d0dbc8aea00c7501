"""Papers: the form as it is written and as it was handed in, the certificate, and anybody's check of it."""

from __future__ import annotations

import hashlib
from datetime import date
from typing import Any
from urllib.parse import urljoin

import pypdfium2

from deploy.demo.client import Account, until
from deploy.demo.formation import Formation, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.oversight import Member
from deploy.demo.people import People
from tests.acceptance.driver import refusal


def fetch(account: Account, path: str) -> bytes:
    """A paper, from wherever the platform keeps it."""
    answer = account.send("GET", path)
    assert answer.status == 302, answer.body
    return bytes(account.server.ask("GET", urljoin(account.server.base + "/", answer.headers["Location"])))


def text_of(content: bytes) -> str:
    read = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    return "".join(read.split())


def test_the_form_is_a_draft_until_it_is_handed_in(people: People, call: str) -> None:
    # Given a draft, Then its form says so
    case = Formation.complete(people, call)
    draft = text_of(fetch(case.lead, f"{case.path}/form.pdf"))
    assert "草稿" in draft
    assert case.read()["name"] in draft
    # and lists what was uploaded so far
    assert "组建协议" in draft
    # When it is handed in, Then the form is of that version, and the same file whoever fetches it
    case.submit()
    handed_in = fetch(case.lead, f"{case.path}/form.pdf")
    assert "第1版" in text_of(handed_in) and "草稿" not in text_of(handed_in)
    case.review(case.recommender, "recommendation")
    officer = people.officer(case.recommender)
    assert fetch(officer, f"{case.path}/form.pdf")[:5] == b"%PDF-"
    assert fetch(case.lead, f"{case.path}/form.pdf") == handed_in
    assert fetch(case.lead, f"{case.path}/form.docx")[:2] == b"PK"
    # while who may not see the case sees no paper of it, and what is not decided has no decision
    assert people.officer("450300").send("GET", f"{case.path}/form.pdf").status == 404
    assert refusal(case.lead.get, f"{case.path}/decision.pdf").code == "no_paper_yet"


def test_a_certificate_can_be_checked_by_anybody(people: People) -> None:
    # Given a consortium in the register
    units = consortium(EIGHT)
    register(people, units)
    member = Member.imported(people, date(2023, 5, 1), units)
    number = member.lead.get(member.path)["number"]
    content = fetch(member.lead, f"{member.path}/certificate.pdf")
    assert number in text_of(content)
    # When somebody without an account asks for its number, Then they learn that it is in force, and which file is genuine
    found: dict[str, Any] = people.server.ask("GET", f"/public/certificates/{number}")
    assert (found["number"], found["in_force"]) == (number, True)
    assert hashlib.sha256(content).hexdigest() in [file["sha256"] for file in found["files"]]
    # and who scans the code with a telephone gets a page
    page = people.server.send("GET", f"/public/certificates/{number}", headers={"Accept": "text/html"})
    assert page.headers["Content-Type"].startswith("text/html")
    assert number in page.body.decode() and "script" not in page.body.decode()
    # while a number that was never given is not genuine
    assert refusal(people.server.ask, "GET", "/public/certificates/GXCX-1999-0001").code == "no_such_certificate"
    # and the auditor finds the file's hash in the log
    made = f"paper/{hashlib.sha256(content).hexdigest()}"
    log = until(lambda: people.role("auditor").get("/audit", subject=made)["items"], "log")
    assert [entry["action"] for entry in log] == ["document.generated"]
