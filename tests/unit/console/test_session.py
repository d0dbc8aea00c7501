"""The cookie with the console's session is encrypted, can be used for no other purpose, and expires."""

from __future__ import annotations

import time
from dataclasses import replace

from console.session import Sealer, Session

ACCOUNT = {"username": "officer-1", "roles": ["officer"]}


def session() -> Session:
    return Sealer(lambda: ("one",)).begin_session("token", 3600, ACCOUNT)


def test_what_was_sealed_is_opened_and_nothing_else_is() -> None:
    sealer, stranger = Sealer(lambda: ("one",)), Sealer(lambda: ("another",))
    sealed = sealer.seal_session(session())
    opened = sealer.open_session(sealed)
    assert opened is not None and opened.account == ACCOUNT
    assert stranger.open_session(sealed) is None
    assert sealer.open_session(sealed[:-2] + "AA") is None
    assert sealer.open_session("nonsense") is None
    assert sealer.open_session("") is None


def test_the_token_cannot_be_read_from_the_cookie() -> None:
    sealed = Sealer(lambda: ("one",)).seal_session(replace(session(), token="secret-token"))
    assert "secret" not in sealed


def test_a_text_sealed_for_one_purpose_is_refused_for_another() -> None:
    sealer = Sealer(lambda: ("one",))
    assert sealer.open("resume", sealer.seal_session(session())) is None


def test_a_session_survives_a_change_of_keys_until_the_old_key_is_retired() -> None:
    sealed = Sealer(lambda: ("old",)).seal_session(session())
    assert Sealer(lambda: ("new", "old")).open_session(sealed) is not None
    assert Sealer(lambda: ("new",)).open_session(sealed) is None


def test_a_session_ends_when_it_is_idle_and_in_any_case() -> None:
    now = time.time()
    assert not session().over(idle=1800, longest=43200)
    assert replace(session(), seen=now - 1801).over(idle=1800, longest=43200)
    assert replace(session(), started=now - 43201).over(idle=1800, longest=43200)


def test_only_its_own_secret_proves_a_form() -> None:
    one, other = session(), session()
    assert one.proves(one.csrf)
    assert not one.proves(other.csrf)
    assert not one.proves("")
