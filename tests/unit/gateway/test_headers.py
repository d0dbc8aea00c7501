"""The gateway accepts the headers Idempotency-Key and If-Match in the spellings that clients use."""

from __future__ import annotations

import pytest
from flask import Flask

from gateway.service_client import idempotency_key, if_match
from services.kernel.errors import Invalid


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, None),
        ('"3"', "3"),
        ('W/"3"', "3"),
        ("3", "3"),
        (" 3 ", "3"),
        ("*", None),
        ('""', ""),
        ('"3:br"', "3"),
        ('W/"3-gzip"', "3"),
    ],
)
def test_if_match_names_the_version_in_hand(header: str | None, expected: str | None) -> None:
    with Flask("a").test_request_context(headers={"If-Match": header} if header is not None else {}):
        assert if_match() == expected


@pytest.mark.parametrize("header", ['"1", "2"', '"1', "a b"])
def test_if_match_names_one_version_only(header: str) -> None:
    with Flask("a").test_request_context(headers={"If-Match": header}), pytest.raises(Invalid) as caught:
        if_match()
    assert caught.value.code == "bad_if_match"


@pytest.mark.parametrize("key", ["a", "x" * 200, "0197c0de-0000-7000-8000-000000000001", "!~"])
def test_a_key_is_200_visible_characters_at_most(key: str) -> None:
    with Flask("a").test_request_context(headers={"Idempotency-Key": key}):
        assert idempotency_key() == key


@pytest.mark.parametrize("key", ["", "x" * 201, "a b", "键"])
def test_anything_else_is_no_key(key: str) -> None:
    environ = {"HTTP_IDEMPOTENCY_KEY": key.encode().decode("latin-1")}
    with Flask("a").test_request_context(environ_base=environ), pytest.raises(Invalid) as caught:
        idempotency_key()
    assert caught.value.code == "bad_idempotency_key"
