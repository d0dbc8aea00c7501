"""The settings that an account stores for its next visit can be read only by their owner, and are deleted with the account."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from gateway.identity.tables import own_settings
from tests.integration.gateway.platform import Platform

WHO, OTHER = "450200-officer", "450200-chief"
PHRASES = {"phrases": ["材料齐全，同意推荐。"], "filters": {"reviews": "stage=recommendation"}}


def put(gateway: Platform, content: Any, who: str = WHO, **headers: str) -> Any:
    return gateway.send(who, "PUT", "/me/settings", {"content": content}, **headers)


def get(gateway: Platform, who: str = WHO) -> Any:
    return gateway.send(who, "GET", "/me/settings")


def test_settings_are_empty_first_and_each_persons_own_afterwards(gateway: Platform) -> None:
    assert get(gateway).get_json() == {"content": {}, "etag": "0"}
    saved = put(gateway, PHRASES)
    assert (saved.status_code, saved.headers["ETag"]) == (200, '"1"')
    assert get(gateway).get_json() == {"content": PHRASES, "etag": "1"}
    assert get(gateway, OTHER).get_json()["content"] == {}


def test_of_two_pages_that_save_the_second_learns_of_the_first(gateway: Platform) -> None:
    put(gateway, PHRASES)
    assert put(gateway, {"n": 2}, If_Match='"1"').get_json()["etag"] == "2"
    assert put(gateway, {"n": 3}, If_Match='"1"').status_code == 412
    assert get(gateway).get_json()["content"] == {"n": 2}
    assert put(gateway, {"n": 3}).status_code == 200


def test_more_than_sixteen_kilobytes_and_what_is_no_object_are_refused(gateway: Platform) -> None:
    assert put(gateway, {"phrases": ["意" * 6000]}).status_code == 413
    assert put(gateway, ["a list"]).status_code == 422
    assert get(gateway).get_json()["content"] == {}


def test_settings_are_neither_audited_nor_published_and_are_erased_with_the_account(gateway: Platform) -> None:
    before = (len(gateway.events()), len(gateway.audited()))
    put(gateway, PHRASES)
    assert (len(gateway.events()), len(gateway.audited())) == before
    assert gateway.send(WHO, "GET", "/me/data").get_json()["identity"]["settings"] == PHRASES
    gateway.send(WHO, "POST", "/me/erasure", {"password": gateway.accounts[WHO]["password"]})
    with gateway.identity.database.read() as session:
        assert session.execute(select(own_settings)).all() == []
