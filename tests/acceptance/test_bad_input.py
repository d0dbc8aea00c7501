"""Bad input: the platform refuses each mistake with a problem document that has a code, a JSON pointer and advice, and stores
nothing of the request."""

from __future__ import annotations

import hashlib
from copy import deepcopy
from typing import Any
from urllib.parse import quote

import pytest

from deploy.demo.formation import Formation, draft_body, put_organisation, register
from deploy.demo.invented import EIGHT, consortium, lead, organisation
from deploy.demo.papers import pdf
from deploy.demo.people import People
from tests.acceptance.driver import refusal


def edited(body: dict[str, Any], pointer: str, value: Any) -> dict[str, Any]:
    """Return a copy of a request's body in which the value at one JSON pointer is replaced."""
    copy = deepcopy(body)
    *path, last = pointer.strip("/").split("/")
    place: Any = copy
    for step in path:
        place = place[int(step)] if isinstance(place, list) else place[step]
    place[int(last) if isinstance(place, list) else last] = value
    return copy


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/figures/1/rd_expense", "60000000.001", "bad_money"),
        ("/figures/0/sales_revenue", "-1.00", "negative_money"),
        ("/figures/2/main_business_revenue", 1310000000.0, "bad_money"),
        ("/rd_staff", -1, "out_of_range"),
        ("/region", "4502", "bad_region"),
        ("/region", "459999", "unknown_region"),
        ("/region", "450127", "unknown_region"),
        ("/kind", "company", "not_a_choice"),
        ("/platforms/0/level", "local", "not_a_choice"),
        ("/founded_on", "2009-02-30", "not_date"),
        ("/founded_on", "20090203", "not_date"),
        ("/founded_on", "9999-12-31", "date_out_of_range"),
        ("/employees", 5, "unknown_field"),
    ],
)
def test_an_organisations_mistake_is_named_where_it_is(people: People, pointer: str, value: Any, code: str) -> None:
    # Given an organisation that has entered its data
    unit = lead()
    account = people.applicant(unit["uscc"])
    put_organisation(account, unit)
    before = account.get(f"/organisations/{unit['uscc']}")

    # When the organisation sends data with one mistake
    refused = refusal(put_organisation, account, edited(unit, pointer, value))

    # Then the refusal names the field and the mistake, and the data entered before are unchanged
    assert (refused.status, refused.code) == (422, "invalid_input")
    assert refused.pointers == {pointer: code}
    assert all(error["message"] for error in refused.problem["errors"])
    assert account.get(f"/organisations/{unit['uscc']}") == before


@pytest.mark.parametrize(
    ("closes_at", "code"),
    [
        ("9999-12-31T23:59:59Z", "date_out_of_range"),
        ("0001-01-01T00:00:00+08:00", "date_out_of_range"),
        ("2126-12-31 23:59:59+08:00", "not_instant"),
        ("2126-12-31T23:59:59", "not_instant"),
    ],
)
def test_a_moment_that_no_deadline_can_have_is_refused_at_its_field(people: People, call: str, closes_at: str, code: str) -> None:
    # Given an open call, When the province extends the call to an instant that is impossible or has a wrong format, then the
    # refusal names the field `closes_at`, and the call is unchanged
    chief = people.chief()
    before = chief.get(f"/calls/{call}")
    refused = refusal(chief.patch, f"/calls/{call}", {"closes_at": closes_at})
    assert (refused.status, refused.pointers) == (422, {"/closes_at": code})
    assert chief.get(f"/calls/{call}") == before


def test_an_organisation_is_found_and_stored_by_its_code_however_it_is_typed(people: People) -> None:
    # Given an organisation
    unit = lead()
    account = people.applicant(unit["uscc"])
    put_organisation(account, unit)

    # When a client queries the organisation's code in lower case, and the account enters the code in full-width characters and
    # the name with spaces and invisible characters
    full_width = "".join(chr(ord(letter) + 0xFEE0) for letter in unit["uscc"].lower())
    put_organisation(account, unit | {"uscc": quote(full_width), "name": " 柳州\u202e示例\u200b科技 "})

    # Then both spellings of the code name the same organisation, and its name is stored without the superfluous characters
    found = account.get(f"/organisations/{unit['uscc'].lower()}")
    assert (found["uscc"], found["name"]) == (unit["uscc"], "柳州示例科技")


def _code_with_wrong_check_digit(code: str) -> str:
    return code[:-1] + ("0" if code[-1] != "0" else "1")


