"""The console's pages, requested as a browser does, on both shapes of the platform (embedded and cluster)."""

from __future__ import annotations

import re
from http.cookies import SimpleCookie
from typing import Any

import pytest
import urllib3

from deploy.demo.formation import Formation, open_call
from deploy.demo.oversight import AnnualReport, Calendar, Member
from deploy.demo.papers import pdf
from deploy.demo.people import PROVINCE, People
from deploy.demo.review_actions import uphold

PUBLIC = [
    "/",
    "/calls",
    "/register",
    "/publicity",
    "/certificates",
    "/certificates?number=GXCX-2020-0001",
    "/regulation",
    "/login",
    "/register-organisation",
    "/register-organisation/received",
    "/register-organisation/status",
    "/register-organisation/status?receipt=unknown",
    "/sitemap",
    "/accessibility",
]
RECORD = {"uscc": "91450200MA5KAAAA09", "reason": "失信", "recorded_on": "2026-01-01"}
OWN = ["/todo", "/messages", "/account", "/account/preferences", "/account/access-log"]


class Browser:
    """A client that behaves as a browser does toward the console: it keeps cookies and sends a browser's headers."""

    def __init__(self, base: str, language: str = "zh-CN") -> None:
        self.base, self.language = base, language
        self.cookies: dict[str, str] = {}
        self._pool = urllib3.PoolManager(retries=False)

    def open(self, path: str) -> urllib3.BaseHTTPResponse:
        return self._send("GET", path, None, {})

    def send(
        self, path: str, fields: dict[str, str], file: tuple[str, bytes, str] | None = None, **headers: str
    ) -> urllib3.BaseHTTPResponse:
        """Send a form. `file` is the name, the bytes and the media type of the file to upload in the form's field `file`."""
        sent = {"Sec-Fetch-Site": "same-origin"} | {name.replace("_", "-"): value for name, value in headers.items()}
        return self._send("POST", path, fields | ({"file": file} if file else {}), sent)

    def secret(self, page: str) -> str:
        """Return the CSRF secret that a page's form contains."""
        found = re.search(r'name="csrf" value="([^"]+)"', self.open(page).data.decode())
        assert found
        return found[1]

    def _send(self, method: str, path: str, fields: dict[str, Any] | None, headers: dict[str, str]) -> urllib3.BaseHTTPResponse:
        sent = {"Accept-Language": self.language, "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items())} | headers
        options = {} if fields is None else {"fields": fields, "encode_multipart": "file" in fields}
        answer = self._pool.request(method, self.base + path, headers=sent, redirect=False, **options)
        for line in answer.headers.getlist("Set-Cookie"):
            for name, morsel in SimpleCookie(line).items():
                self.cookies.pop(name, None)
                if morsel.value:
                    self.cookies[name] = morsel.value
        return answer


@pytest.fixture
def browser(people: People) -> Browser:
    return Browser(people.server.base)


def logged_in(people: People, role: str) -> Browser:
    browser = Browser(people.server.base)
    entry = next(entry for entry in people.listed if role in entry["roles"])
    answer = browser.send("/login", {"/username": entry["username"], "/password": entry["password"]})
    assert (answer.status, answer.headers["Location"]) == (303, "/todo")
    return browser


def check(answer: urllib3.BaseHTTPResponse, language: str) -> None:
    """Check the rules for every page: one heading, the language, a strict content policy, no inline script or style, no address
    of another site."""
    page = answer.data.decode()
    assert answer.status == 200
    assert page.count("<h1") == 1
    assert f'<html lang="{language}"' in page
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert not re.search(r"\sstyle=|\son[a-z]+=|<script(?! src=)|https?://(?!www\.w3\.org)", page)
    assert "未命名" not in page and "unnamed" not in page


@pytest.mark.parametrize("path", PUBLIC)
def test_every_public_page_is_there_in_both_languages(people: People, path: str) -> None:
    for language, expected in (("zh-CN", "zh-CN"), ("en", "en")):
        check(Browser(people.server.base, language).open(path), expected)


def test_each_role_has_its_own_pages(people: People) -> None:
    for role in ("applicant", "officer", "chief", "expert", "auditor", "operator"):
        browser = logged_in(people, role)
        for path in OWN:
            answer = browser.open(path)
            check(answer, "zh-CN")
            assert answer.headers["Cache-Control"] == "no-store"


def test_the_browser_never_sees_a_token(people: People) -> None:
    browser = logged_in(people, "officer")
    [cookie] = [value for name, value in browser.cookies.items() if name == "guichuang"]
    assert "eyJ" not in cookie and "eyJ" not in browser.open("/account").data.decode()


def test_a_page_of_another_site_changes_nothing(people: People) -> None:
    browser = logged_in(people, "officer")
    fields = {"csrf": browser.secret("/account"), "email": "yes"}
    assert browser.send("/account/preferences", fields, Sec_Fetch_Site="cross-site").status == 403
    assert browser.send("/account/preferences", {"email": "yes"}).status == 403
    assert browser.send("/account/preferences", fields).status == 303


def test_logging_out_ends_the_session_at_the_api_too(people: People) -> None:
    browser = logged_in(people, "auditor")
    stolen = dict(browser.cookies)
    assert browser.send("/logout", {"csrf": browser.secret("/account")}).status == 303
    assert browser.open("/account").status == 303
    browser.cookies = stolen
    answer = browser.open("/account")
    assert (answer.status, answer.headers["Location"].split("?")[0]) == (303, "/login")


def test_a_form_sent_after_the_session_ended_goes_on_after_the_login(people: People) -> None:
    # Given a form that the reader sent after the API had ended the session
    browser = logged_in(people, "expert")
    secret = browser.secret("/account/preferences")
    account = next(entry for entry in people.listed if "expert" in entry["roles"])
    kept = dict(browser.cookies)
    assert browser.send("/logout", {"csrf": secret}).status == 303
    browser.cookies = kept
    answer = browser.send("/account/preferences", {"csrf": secret, "digest": "weekly", "email": "yes"})
    # When the same account logs in on the login page that the console returned in response to the form
    assert answer.status == 401
    resume = re.search(r'name="resume" value="([^"]+)"', answer.data.decode())
    assert resume
    fields = {"/username": account["username"], "/password": account["password"], "resume": resume[1]}
    answer = browser.send("/login", fields)
    # Then the console processes the form, without a second submission by the reader
    assert (answer.status, answer.headers["Location"]) == (303, "/account/preferences?done=preferences")
    assert 'value="weekly" selected' in browser.open("/account/preferences").data.decode()


def test_an_expert_declares_no_interest_before_papers_and_score_sheet_open(people: People) -> None:
    # Given a case with a panel, and the first expert of the panel
    case = Formation.complete(people, open_call(people, min_reviewers=3)["id"])
    case.submit()
    case.recommend()
    case.check()
    username = next(entry["username"] for entry in people.listed if "expert" in entry["roles"])
    case.appoint(3, experts=[username])
    path = f"/scoring/{case.review(PROVINCE, 'expert_review')}"
    browser = logged_in(people, "expert")
    # When the expert opens the case, then the page shows the units and the declaration, but not the form for the scores
    page = browser.open(path).data.decode()
    assert ("无利害关系" in page, case.units[1]["uscc"] in page, "data-scores" in page) == (True, True, False)
    # When the expert makes only one of the declaration's two promises, then the page asks for the other promise
    secret = browser.secret(path)
    answer = browser.send(f"{path}/declaration", {"csrf": secret, "/no_interest": "yes"})
    assert (answer.status, "须作出这一承诺" in answer.data.decode()) == (422, True)
    # When the expert makes both promises, then the page shows the form for the scores
    answer = browser.send(f"{path}/declaration", {"csrf": secret, "/no_interest": "yes", "/confidentiality": "yes"})
    assert (answer.status, answer.headers["Location"]) == (303, path)
    page = browser.open(path).data.decode()
    assert ("data-scores" in page, 'name="/no_interest"' in page) == (True, False)


def test_a_chief_decides_again_after_an_upheld_objection(people: People) -> None:
    # Given an application whose recognition is held because the province upheld an objection
    case = Formation.complete(people, open_call(people)["id"])
    case.submit()
    case.publicised()
    path = f"{case.path}/objections"
    objection = people.applicant(case.units[1]["uscc"]).post(path, {"reason": "平台证明不实。"})["id"]
    uphold(people, path, objection, "经核查，异议成立。")
    case.reaches("held")
    page = f"/reviews/{case.review(PROVINCE, 'decision')}/decision"
    chief = chief_of(people)
    shown = chief.open(page).data.decode()
    assert "平台证明不实。" in shown
    assert "经核查，异议成立。" in shown
    # When the chief approves without ticking the upheld objection, then the form says that the objection must be named; when the
    # chief ticks it, the approval begins another publicity period
    typed = {"/outcome": "approve", "/reason": "已核减，仍符合条件。", "sure": "yes", "csrf": chief.secret(page)}
    refused = chief.send(page, typed)
    assert (refused.status, "须逐一列明成立的异议" in refused.data.decode()) == (422, True)
    assert chief.send(page, typed | {f"/objections/{objection}": "yes"}).status == 303
    case.reaches("publicised")


def test_a_chief_gives_the_opinion_at_once_where_the_policy_asks_for_no_draft(people: People) -> None:
    # Given an annual report that waits for the city, whose chief may accept it without an officer's draft (A12)
    member = Member.imported(people)
    report = AnnualReport(member, Calendar(people).today.year)
    report.write()
    report.submit()
    path = f"/reviews/{report.review(member.recommender, 'acceptance')}"
    chief = chief_of(people, member.recommender)
    # Then the page shows the chief the form of the opinion; when the chief sends the form, the opinion is signed and the report
    # is accepted
    assert 'name="/outcome"' in chief.open(path).data.decode()
    typed = {"/outcome": "pass", "/comment": "报告完整，予以接收。", "do": "send", "csrf": chief.secret(path)}
    answer = chief.send(f"{path}/opinion", typed)
    assert (answer.status, answer.headers["Location"]) == (303, f"{path}?done=signed")
    report.reaches("accepted")


def test_what_was_typed_for_one_round_does_not_come_back_in_the_next(people: People) -> None:
    # Given an officer and a chief who each typed an opinion without sending it, before the chief signed another draft, by which
    # the city returned the application
    case = Formation.complete(people, open_call(people)["id"])
    case.submit()
    id = case.review(case.recommender, "recommendation")
    path, officer, chief = f"/reviews/{id}", officer_of(people, case.recommender), chief_of(people, case.recommender)
    sections = [{"section": "goals", "comment": "补充指标"}]
    said = {"stage": "recommendation", "outcome": "return", "comment": "请补正。", "sections": sections}
    draft = people.officer(case.recommender).post(f"{path}/opinions", said)
    for browser in (officer, chief):
        about = re.search(r'name="about" value="([^"]+)"', browser.open(path).data.decode())
        typed = {"/comment": "上一轮的意见", "do": "keep", "csrf": browser.secret(path), "about": about[1] if about else ""}
        assert browser.send(f"{path}/opinion", typed).status == 303
        assert "上一轮的意见" in browser.open(path).data.decode()
    signed = {"csrf": chief.secret(path), "etag": draft["etag"]}
    assert chief.send(f"{path}/drafts/{draft['id']}/signature", signed).status == 303
    assert people.chief(case.recommender).send("GET", f"/me/working-copies/opinion/{id}").status == 404
    # When the lead has corrected and submitted the application, then the officer's form for the new submission is empty
    case.reaches("returned")
    case.submit()
    case.review(case.recommender, "recommendation")
    page = officer.open(path).data.decode()
    assert ('name="/comment"' in page, "上一轮的意见" in page) == (True, False)


def test_a_refused_repair_keeps_what_was_typed(people: People) -> None:
    # Given an integrity record whose penalty has no end date
    [record] = people.officer().post("/integrity-records", {"records": [RECORD]})["ids"]
    officer = officer_of(people)
    secret = officer.secret("/integrity")
    # When an officer shortens the penalty without a new end date, then the form shows the mistake and still has the chosen kind
    # of repair and the typed reason
    fields = {"csrf": secret, "uscc": RECORD["uscc"], "kind": "shortened", "/reason": "已完成整改。"}
    answer = officer.send(f"/integrity/{record}/repair", fields, file=("repair.pdf", pdf("repair"), "application/pdf"))
    page = answer.data.decode()
    assert answer.status == 422
    assert re.search(r'name="kind" value="shortened" checked', page)
    assert page.count("已完成整改。") == 1


def officer_of(people: People, bureau: str = PROVINCE) -> Browser:
    """Return a browser in which an officer of a bureau is logged in."""
    browser, account = Browser(people.server.base), people.officer(bureau)
    assert browser.send("/login", {"/username": account.username, "/password": account.password}).status == 303
    return browser


def chief_of(people: People, bureau: str = PROVINCE) -> Browser:
    """Return a browser in which a chief of a bureau is logged in."""
    browser, account = Browser(people.server.base), people.chief(bureau)
    assert browser.send("/login", {"/username": account.username, "/password": account.password}).status == 303
    return browser


def test_a_demonstration_offers_its_accounts_by_role_and_one_click_logs_in(browser: Browser) -> None:
    page = browser.open("/login").data.decode()
    assert 'name="account" value="450200-officer"' in page
    answer = browser.send("/login/demonstration", {"account": "450200-officer"})
    assert (answer.status, answer.headers["Location"]) == (303, "/todo")
    assert "柳州市科学技术局" in browser.open("/account").data.decode()


def test_an_organisation_registers_and_follows_its_receipt(people: People, browser: Browser) -> None:
    # Given an organisation of Liuzhou whose registration form was refused because the privacy notice was not accepted; the form
    # still shows the typed name
    fields = {
        "/uscc": "91450200MA5KAAAA09",
        "/name": "柳州示例装备有限公司",
        "/kind": "enterprise",
        "/region": "450200",
        "/contact/name": "韦某",
        "/contact/phone": "0772-0000000",
        "/contact/email": "",
        "/username": "liuzhou-example",
        "/password": "long enough for all 2026",
    }
    refused = browser.send("/register-organisation", fields)
    assert refused.status == 422
    assert "柳州示例装备有限公司" in refused.data.decode()
    # When the organisation accepts the privacy notice and sends the form
    answer = browser.send("/register-organisation", fields | {"/accepted": "yes"})
    assert answer.status == 303
    receipt = answer.headers["Location"].partition("receipt=")[2]
    # Then the page behind the receipt shows which bureau decides on the registration and, after the approval, the username
    state = f"/register-organisation/status?receipt={receipt}"
    check(browser.open(state), "zh-CN")
    assert "柳州市科学技术局" in browser.open(state).data.decode()
    [asked] = [one for one in people.officer("450200").all("/registrations", status="pending") if one["uscc"] == fields["/uscc"]]
    people.officer("450200").post(f"/registrations/{asked['id']}/approval", {"decision": "approve"})
    assert "liuzhou-example" in browser.open(state).data.decode()


def test_a_wrong_password_is_said_on_the_form_and_the_name_stays(browser: Browser) -> None:
    answer = browser.send("/login", {"/username": "nobody-here", "/password": "wrong password"})
    assert answer.status == 401
    assert 'value="nobody-here"' in answer.data.decode()
    assert "wrong password" not in answer.data.decode()


def test_static_files_are_kept_for_a_year_and_compressed(browser: Browser) -> None:
    page = browser.open("/").data.decode()
    [styles] = [path for path in re.findall(r'href="(/assets/[^"]+\.css)"', page) if "bootstrap" in path]
    answer = urllib3.request("GET", browser.base + styles, headers={"Accept-Encoding": "br"}, decode_content=False)
    assert (answer.status, answer.headers["Content-Encoding"]) == (200, "br")
    assert "immutable" in answer.headers["Cache-Control"]
    assert len(answer.data) < 25_000


def test_a_page_that_is_not_there_says_so_in_words(browser: Browser) -> None:
    answer = browser.open("/nowhere")
    assert answer.status == 404
    assert "没有找到" in answer.data.decode()


def test_the_site_map_for_search_engines_leads_to_public_pages_that_are_there(people: People, browser: Browser) -> None:
    answer = browser.open("/sitemap.xml")
    assert answer.headers["Content-Type"] == "application/xml; charset=utf-8"
    addresses = re.findall(r"<loc>([^<]+)</loc>", answer.data.decode())
    assert len(addresses) >= 8
    for address in addresses[:30]:
        assert address.startswith(people.server.base)
        assert browser.open(address.removeprefix(people.server.base)).status == 200
