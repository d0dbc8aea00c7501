"""Forms with names or values that no page of the console sends are refused as malformed; none makes the console fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from console.session import Session

SAME = {"Sec-Fetch-Site": "same-origin"}
Reader = Callable[..., tuple[FlaskClient, Session]]


@pytest.mark.parametrize(
    ("role", "address", "fields"),
    [
        ("applicant", "/applications/1/form/basics", {"/name": "x", "/name/0": "y"}),
        ("applicant", "/applications/1/form/basics", {"/name": "x", "/name/0/a": "y"}),
        ("applicant", "/applications/1/form/goals", {"/goals": "x", "/goals/0/indicators/0/name": "y"}),
        ("applicant", "/organisation/data", {"/name": "x", "/name/a/b": "y"}),
        ("officer", "/admin/calls/new", {"/contact": "x", "/contact/name": "y"}),
        ("officer", "/admin/old-consortia/new", {"/members": "x", "/members/0/tier": "core"}),
        ("applicant", "/applications/1/form/goals", {"/goals" + "/0" * 5000: "x"}),
        ("officer", "/reviews/1/opinion", {"/answers": "x"}),
        ("officer", "/reviews/1/opinion", {"/answers/Q1": "x"}),
        ("officer", "/reviews/1/opinion", {"/answers/0/met": "yes"}),
        ("officer", "/reviews/1/opinion", {"/sections/a": "x"}),
        ("officer", "/reviews/1/opinion", {"/waivers": "x"}),
    ],
)
def test_a_field_inside_another_field_is_a_malformed_form(
    reader: Reader, role: str, address: str, fields: dict[str, str]
) -> None:
    client, session = reader(role)
    answer = client.post(address, data={"csrf": session.csrf, **fields}, headers=SAME)
    assert answer.status_code == 400


@pytest.mark.parametrize("value", ['"1"\r\nX-Other: y', '"1\n"', '"\x00"', '"版本"'])
@pytest.mark.parametrize("name", ["etag", "idempotency_key"])
def test_a_value_that_no_header_can_contain_is_a_malformed_form(reader: Reader, name: str, value: str) -> None:
    client, session = reader("chief")
    fields = {"csrf": session.csrf, "etag": '"1"', "idempotency_key": "key", name: value}
    answer = client.post("/reviews/1/drafts/1/signature", data=fields, headers=SAME)
    assert answer.status_code == 400
