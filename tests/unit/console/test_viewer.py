"""A document beside a case: if the document cannot be shown, the page says so in its place, and shows everything else."""

from __future__ import annotations

import json
from collections.abc import Mapping

import pytest

from console.api import Answer, Api
from console.app import create_app
from console.problems import Problem
from console.session import Sealer
from console.settings import ConsoleSettings
from console.viewer import open_paper
from tests.unit.console.conftest import KEYS

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
    assert (paper.filename, paper.kind, paper.pages, paper.opening) == ("协议.pdf", "agreement", 0, True)
    assert paper.note.startswith("材料正在开放")


@pytest.mark.parametrize("status", [409, 429, 503])
def test_why_pages_cannot_be_shown_is_said_in_their_place(status: int) -> None:
    paper = open_paper(api(status), PAPER["id"], 1, [PAPER])
    assert (paper.note, paper.opening) == ("说明", False)


class Opening:
    """An API whose review case lists a document that the reader cannot open yet."""

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        words: dict[str, object] = {"sets": {}, "regions": [], "bureaus": [], "rules": []}
        case = {"id": "case", "title": "某案", "documents": [PAPER]}
        found = {"/api/v1/vocabulary": words, "/api/v1/reviews/case": case}.get(target)
        return Answer(404 if found is None else 200, {}, json.dumps(found or {"code": "any", "detail": "没有"}).encode())


def test_a_paper_that_is_being_opened_is_asked_for_again_without_a_reload() -> None:
    app = create_app(Opening(), ConsoleSettings(lambda: KEYS))
    account = {"username": "someone", "name": "某人", "roles": ["expert"], "bureau": None, "organisation": None, "unit": ""}
    client = app.test_client()
    sealer = Sealer(lambda: KEYS)
    client.set_cookie("guichuang", sealer.seal_session(sealer.begin_session("token", 3600, account | {"may_sign": True})))

    def shown(wait: str) -> str:
        path = f"/documents/{PAPER['id']}/pages/1?review=case{wait}"
        return client.get(path, headers={"HX-Request": "true"}).get_data(as_text=True)

    # While the document cannot be opened, the page requests it again after a pause that doubles each time; it gives up after
    # about half a minute.
    for asked, pause in (("", 1), ("&wait=1", 2), ("&wait=8", 16)):
        assert f"wait={pause}&amp;review=case" in shown(asked) and f"load delay:{pause}s" in shown(asked)
    assert "hx-get" not in shown("&wait=16").partition('class="paper-bar"')[0]


@pytest.mark.parametrize(("status", "documents"), [(404, []), (401, [PAPER]), (500, [PAPER])])
def test_what_the_reader_may_not_read_is_refused(status: int, documents: list[dict[str, str]]) -> None:
    with pytest.raises(Problem) as refusal:
        open_paper(api(status), PAPER["id"], 1, documents)
    assert refusal.value.status == status
