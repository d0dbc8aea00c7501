"""Values in the form that people read: Beijing time, 万元, articles in the regulation's own words."""

from __future__ import annotations

import pytest

from console.charts import CITIES, shade, tiles
from console.formats import anchor, article, browser, moment, money, month_day, now
from console.forms import body_of, decimal, safe_next, whole, words_of


@pytest.mark.parametrize(
    ("citation", "zh", "en", "place"),
    [
        ("A5(2)3", "第五条第（二）项第3目", "Article 5(2)3", "A5-2-3"),
        ("A14(2)", "第十四条第（二）项", "Article 14(2)", "A14-2"),
        ("A13", "第十三条", "Article 13", "A13"),
    ],
)
def test_an_article_is_cited_in_words(citation: str, zh: str, en: str, place: str) -> None:
    assert (article(citation), article(citation, "en"), anchor(citation)) == (zh, en, place)


def test_an_instant_is_shown_in_beijing_time() -> None:
    assert moment("2026-12-31T16:30:00Z") == "2027-01-01 00:30"


def test_a_day_of_another_year_says_its_year() -> None:
    year = int(now()[:4])
    assert (month_day(f"{year}-11-30"), month_day(f"{year + 1}-01-05")) == ("11-30", f"{year + 1}-01-05")


def test_money_is_shown_in_ten_thousands_with_the_exact_sum_beside_it() -> None:
    assert str(money("30000000.00")) == '<span title="30,000,000.00 元">3,000 万元</span>'
    assert str(money("30000000.00", "en")) == '<span title="30,000,000.00 yuan">¥30,000,000</span>'
    assert str(money("1.00")) == '<span title="1.00 元">0.0001 万元</span>'


def test_the_map_has_all_cities_and_shades_that_grow_with_the_count() -> None:
    found = {tile.code: tile for tile in tiles([{"bureau": "450100", "consortia": 14}, {"bureau": "450200", "consortia": 4}])}
    assert set(found) == set(CITIES) and len(CITIES) == 14
    assert (found["450100"].shade, found["450200"].shade, found["450300"].shade) == (4, 2, 1)
    assert shade(0, 0) == 1


def test_a_form_becomes_the_body_its_names_point_at() -> None:
    form = {"/contact/name": " 张三 ", "/contact/phone": "", "/uscc": "91"}
    names = {"/contact/name": "required", "/contact/phone": "text", "/uscc": "required"}
    assert body_of(form, names) == {"contact": {"name": "张三", "phone": None}, "uscc": "91"}


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example", "/\\elsewhere.example", "x", "", None])
def test_a_login_leads_to_no_other_site(target: str | None) -> None:
    assert safe_next(target) is None
    assert safe_next("/calls?status=open") == "/calls?status=open"


@pytest.mark.parametrize(
    ("text", "value"), [("8", 8), ("８", 8), ("8.50", 8.5), ("8.", 8), (".5", 0.5), ("-1", -1), (None, None)]
)
def test_a_score_that_is_a_number_is_sent_as_one(text: str | None, value: object) -> None:
    assert decimal(text) == value


@pytest.mark.parametrize("text", ["八分", "nan", "sNaN", "Infinity", "1e999999999", "²", "9" * 5000, ""])
def test_what_is_no_number_is_sent_as_it_is_for_the_api_to_refuse(text: str) -> None:
    assert decimal(text) == text
    assert whole(text) == text
    assert body_of({"/places": text}, {"/places": "number"}) == {"places": text or None}


@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0", "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Mobile/15E148 Safari/604.1", "Safari, iPhone"),
        ("Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0", "Firefox, Linux"),
        ("curl/8.5", ""),
        (None, ""),
    ],
)
def test_a_browser_is_called_by_its_name(sent: str | None, shown: str) -> None:
    assert browser(sent) == shown


def test_a_typed_list_is_separated_by_commas_of_either_language() -> None:
    assert words_of("糖业、机器人，新材料, 医药；") == ["糖业", "机器人", "新材料", "医药；"]
    assert words_of(None) == words_of(" ， ") == []
