"""Telephone numbers and e-mail addresses of people: normalised to one spelling, and masked so that short ones are hidden too."""

from __future__ import annotations

import pytest

from services.input.contact import masked_email, masked_phone, parse_email, parse_phone


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("0771-5886000转8001", "0771-5886000转8001"),
        ("0771－5886000 转 8001", "0771-5886000转8001"),
        ("（0771）5886000 分机8001", "0771-5886000转8001"),
        ("0771-5886000 ext. 8001", "0771-5886000转8001"),
        (" 13900000000", "13900000000"),
        ("０７７１－５８８６０００", "0771-5886000"),
        ("0771—5886000", "0771-5886000"),
        ("+86 139 0000 0000", "+86 139 0000 0000"),
        ("139\u200b00000000", "13900000000"),
    ],
)
def test_a_number_keeps_what_leads_to_the_person(typed: str, kept: str) -> None:
    assert parse_phone(typed) == kept


@pytest.mark.parametrize("typed", ["", "1----", "none", "1390000000000000000000000", "0771-5886000转8001转2", "１２３"])
def test_what_nobody_can_call_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_phone(typed)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("o'brien@example.org", "o'brien@example.org"),
        ("a＠example.org", "a@example.org"),
        ("a@example.org\u200b", "a@example.org"),
        (" Zhang.San+x@Example.ORG ", "Zhang.San+x@example.org"),
        ("li@例子.中国", "li@xn--fsqu00a.xn--fiqs8s"),
    ],
)
def test_an_address_is_taken_as_mail_servers_take_it(typed: str, kept: str) -> None:
    assert parse_email(typed) == kept


@pytest.mark.parametrize(
    "typed",
    [
        "a",
        "a@b",
        "a..b@example.org",
        ".a@example.org",
        "a.@example.org",
        "a b@example.org",
        "a@-b.org",
        "a@b..org",
        "a@127.0.0.1",
        "a@1.2",
        "张@example.org",
        "a@example.org,b@example.org",
        "a@example.org\nBcc: b@example.org",
        f"{'a' * 65}@example.org",
    ],
)
def test_an_address_that_no_mail_reaches_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):
        parse_email(typed)


def test_phones_and_mails_are_masked() -> None:
    assert masked_phone("13812345678") == "138****78"
    assert masked_email("zhang@example.cn") == "z***@example.cn"
    assert (masked_phone(None), masked_email(None)) == (None, None)


@pytest.mark.parametrize("short", ["", "1", "12345", "95598", "5886000", "58860001"])
def test_of_a_short_number_nothing_is_shown(short: str) -> None:
    assert masked_phone(short) == "****"


def test_an_extension_and_a_short_name_are_not_shown() -> None:
    assert masked_phone("0771-5886000转8001") == "077****00"
    assert masked_email("a@example.cn") == masked_email("ab@example.cn") == "***@example.cn"
