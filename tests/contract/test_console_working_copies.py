"""A working copy is input that a person typed and has not sent; the console stores it through the API. A working copy that
another client stored does not make a page unusable."""

from __future__ import annotations

from typing import Any

import pytest

from console.api import InProcessTransport
from console.app import create_app
from console.settings import ConsoleSettings
from tests.contract.conftest import Running
from tests.contract.console_pages import KEYS, Crawl
from tests.contract.personas import Cast

#: For each working copy: the persona that stores it, the form, the subject, and the page that shows the form. Names in braces are
#: objects of the cast.
PAGES = (
    ("own officer", "opinion", "{review}", "/reviews/{review}"),
    ("lead", "application-basics", "{application}", "/applications/{application}/form/basics"),
    ("lead", "application-members", "{application}", "/applications/{application}/form/members"),
    ("lead", "application-scientist", "{application}", "/applications/{application}/form/scientist"),
    ("lead", "application-systems", "{application}", "/applications/{application}/form/systems"),
    ("lead", "application-goals", "{application}", "/applications/{application}/form/goals"),
    ("lead", "organisation", "{organisation}", "/organisation/data"),
    ("province officer", "call", "new", "/admin/calls/new"),
    ("province officer", "old-consortium", "new", "/admin/old-consortia/new"),
    ("province officer", "special-case", "new", "/admin/special-cases/new"),
)
#: Contents of a working copy that the API accepts but that no form of the console stores.
FOREIGN: tuple[dict[str, Any], ...] = (
    {},
    {"values": None},
    {"values": "text"},
    {"values": ["text"]},
    {"values": {}},
    {"values": {"members": 5, "goals": 5, "rubric": 5, "history": 5, "figures": 5, "sections": 5, "answers": 5}},
    {"values": {"members": [5], "goals": [{"indicators": 5}], "history": {"support": 5}, "waivers": {"L3": 5}}},
    {"values": {"sections": "text", "history": "text", "rubric": "text", "figures": "text", "answers": "text"}},
    {"values": {"name": "text"}, "base": ["text"]},
)


@pytest.fixture(scope="module")
def crawl(running: Running, cast: Cast) -> Crawl:
    return Crawl(create_app(InProcessTransport(running.app), ConsoleSettings(lambda: KEYS)), cast)


@pytest.mark.parametrize(("persona", "form", "subject", "address"), PAGES)
def test_a_working_copy_that_no_form_wrote_leaves_the_page_usable(
    crawl: Crawl, persona: str, form: str, subject: str, address: str
) -> None:
    things = crawl.cast.things
    kept, page = f"/me/working-copies/{form}/{subject.format_map(things)}", address.format_map(things)
    account, client = crawl.cast.account(persona), crawl.client(persona, "zh")
    shown = []
    for content in FOREIGN:
        account.put(kept, {"content": {"base": "1-recommendation"} | content})
        shown.append((client.get(page).status_code, content))
    account.ask("DELETE", kept)
    assert shown == [(200, content) for content in FOREIGN]


def test_a_working_copy_that_lacks_a_new_field_keeps_the_others(crawl: Crawl) -> None:
    # Given an officer's typed input that an earlier release of the console stored, before the form got another field
    account, page = crawl.cast.account("own officer"), f"/reviews/{crawl.cast.things['review']}"
    kept = f"/me/working-copies/opinion/{crawl.cast.things['review']}"
    account.put(kept, {"content": {"values": {"comment": "早先填写的意见"}, "base": "1-recommendation"}})
    # When the officer opens the form
    answer = crawl.client("own officer", "zh").get(page)
    # Then the form contains the typed input
    assert (answer.status_code, "早先填写的意见" in answer.text) == (200, True)
    account.ask("DELETE", kept)
