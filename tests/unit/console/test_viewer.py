"""A document beside a case: if it cannot be shown, the page says so in its place, and the rest of the page stays."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from console.api import Answer, Api
from console.problems import Problem
from console.viewer import open_paper

PAPER = {"id": "application.1.2", "kind": "agreement", "filename": "协议.pdf"}


class Refusing:
    """An API that refuses every request with one status."""

    def __init__(self, status: int) -> None:
        self.status = status

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        return Answer(self.status, {}, json.dumps({"code": "any", "detail": "说明"}).encode())


def api(status: int) -> Api:
    return Api(Refusing(status), "127.0.0.1", "zh")


def test_a_paper_of_the_case_that_is_not_open_yet_leaves_the_page_usable() -> None:
    # Given a reviewer who declared a moment ago: the case lists the document, but the service that owns it has not received the
    # declaration yet
    paper = open_paper(api(404), PAPER["id"], 1, [PAPER])
    assert (paper.filename, paper.kind, paper.pages, paper.note) == ("协议.pdf", "agreement", 0, "材料正在开放，请稍后刷新本页。")


@pytest.mark.parametrize("status", [409, 429, 503])
def test_why_pages_cannot_be_shown_is_said_in_their_place(status: int) -> None:
    assert open_paper(api(status), PAPER["id"], 1, [PAPER]).note == "说明"


@pytest.mark.parametrize(("status", "documents"), [(404, []), (401, [PAPER]), (500, [PAPER])])
def test_what_the_reader_may_not_read_is_refused(status: int, documents: list[dict[str, str]]) -> None:
    with pytest.raises(Problem) as refusal:
        open_paper(api(status), PAPER["id"], 1, documents)
    assert refusal.value.status == status