@pytest.mark.parametrize(
    ("pointer", "value", "code"),
    [
        ("/members/2/organisation", "wrong check digit", "bad_uscc"),
        ("/members/3/organisation", "same as another", "member_twice"),
        ("/members/4/organisation", "the lead", "lead_among_members"),
        ("/members/0/tier", "outer", "not_a_choice"),
        ("/goals/0/kind", "profit", "not_a_choice"),
        ("/operating_systems/party_committee", "有", "unknown_field"),
        ("/chief_scientist/age", 50, "unknown_field"),
        ("/call_id", "0197c0de-0000-7000-8000-000000000000", "unknown_call"),
        ("/status", "recognised", "unknown_field"),
    ],
)
def test_a_drafts_mistake_is_named_where_it_is(people: People, call: str, pointer: str, value: str, code: str) -> None:
    # Given the JSON body of a new draft, with one mistake
    units = consortium(EIGHT)
    register(people, units[:1])
    members = [unit["uscc"] for unit in units[1:]]
    meant = {
        "wrong check digit": _code_with_wrong_check_digit(members[2]),
        "same as another": members[0],
        "the lead": units[0]["uscc"],
    }
    body = edited(draft_body(units, call_id=call), pointer, meant.get(value, value))

    # When the lead's account sends the body
    account = people.applicant(units[0]["uscc"])
    refused = refusal(account.post, "/applications", body)

    # Then the refusal names the field and the mistake, and no draft is created
    assert refused.status == 422
    assert refused.pointers == {pointer: code}
    assert list(account.all("/applications")) == []


def test_a_recommender_that_is_not_the_leads_city_is_refused_at_submission_only(people: People, call: str) -> None:
    # Given a lead of Liuzhou whose draft names Nanning's bureau as recommender; the platform stores a draft with such a mistake
    case = Formation.complete(people, call, recommender="450100")

    # When the lead submits the draft, then the refusal names the field `recommender`; with Liuzhou's bureau as recommender the
    # submission is accepted
    refused = refusal(case.submit)
    assert refused.status == 422
    assert "/recommender" in refused.pointers
    case.change(recommender="450200")
    assert case.submit()["status"] == "submitted"


def test_a_submitted_application_is_not_edited(people: People, call: str) -> None:
    # Given an application that was submitted
    case = Formation.complete(people, call)
    case.submit()

    # When the lead edits the application or submits it again, then the refusal states the application's present status, and the
    # application is unchanged
    for act in (lambda: case.change(name="新名称"), case.submit):
        refused = refusal(act)
        assert refused.status == 409
        assert refused.problem["current_status"] == "submitted"
    assert (case.read()["name"], case.read()["version"]) == (draft_body(case.units)["name"], 1)


def test_what_is_not_ones_own_does_not_exist(people: People, call: str) -> None:
    # Given an application with a document, and the data of the application's lead
    case = Formation.draft(people, call)
    [document] = case.hand_in(["attachment"])
    stranger = people.applicant(organisation("450200", "enterprise")["uscc"])

    # When an account of an organisation outside the application reads or changes the application or the document, then it gets
    # "not found"
    for method, path, body in (
        ("GET", case.path, None),
        ("PATCH", case.path, {"name": "夺"}),
        ("POST", f"{case.path}/submission", None),
        ("POST", f"{case.path}/withdrawal", {}),
        ("POST", f"{case.path}/confirmations", {"decision": "confirm"}),
        ("GET", f"{case.path}/timeline", None),
        ("GET", f"{case.path}/versions", None),
        ("GET", f"/documents/{document}", None),
        ("GET", f"/documents/{document}/content", None),
        ("POST", "/documents", announced(case.subject, pdf("x"))),
        ("GET", "/applications/0197c0de-0000-7000-8000-000000000000", None),
    ):
        assert (method, path, refusal(stranger.ask, method, path, body=body).status) == (method, path, 404)
    # and a bureau can neither read another bureau's case nor learn whether a bureau code exists
    for bureau in ("450100", "450200", "999999"):
        path = f"/reviews/{bureau}-0197c0de-0000-7000-8000-000000000000"
        assert refusal(people.officer("450100").get, path).status == 404
    # and no account may enter another organisation's data
    assert refusal(put_organisation, stranger, case.units[0]).status == 403


