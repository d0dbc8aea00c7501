"""Two confirmations work by keyboard alone: the dialog of a session that ends, and the confirmation of a save that makes the
members' confirmations invalid."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page, expect

from deploy.demo.formation import Formation, open_call
from deploy.demo.people import People
from tests.browser.conftest import enter


@pytest.fixture(scope="module")
def case(people: People) -> Formation:
    """Return an application that every member has confirmed."""
    return Formation.complete(people, open_call(people)["id"])


def press_to(page: Page, selector: str, key: str = "Tab") -> None:
    """Press the key until an element that matches the selector has the focus. The focus must never be lost, and must be visible
    at the element."""
    for _ in range(80):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.tagName") != "BODY"
        if page.evaluate("chosen => document.activeElement.matches(chosen)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_a_session_that_ended_is_taken_up_again_by_keyboard(page: Page, case: Formation) -> None:
    # Given a lead whose session ends while the lead fills in a form, so that the page shows a dialog for a new login
    enter(page, case.lead)
    page.goto(f"/applications/{case.id}/form/basics")
    press_to(page, "#f-research_direction")
    page.context.clear_cookies(name="guichuang")
    page.keyboard.press("End")
    page.keyboard.type("，键盘所写")
    dialog = page.locator("#again")
    expect(dialog).to_be_visible(timeout=10_000)
    # When the lead presses Escape, then the dialog stays, with the focus in the password field
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("密码")).to_be_focused()
    # and the Tab key does not move the focus to the page behind the dialog
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#again')")
    dialog.get_by_label("密码").focus()
    page.keyboard.type(case.lead.password)
    page.keyboard.press("Enter")
    # Then, after the login in the dialog, the focus is back in the field, which still has the typed text
    expect(dialog).to_be_hidden()
    expect(page.locator("#f-research_direction")).to_be_focused()
    expect(page.locator("#f-research_direction")).to_have_value(re.compile("，键盘所写$"))


def test_a_warning_before_the_end_is_answered_by_keyboard(page: Page, case: Formation) -> None:
    # Given a lead whose session has two minutes left, so that the page shows a warning
    page.clock.install()
    enter(page, case.lead)
    page.goto("/todo")
    page.clock.fast_forward(1_690_000)
    dialog = page.locator("#again")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button")).to_be_focused()
    # When the lead extends the session with the Enter key
    page.keyboard.press("Enter")
    # Then the dialog closes and the session continues
    expect(dialog).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")


def test_what_voids_confirmations_is_confirmed_by_keyboard(page: Page, case: Formation) -> None:
    # Given a lead who changes the operating systems in an application that the members have confirmed
    enter(page, case.lead)
    page.goto(f"/applications/{case.id}/form/systems")
    press_to(page, "textarea")
    page.keyboard.type("补充：")
    press_to(page, "button[name=do][value=save]:not(.visually-hidden)")
    page.keyboard.press("Enter")
    # When the page warns that the members' confirmations become invalid, then the warning has the focus, and the lead confirms by
    # keyboard
    expect(page.locator("[data-focus]")).to_be_focused()
    press_to(page, "input[name=sure]")
    page.keyboard.press("Space")
    press_to(page, "button[name=do][value=save]:not(.visually-hidden)")
    page.keyboard.press("Enter")
    # Then the form is saved
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    assert "补充：" in str(case.read()["operating_systems"])
