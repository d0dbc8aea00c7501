"""After a refusal, the typed text is shown again in the fields of its own form, as text, and in no other form."""

from __future__ import annotations

import pytest

from console.refilled import Refilled

FORM = '<form method="post" action="/here">{}</form>'


def refilled(page: str, *typed: tuple[str, str], action: str = "/here", address: str = "/page") -> Refilled:
    found = Refilled(action, address, typed)
    found.feed(page)
    found.close()
    return found


@pytest.mark.parametrize(
    ("field", "filled"),
    [
        ('<input name="a">', '<input name="a" value="x&quot;&gt;&lt;b&gt;">'),
        ('<input name="a" value="old" required>', '<input name="a" required value="x&quot;&gt;&lt;b&gt;">'),
        (
            '<textarea name="a" rows="2">old &amp; &lt;old&gt;</textarea>',
            '<textarea name="a" rows="2">\nx&quot;&gt;&lt;b&gt;</textarea>',
        ),
        ('<input name="b" value="other">', '<input name="b" value="other">'),
        ('<input type="hidden" name="a" value="1">', '<input type="hidden" name="a" value="1">'),
        ('<input type="password" name="a">', '<input type="password" name="a">'),
    ],
)
def test_a_field_gets_its_text(field: str, filled: str) -> None:
    assert refilled(FORM.format(field), ("a", 'x"><b>')).page("") == FORM.format(filled)


def test_choices_are_made_as_they_were() -> None:
    choices = (
        '<select name="s"><option value="1" selected>one</option><option value="2">two</option></select>'
        '<input type="checkbox" name="c" value="yes" checked><input type="checkbox" name="d" value="yes">'
        '<input type="radio" name="r" value="1" checked><input type="radio" name="r" value="2">'
    )
    page = refilled(FORM.format(choices), ("s", "2"), ("d", "yes"), ("r", "2"))
    assert page.page("") == FORM.format(
        '<select name="s"><option value="1">one</option><option value="2" selected>two</option></select>'
        '<input type="checkbox" name="c" value="yes"><input type="checkbox" name="d" value="yes" checked>'
        '<input type="radio" name="r" value="1"><input type="radio" name="r" value="2" checked>'
    )
    assert page.left() == []


def test_fields_of_one_name_get_their_texts_in_order_and_the_rest_is_told() -> None:
    page = refilled(FORM.format('<input name="a"><input name="a">'), ("a", "1"), ("a", "2"), ("a", "3"), ("z", "4"))
    assert page.page("") == FORM.format('<input name="a" value="1"><input name="a" value="2">')
    assert page.left() == ["3", "4"]


def test_only_the_form_that_was_sent_is_filled() -> None:
    others = (
        '<form method="get" action="/here"><input name="a"></form><form method="post" action="/there"><input name="a"></form>'
    )
    page = refilled(others + FORM.format('<input name="a">'), ("a", "x"))
    assert page.page("") == others + FORM.format('<input name="a" value="x">')
    assert not refilled(others, ("a", "x")).found


def test_a_form_without_an_address_posts_to_its_page() -> None:
    page = '<form method="post"><input name="a"></form>'
    assert refilled(page, ("a", "x"), action="/here", address="/here?tab=1").found
    assert not refilled(page, ("a", "x"), action="/here", address="/elsewhere").found


def test_the_rest_of_the_page_is_copied_as_it_is_and_the_notice_comes_first() -> None:
    page = '<!doctype html><!-- a --><p>&amp;&#34;&nbsp;é</p><main id="main">x<br/></main><script src="/a.js" defer></script>'
    assert refilled(page).page("") == page
    assert (
        refilled(page).page("<b>!</b>").startswith('<!doctype html><!-- a --><p>&amp;&#34;&nbsp;é</p><main id="main"><b>!</b>x')
    )