def announced(subject: str, content: bytes, **data: Any) -> dict[str, Any]:
    digest = hashlib.sha256(content).hexdigest()
    return {
        "subject": subject,
        "kind": "attachment",
        "filename": "附件.pdf",
        "size": len(content),
        "sha256": digest,
    } | data


def test_an_oversized_or_mislabelled_file_is_refused(people: People, call: str) -> None:
    # Given a lead with a draft
    case = Formation.draft(people, call)

    # When the lead uploads a file that is too large, of a type that is not accepted, or with content that does not match the file
    # name's extension, then the platform refuses the file
    too_large = refusal(case.lead.post, "/documents", announced(case.subject, b"", size=10**12))
    assert too_large.status in (413, 422)
    unknown_type = refusal(case.lead.post, "/documents", announced(case.subject, b"MZ", filename="安装.exe"))
    assert unknown_type.pointers == {"/filename": "type_not_accepted"}
    program = refusal(case.lead.upload, case.subject, "attachment", "附件.pdf", b"MZ\x90\x00 a program")
    assert (program.status, program.code) == (422, "content_mismatch")

    # and it refuses a file whose bytes differ from the announced checksum
    document = case.lead.post("/documents", announced(case.subject, pdf("announced")))
    upload = document["upload"]
    other = pdf("anotherly")
    sent = people.server.send(upload["method"], upload["url"], data=other, headers=upload["headers"])
    if sent.status < 400:
        refused = refusal(case.lead.post, f"/documents/{document['id']}/completion")
        assert (refused.status, refused.code) == (422, "checksum_mismatch")

    # Then the draft's rule about documents (D1) counts none of the refused files
    rules = {finding["rule"]: finding["observed"] for finding in case.eligibility()["findings"]}
    assert "attachment" not in str(rules["D1"])


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b'{"title": "x"', 400, "malformed_json"),
        (b"\xff\xfe", 400, "malformed_json"),
        (b"[]", 422, "invalid_input"),
        (b'{"title": NaN}', 400, "malformed_json"),
        (b'{"title": "\\u0000"}', 422, None),
    ],
)
def test_a_body_that_is_no_proper_json_is_refused(people: People, body: bytes, status: int, code: str | None) -> None:
    # When the province creates a call with a body that is not the JSON object of a call
    answer = people.chief().send("POST", "/calls", data=body, headers={"Content-Type": "application/json"})

    # Then the platform refuses the request with a problem document that names the mistake
    assert answer.status == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert code in (None, answer.body["code"])


def test_a_body_of_another_type_is_refused(people: People) -> None:
    answer = people.chief().send("POST", "/calls", data=b"title=x", headers={"Content-Type": "application/x-www-form-urlencoded"})
    assert (answer.status, answer.body["code"]) == (415, "json_required")


def test_messages_are_chinese_unless_english_is_asked_for(people: People, call: str) -> None:
    # Given the body of a new call that lacks a required field, When the province sends it in Chinese and in English, then each
    # refusal's message is in the requested language
    chief = people.chief()
    said = {
        language: chief.send("POST", "/calls", body={}, headers={"Accept-Language": language}).body["errors"][0]["message"]
        for language in ("zh-CN", "en")
    }
    assert said == {"zh-CN": "此项必填。", "en": "This field is required."}


def test_the_same_request_twice_is_done_once_and_its_key_is_not_for_another(people: People, call: str) -> None:
    # Given a lead who has created a draft with an Idempotency-Key
    units = consortium(EIGHT)
    register(people, units[:1])
    account = people.applicant(units[0]["uscc"])
    body, key = draft_body(units, call_id=call), {"Idempotency-Key": "one-and-the-same"}
    first = account.post("/applications", body, headers=key)

    # When the lead sends the same request again, then the response is the same as the first one, and only one draft exists
    assert account.post("/applications", body, headers=key) == first
    assert [item["id"] for item in account.all("/applications")] == [first["id"]]

    # When the lead sends another body with the same key, then the platform refuses the request
    refused = refusal(account.post, "/applications", body | {"name": "另一个"}, headers=key)
    assert (refused.status, refused.code) == (422, "idempotency_key_reused")


def test_without_a_good_token_nothing_is_answered(people: People) -> None:
    for header in ({}, {"Authorization": "Bearer nonsense"}, {"Authorization": "Basic YTpi"}):
        answer = people.server.send("GET", "/me", headers=header)
        assert answer.status == 401
        assert answer.body["code"]
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
