"""The key in a cursor must have the types of the list's key: any other value is refused and never reaches the database."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import Column, Integer, MetaData, String, Table, create_engine, insert, select
from sqlalchemy.orm import Session

from services.kernel.errors import Invalid
from services.kernel.persistence.paging import encode_cursor, page, total

things = Table("things", MetaData(), Column("due", String), Column("position", Integer))
KEY = [things.c.due, things.c.position]


@pytest.fixture
def session() -> Iterator[Session]:
    engine = create_engine("sqlite://")
    things.metadata.create_all(engine)
    with Session(engine) as session:
        session.execute(insert(things), [{"due": "2026-01-01", "position": n} for n in (1, 2, 3)])
        yield session


def read(session: Session, cursor: str | None) -> tuple[list[int], str | None]:
    rows, after = page(session, select(*KEY), KEY, limit=2, cursor=cursor)
    return [row.position for row in rows], after


def test_a_list_goes_on_behind_the_last_row_shown(session: Session) -> None:
    first, cursor = read(session, None)
    assert (first, read(session, cursor)) == ([1, 2], ([3], None))


@pytest.mark.parametrize(
    "key",
    [
        ["2026-01-01"],
        ["2026-01-01", 1, 1],
        [1, 1],
        ["2026-01-01", "1"],
        ["2026-01-01", True],
        ["2026-01-01", 1.5],
        ["2026-01-01", None],
        ["2026-01-01", 2**63],
        ["2026-01-01\0", 1],
        ["\ud800", 1],
        {"due": 1},
        "text",
    ],
)
def test_a_place_of_other_types_is_refused_at_the_cursor(session: Session, key: Any) -> None:
    with pytest.raises(Invalid) as caught:
        read(
            session, encode_cursor(key) if isinstance(key, list) else base64.urlsafe_b64encode(json.dumps(key).encode()).decode()
        )
    assert [(error.pointer, error.code) for error in caught.value.errors] == [("/cursor", "bad_cursor")]


@pytest.mark.parametrize("cursor", ["x", "é", "=", "W10", "[" * 50, base64.b64encode(b"[" * 100_000).decode()])
def test_what_is_no_cursor_at_all_is_refused(session: Session, cursor: str) -> None:
    with pytest.raises(Invalid):
        read(session, cursor)


def counted(session: Session, limit: int, cursor: str | None = None) -> int | None:
    rows, more = page(session, select(*KEY), KEY, limit=limit, cursor=cursor)
    return total(session, select(*KEY), KEY, len(rows), cursor=cursor, more=more)


def test_the_first_page_says_how_many_there_are_and_later_ones_do_not(session: Session) -> None:
    _, cursor = read(session, None)
    assert (counted(session, 2), counted(session, 3), counted(session, 2, cursor)) == (3, 3, None)


def test_a_list_is_counted_up_to_a_thousand(session: Session) -> None:
    session.execute(insert(things), [{"due": "2026-01-02", "position": n} for n in range(997)])
    assert counted(session, 2) == 1000
    session.execute(insert(things), [{"due": "2026-01-03", "position": 1}])
    assert counted(session, 2) is None
