"""Documents are read page by page over HTTP: with the rights of a download, the reader's watermark, and no caching. The tests run
on the file store and on S3."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from gateway.files.page_images import PageImages, Source
from services.kernel.clock import SHANGHAI
from services.kernel.storage.factory import store_of
from tests.integration.documents.conftest import settings_of
from tests.integration.documents.test_over_http import Platform
from tests.unit.documents.files import office
from tests.unit.documents.hostile import pdf

TWO_PAGES = pdf(b"0 0 200 200 re f", b"")


@pytest.fixture(scope="module", params=["files", "s3"])
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    s3 = settings_of(request.getfixturevalue("s3")).s3 if request.param == "s3" else ""
    platform = Platform(tmp_path_factory.mktemp("platform"), s3)
    platform.host.start()
    yield platform
    platform.host.stop()


def kept(platform: Platform, content: bytes, filename: str = "财务报表.pdf") -> str:
    announced = platform.announce(content, filename=filename).json
    assert platform.put(announced["upload"], content) == 200
    assert platform.send("POST", f"/documents/{announced['id']}/completion").json["state"] == "clean"
    return str(announced["id"])


def test_a_document_is_read_page_by_page(platform: Platform) -> None:
    id = kept(platform, TWO_PAGES)
    assert platform.send("GET", f"/documents/{id}/pages").json == {
        "id": id,
        "filename": "财务报表.pdf",
        "media_type": "application/pdf",
        "pages": 2,
        "total": 2,
        "reason": None,
    }
    for number in (1, 2):
        page = platform.send("GET", f"/documents/{id}/pages/{number}.webp")
        assert (page.status_code, page.headers["Content-Type"]) == (200, "image/webp")
        assert page.headers["Cache-Control"] == "private, no-store"
        assert page.data[:4] + page.data[8:12] == b"RIFFWEBP"


@pytest.mark.parametrize("page", ["0", "3", "301", "-1", "1.5", "01x", "一", "9" * 40])
def test_a_page_that_is_not_there_is_not_found(platform: Platform, page: str) -> None:
    answer = platform.send("GET", f"/documents/{kept(platform, TWO_PAGES)}/pages/{page}.webp")
    assert (answer.status_code, answer.json["code"]) == (404, "no_such_page")


def test_the_mark_names_the_reader_and_the_time_in_beijing(platform: Platform) -> None:
    id = kept(platform, TWO_PAGES)
    me = platform.send("GET", "/me").json
    before = datetime.now(SHANGHAI)
    page = platform.send("GET", f"/documents/{id}/pages/2.webp").data
    after = datetime.now(SHANGHAI)
    minutes = {f"{before:%Y-%m-%d %H:%M}", f"{after:%Y-%m-%d %H:%M}"}
    source = Source(id, f"documents/{id}", len(TWO_PAGES), "application/pdf")
    images = PageImages(store_of(platform.settings))
    marks = [f"{me['name']} · {me['username']} · {minute}" for minute in minutes]
    assert page in [images.page(source, 2, mark, "a reader") for mark in marks]
    yesterday = f"{before - timedelta(days=1):%Y-%m-%d %H:%M}"
    assert page != images.page(source, 2, f"{me['name']} · {me['username']} · {yesterday}", "a reader")


def test_a_word_file_has_no_pages_and_can_be_downloaded(platform: Platform) -> None:
    word = office("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")
    id = kept(platform, word, "说明.docx")
    counted = platform.send("GET", f"/documents/{id}/pages").json
    assert (counted["pages"], counted["total"], counted["reason"]["code"]) == (0, None, "no_pages")
    assert "download" in counted["reason"]["message"]
    refused = platform.send("GET", f"/documents/{id}/pages/1.webp")
    assert (refused.status_code, refused.json["code"]) == (409, "no_pages")
    assert platform.send("GET", f"/documents/{id}/content").status_code == 302


@pytest.mark.parametrize("way", ["pages", "pages/1.webp", "content"])
def test_pages_are_for_the_readers_of_the_document_alone(platform: Platform, way: str) -> None:
    id = kept(platform, TWO_PAGES)
    assert platform.send("GET", f"/documents/{id}/{way}").status_code in (200, 302)
    stranger = platform.send("GET", f"/documents/{id}/{way}", account=1)
    assert (stranger.status_code, stranger.json["code"]) == (404, "subject_not_found")


@pytest.mark.parametrize("way", ["pages", "pages/1.webp", "content"])
def test_a_document_that_is_not_verified_has_no_pages_yet(platform: Platform, way: str) -> None:
    announced = platform.announce(TWO_PAGES).json
    refused = platform.send("GET", f"/documents/{announced['id']}/{way}")
    assert (refused.status_code, refused.json["code"]) == (409, "document_not_clean")


def test_a_browser_may_show_a_pdf_itself_and_saves_what_is_none(platform: Platform) -> None:
    word = office("word/document.xml", "application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml")
    shown = {}
    for id in (kept(platform, TWO_PAGES), kept(platform, word, "说明.docx")):
        for disposition in ("inline", "attachment"):
            answer = platform.send("GET", f"/documents/{id}/content?disposition={disposition}")
            _, headers, _ = platform.get(answer.headers["Location"])
            shown[id, disposition] = headers["Content-Disposition"].partition(";")[0]
    assert list(shown.values()) == ["inline", "attachment", "attachment", "attachment"]
    refused = platform.send("GET", f"/documents/{id}/content?disposition=window")
    assert (refused.status_code, refused.json["errors"][0]["code"]) == (422, "not_a_choice")


def test_who_turns_pages_faster_than_anybody_reads_is_asked_to_wait(tmp_path: Path) -> None:
    platform = Platform(tmp_path, "", rate_limit="100000")
    id = kept(platform, TWO_PAGES)
    answers = (platform.send("GET", f"/documents/{id}/pages") for _ in range(2000))
    slowed = next(answer for answer in answers if answer.status_code != 200)
    assert (slowed.status_code, slowed.json["code"]) == (429, "too_many_requests")
    assert int(slowed.headers["Retry-After"]) >= 1
    assert platform.send("GET", f"/documents/{id}").status_code == 200  # The rest of the API works as before.
