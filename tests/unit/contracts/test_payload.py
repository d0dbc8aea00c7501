"""Payloads write the JSON that earlier releases write, and read the JSON of older and newer releases."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import Any

import pytest

from services.contracts.payload import ABSENT, Absent, JsonObject, Payload


class Outcome(StrEnum):
    PASS = "pass"
    RETURN = "return"


@dataclass(frozen=True, kw_only=True)
class Comment(Payload):
    section: str
    comment: str | None = None


@dataclass(frozen=True, kw_only=True)
class Header(Payload):
    case: str = field(init=False)
    article: str | None = field(init=False, default=None)


@dataclass(frozen=True, kw_only=True)
class Ended(Header):
    outcome: Outcome
    due_on: date | None
    at: datetime
    sections: list[Comment]
    first: Comment | None = None
    extended_to: date | Absent | None = ABSENT
    round: int = 1
    rest: JsonObject | None = None


AT = datetime(2026, 3, 20, 15, 59, 59, 999999, tzinfo=UTC)
ENDED = Ended(outcome=Outcome.PASS, due_on=date(2026, 3, 23), at=AT, sections=[Comment(section="budget")])
JSON: dict[str, Any] = {
    "case": "450200-1",
    "outcome": "pass",
    "due_on": "2026-03-23",
    "at": "2026-03-20T15:59:59.999999+00:00",
    "sections": [{"section": "budget"}],
    "round": 1,
}


def test_members_with_an_absent_default_are_left_out_and_all_others_are_written() -> None:
    assert ENDED.with_header(case="450200-1").to_dict() == JSON
    assert Ended.from_dict(JSON) == ENDED.with_header(case="450200-1")


def test_every_member_is_written_and_read_back() -> None:
    # Given a payload whose optional members have values
    whole = JSON | {
        "article": "A6(1)",
        "due_on": None,
        "sections": [{"section": "budget", "comment": "缺少决算"}],
        "first": {"section": "budget", "comment": "缺少决算"},
        "extended_to": "2026-04-01",
        "round": 2,
        "rest": {"any": [1, None]},
    }
    # When the payload is read and written, then it is the same
    read = Ended.from_dict(whole)
    assert read.first == Comment(section="budget", comment="缺少决算")
    assert (read.due_on, read.extended_to, read.outcome) == (None, date(2026, 4, 1), Outcome.PASS)
    assert read.to_dict() == whole


@pytest.mark.parametrize(("sent", "read"), [({}, ABSENT), ({"extended_to": None}, None)])
def test_a_member_can_be_missing_or_null(sent: JsonObject, read: object) -> None:
    ended = Ended.from_dict(JSON | sent)
    assert ended.extended_to is read
    assert ended.to_dict() == JSON | sent


def test_members_and_values_of_a_newer_release_are_accepted() -> None:
    ended = Ended.from_dict(JSON | {"outcome": "suspend", "mood": "good"})
    assert ended.outcome not in tuple(Outcome)
    assert ended.to_dict() == JSON | {"outcome": "suspend"}


def test_members_that_an_older_release_does_not_send_have_defaults() -> None:
    older = {name: value for name, value in JSON.items() if name not in ("due_on", "round")}
    ended = Ended.from_dict(older)
    assert (ended.due_on, ended.round, ended.article) == (None, 1, None)


def test_a_member_without_a_default_must_be_present() -> None:
    with pytest.raises(ValueError, match="Ended lacks at"):
        Ended.from_dict({name: value for name, value in JSON.items() if name != "at"})


def test_a_payload_without_its_header_is_not_written() -> None:
    with pytest.raises(AttributeError):
        ENDED.to_dict()
