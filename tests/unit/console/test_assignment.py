"""Cases that were chosen in the inbox are assigned together, wherever in it they stand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

import pytest

from console.api import Answer, Api
from console.pages.reviews import open_cases


class Inbox:
    """An API with many open cases, which it lists page by page."""

    def __init__(self, cases: int) -> None:
        self.ids = [f"450200-{place}" for place in range(cases)]

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        asked = parse_qs(urlsplit(target).query)
        begin, limit = int(asked.get("cursor", ["0"])[0]), int(asked["limit"][0])
        end = begin + limit
        items = [{"id": id, "title": id} for id in self.ids[begin:end]]
        page = {"items": items, "next_cursor": str(end) if end < len(self.ids) else None}
        return Answer(200, {}, json.dumps(page).encode())


@pytest.mark.parametrize(
    ("chosen", "found"),
    [
        (["450200-1", "450200-450"], ["450200-1", "450200-450"]),
        (["450200-1", "450200-decided"], ["450200-1"]),
        ([], []),
    ],
)
def test_a_chosen_case_is_found_behind_hundreds_of_others(chosen: list[str], found: list[str]) -> None:
    assert [one["id"] for one in open_cases(Api(Inbox(451), "127.0.0.1", "zh"), chosen)] == found
