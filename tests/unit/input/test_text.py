"""Text is cleaned when it enters the platform: prose keeps its punctuation, codes get one spelling, invisible characters are
removed."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.input.text import (
    clean_code,
    clean_line,
    clean_one_time_code,
    clean_paragraphs,
    clean_search,
    clean_username,
    printable,
)

#: A control, a zero-width space, a byte-order mark, a direction override, an isolate, noncharacters, a filler letter, a tag.
INVISIBLE = [
    "\x07",
    "\x9b",
    "\u200b",
    "\ufeff",
    "\u202e",
    "\u2066",
    "\ufffe",
    "\uffff",
    "\U0010ffff",
    "\ud800",
    "\u3164",
    "\U000e0041",
]


@pytest.mark.parametrize("character", INVISIBLE)
def test_what_cannot_be_seen_is_removed_from_every_kind_of_text(character: str) -> None:
    typed = f"{character}糖{character}业{character}"
    assert {clean(typed) for clean in (clean_line, clean_paragraphs, clean_code, clean_search)} == {"糖业"}


@pytest.mark.parametrize("character", INVISIBLE)
def test_what_was_stored_before_leaves_without_what_cannot_be_seen(character: str) -> None:
    assert printable(f" 糖{character}业\r\n ") == " 糖业\n "


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("  糖业  ", "糖业"),
        ("智能\u000b装备", "智能装备"),
        ("关于组建\r\n联合体", "关于组建联合体"),
        ("li\r\nBcc: all@example.cn", "li Bcc: all@example.cn"),
        ("广西（南宁）糖业，甲", "广西（南宁）糖业，甲"),
        ("韦𢙨", "韦𢙨"),
        ("葛\U000e0100城", "葛\U000e0100城"),
    ],
)
def test_a_name_is_one_line_with_its_own_punctuation(typed: str, kept: str) -> None:
    assert clean_line(typed) == kept


def test_prose_keeps_its_paragraphs_and_their_indentation() -> None:
    assert clean_paragraphs("　　第一段。\r\n　　第二段。\x0b末行\u2028完\n\n") == "　　第一段。\n　　第二段。\n末行\n完"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("４５０２００", "450200"),
        (" GXCX—2026—0001 ", "GXCX-2026-0001"),
        ("A14（1）", "A14(1)"),
        ("9145\u20030100", "91450100"),
    ],
)
def test_a_code_has_one_spelling(typed: str, meant: str) -> None:
    assert clean_code(typed) == meant


@pytest.mark.parametrize("typed", ["123456", "123 456", "123\xa0456", "123-456", "１２３４５６", "１２３　４５６", "123–456"])
def test_a_one_time_code_is_read_however_it_is_grouped(typed: str) -> None:
    assert clean_one_time_code(typed) == "123456"


@pytest.mark.parametrize("typed", ["zhang.san", " Zhang.San", "ＺＨＡＮＧ．ＳＡＮ", "zhang\u200b.san", "zhang. san"])
def test_a_user_name_is_compared_without_capitals_blanks_and_width(typed: str) -> None:
    assert clean_username(typed) == "zhang.san"


def test_words_to_look_for_keep_chinese_punctuation_and_full_width_codes_are_found() -> None:
    assert clean_search("ＧＸＣＸ－２０２６") == "GXCX-2026"
    assert clean_search("糖业（广西）") == "糖业（广西）"


@given(st.text())
def test_cleaning_twice_changes_nothing_more_and_leaves_no_control(typed: str) -> None:
    for clean in (clean_line, clean_paragraphs, clean_code, clean_search, clean_username):
        once = clean(typed)
        assert clean(once) == once
        left = {character for character in once if unicodedata.category(character) == "Cc"}
        assert left <= ({"\n", "\t"} if clean is clean_paragraphs else set())
