"""The dialog of a session that ends works by keyboard alone, and so does the confirmation of a binding action."""

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
    """Press the key until the element has the focus. The focus must be visible at every step and never be lost."""
    for _ in range(80):
        page.keyboard.press(key)
        assert page.evaluate("document.activeElement.tagName") != "BODY"
        if page.evaluate("chosen => document.activeElement.matches(chosen)", selector):
            assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") == "solid"
            return
    raise AssertionError(f"{selector} cannot be reached by keyboard")


def test_a_session_that_ended_is_taken_up_again_by_keyboard(page: Page, case: Formation) -> None:
    # Given a form whose session ends while it is being filled in
    enter(page, case.lead)
    page.goto(f"/applications/{case.id}/form/basics")
    press_to(page, "#f-research_direction")
    page.context.clear_cookies(name="guichuang")
    page.keyboard.press("End")
    page.keyboard.type("，键盘所写")
    dialog = page.locator("#again")
    expect(dialog).to_be_visible(timeout=10_000)
    # When the reader presses Escape, the dialog stays, with the focus in the password field
    page.keyboard.press("Escape")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("密码")).to_be_focused()
    # and the Tab key does not move the focus out of the dialog
    for _ in range(4):
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement === document.body || !!document.activeElement.closest('#again')")
    dialog.get_by_label("密码").focus()
    page.keyboard.type(case.lead.password)
    page.keyboard.press("Enter")
    # Then the page is unchanged, and the focus is back in the field where the reader typed
    expect(dialog).to_be_hidden()
    expect(page.locator("#f-research_direction")).to_be_focused()
    expect(page.locator("#f-research_direction")).to_have_value(re.compile("，键盘所写$"))


def test_a_warning_before_the_end_is_answered_by_keyboard(page: Page, case: Formation) -> None:
    # Given a page whose session has two minutes left
    page.clock.install()
    enter(page, case.lead)
    page.goto("/todo")
    page.clock.fast_forward(1_690_000)
    dialog = page.locator("#again")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_role("button")).to_be_focused()
    # When the reader extends the session, using only the keyboard
    page.keyboard.press("Enter")
    # Then the dialog closes and the session continues
    expect(dialog).to_be_hidden()
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("待办")


def test_what_voids_confirmations_is_confirmed_by_keyboard(page: Page, case: Formation) -> None:
    # Given a change of the operating systems in an application that the members have confirmed
    enter(page, case.lead)
    page.goto(f"/applications/{case.id}/form/systems")
    press_to(page, "textarea")
    page.keyboard.type("补充：")
    press_to(page, "button[name=do][value=save]:not(.visually-hidden)")
    page.keyboard.press("Enter")
    # When the page names the members whose confirmation becomes invalid, then the notice has the focus
    expect(page.locator("[data-focus]")).to_be_focused()
    press_to(page, "input[name=sure]")
    page.keyboard.press("Space")
    press_to(page, "button[name=do][value=save]:not(.visually-hidden)")
    page.keyboard.press("Enter")
    # Then the form is saved
    expect(page.locator("[data-saved]")).to_contain_text("已保存")
    assert "补充：" in str(case.read()["operating_systems"])
