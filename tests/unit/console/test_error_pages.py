"""Every refusal is a page in the reader's language that says what to do next; no typed text is lost."""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape

import pytest
from flask import Flask
from flask.testing import FlaskClient

from console.errors import refusal
from console.session import Session

Reader = Callable[..., tuple[FlaskClient, Session]]
SAME = {"Sec-Fetch-Site": "same-origin"}
LANGUAGES = [("zh", "zh-CN", "重试"), ("en", "en", "Try again")]


def hidden(page: str) -> dict[str, str]:
    """Return the hidden fields of the forms in the page's main part, without those of the header and footer."""
    main = page.partition("<main")[2].partition("</main>")[0]
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', main)
    return {unescape(name): unescape(value) for name, value in found}


@pytest.mark.parametrize(("language", "tag", "again"), LANGUAGES)
def test_a_page_whose_api_is_away_says_so_and_offers_to_try_again(
    visitor: FlaskClient, language: str, tag: str, again: str
) -> None:
    answer = visitor.get("/calls?status=open", headers={"Accept-Language": language})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert f'<html lang="{tag}"' in page and page.count("<h1") == 1
    assert re.search(rf'href="/calls\?status=open">{again}<', page)


@pytest.mark.parametrize(("language", "tag", "again"), LANGUAGES)
def test_a_form_that_could_not_be_sent_on_is_kept_and_sent_again_as_it_was(
    reader: Reader, language: str, tag: str, again: str
) -> None:
    # Given a form that is sent while the API is down
    client, session = reader("officer")
    typed = {"csrf": session.csrf, "idempotency_key": "key-1", "digest": "weekly", "email": "<b>yes</b>"}
    answer = client.post("/account/preferences", data=typed, headers={"Accept-Language": language} | SAME)
    page = answer.get_data(as_text=True)
    # Then the error page contains the form's fields, as text, with the same Idempotency-Key, so that the request does not run
    # twice
    assert answer.status_code == 503
    assert f'<html lang="{tag}"' in page and again in page
    assert "<b>yes</b>" not in page
    assert hidden(page) == typed
    # and the form can be sent again from the error page
    assert client.post("/account/preferences", data=hidden(page), headers=SAME).status_code == 503


def test_a_password_is_never_sent_back(visitor: FlaskClient) -> None:
    answer = visitor.post("/login", data={"/username": "someone", "/password": "a long password"}, headers=SAME)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 503
    assert "a long password" not in page and hidden(page) == {}
    assert "请返回上一页" in page


@pytest.mark.parametrize(
    ("status", "zh", "en"),
    [
        (400, "请求有误", "Bad request"),
        (408, "请求有误", "Bad request"),
        (429, "操作过于频繁", "Too many requests"),
        (500, "系统内部错误", "Internal error"),
        (502, "服务暂不可用", "Not available now"),
        (504, "服务暂不可用", "Not available now"),
    ],
)
def test_each_status_has_its_words_in_both_languages(console: Flask, status: int, zh: str, en: str) -> None:
    for language, words in (("zh", zh), ("en", en)):
        with console.test_request_context("/calls", headers={"Accept-Language": language}):
            assert console.preprocess_request() is None
            answer = refusal(status, "", 7 if status == 429 else None)
            page = answer.get_data(as_text=True)
        assert f"<h1>{words}</h1>" in page
        assert answer.headers.get("Retry-After") == ("7" if status == 429 else None)


@pytest.mark.parametrize(("language", "words"), [("zh", "没有找到"), ("en", "Not found")])
def test_an_unknown_page_says_so(visitor: FlaskClient, language: str, words: str) -> None:
    answer = visitor.get("/nowhere", headers={"Accept-Language": language})
    assert answer.status_code == 404
    assert f"<h1>{words}</h1>" in answer.get_data(as_text=True)


@pytest.mark.parametrize(("language", "words"), [("zh", "内容过大"), ("en", "Too large")])
def test_a_form_that_is_too_large_gets_a_page(reader: Reader, language: str, words: str) -> None:
    client, session = reader("officer")
    typed = {"csrf": session.csrf, "digest": "x" * (1 << 20)}
    answer = client.post("/account/preferences", data=typed, headers={"Accept-Language": language} | SAME)
    assert answer.status_code == 413
    assert f"<h1>{words}</h1>" in answer.get_data(as_text=True)


@pytest.mark.parametrize("query", ["q=%FF", "q=%E7%B3", "q=%ED%A0%80", "%FF=1"])
@pytest.mark.parametrize(("language", "title"), [("zh", "输入有误"), ("en", "Invalid input")])
def test_a_query_string_that_is_not_utf_8_is_refused(visitor: FlaskClient, query: str, language: str, title: str) -> None:
    answer = visitor.get(f"/calls?{query}", headers={"Accept-Language": language})
    page = answer.get_data(as_text=True)
    # The page says that the input is invalid, and links to the same page without the query string.
    assert answer.status_code == 422
    assert f">{title}<" in page and 'href="/calls"' in page


def test_a_query_string_in_utf_8_is_sent_on(visitor: FlaskClient) -> None:
    assert visitor.get("/calls?q=%E7%B3%96+%26%25").status_code == 503
