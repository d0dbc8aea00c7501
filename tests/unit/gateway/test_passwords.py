"""Passwords must be hard to guess, and are stored as argon2id hashes."""

from __future__ import annotations

import pytest

from gateway.identity import passwords
from services.kernel.errors import Invalid


@pytest.mark.parametrize("password", ["short", "aaaaaaaaaaaa", "ababababab", "xx-Zhang3-yy", "ZHANG3-zhang3"])
def test_a_weak_password_is_refused(password: str) -> None:
    with pytest.raises(Invalid) as caught:
        passwords.check(password, "zhang3")
    assert (caught.value.errors[0].pointer, caught.value.errors[0].code) == ("/password", "weak_password")


def test_ten_different_enough_characters_will_do() -> None:
    passwords.check("桂林山水甲天下真好看", "zhang3")
    passwords.check("abcde12345", "zhang3")


def test_a_hash_is_argon2id_and_matches_its_password_only() -> None:
    kept = passwords.hashed("correct horse", "a", None)
    assert kept.startswith("$argon2id$")
    assert passwords.matches("correct horse", kept)
    assert not passwords.matches("correct horsf", kept)


def test_nobody_logs_in_under_an_unknown_name() -> None:
    assert not passwords.matches("anything", None)


def test_a_repeated_request_hashes_alike_and_no_other_does() -> None:
    first = passwords.hashed("correct horse", "a", "key-1")
    assert passwords.hashed("correct horse", "a", "key-1") == first
    others = {
        passwords.hashed("correct horse", "a", "key-2"),
        passwords.hashed("correct horse", "b", "key-1"),
        passwords.hashed("correct horse", "a", None),
        passwords.hashed("correct horse", "a", None),
    }
    assert len(others | {first}) == 5
