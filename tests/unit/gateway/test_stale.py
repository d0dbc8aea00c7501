"""While a service is down, public readers get its last answer; other readers do not."""

from __future__ import annotations

import pytest

from gateway.fallback_cache import FallbackCache
from services.kernel.identity import NOBODY, Actor

OFFICER = Actor("o", ("officer",), "450200")


def test_the_last_answer_stands_in() -> None:
    stale = FallbackCache()
    stale.keep("application", "public_consortia", {"q": "a"}, NOBODY, {"items": [1]})
    found = stale.find("application", "public_consortia", {"q": "a"}, NOBODY)
    assert found is not None
    assert found.answer == {"items": [1]}


@pytest.mark.parametrize(
    ("name", "payload", "reader"),
    [
        ("public_consortia", {"q": "b"}, NOBODY),
        ("public_consortia", {"q": "a"}, OFFICER),
        ("list_calls", {"q": "a"}, NOBODY),
    ],
)
def test_never_another_question_or_another_kind_of_reader(name: str, payload: dict[str, str], reader: Actor) -> None:
    stale = FallbackCache()
    stale.keep("application", "public_consortia", {"q": "a"}, NOBODY, {"items": [1]})
    assert stale.find("application", name, payload, reader) is None


def test_what_is_not_public_is_never_kept() -> None:
    stale = FallbackCache()
    stale.keep("application", "get_application", {"id": "1"}, OFFICER, {"secret": 1})
    assert stale.find("application", "get_application", {"id": "1"}, OFFICER) is None


def test_what_a_route_does_to_its_answer_does_not_change_what_is_kept() -> None:
    stale, answer = FallbackCache(), {"items": [1]}
    stale.keep("application", "list_calls", {}, OFFICER, answer)
    answer["items"].clear()
    found = stale.find("application", "list_calls", {}, OFFICER)
    assert found is not None
    assert found.answer == {"items": [1]}
