"""Login: with a second factor, by keyboard alone, without JavaScript."""

from __future__ import annotations

from pathlib import Path

import pyotp
import pytest
from playwright.sync_api import Browser, Page, expect

from deploy.demo.people import People
from tests.browser.conftest import entry, log_in


@pytest.mark.journey("visitor")
def test_a_second_factor_is_switched_on_and_asked_for_at_the_next_login(page: Page, people: People) -> None:
    # Given a new account that has logged in with its password
    account = people.new(["auditor"], name="审计员")
    log_in(page, {"username": account.username, "password": account.password})
    # When the person switches on the second factor, with the secret that the page shows beside the QR code
    page.goto("/account")
    page.locator("#sf-password").fill(account.password)
    page.get_by_role("button", name="启用两步验证").click()
    expect(page.locator("svg[width]").first).to_be_visible()
    secret = page.locator("code").inner_text()
    page.get_by_role("main").get_by_label("验证码").fill(pyotp.TOTP(secret).now())
    page.get_by_role("button", name="确认启用").click()
    # Then the page shows the recovery codes once, and the next login requires a code of the second factor
    codes = page.locator("main code").all_inner_texts()
    assert len(codes) >= 8
    page.get_by_role("button", name="退出").first.click()
    page.goto("/login")
    page.get_by_label("账号", exact=True).fill(account.username)
    page.get_by_label("密码", exact=True).fill(account.password)
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    expect(page.get_by_role("main").get_by_label("验证码")).to_be_visible()
    page.get_by_label("密码", exact=True).fill(account.password)
    page.get_by_role("main").get_by_label("验证码").fill(codes[0])
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/todo")


@pytest.mark.journey("visitor")
def test_a_demonstration_account_is_one_click_away(page: Page) -> None:
    page.goto("/login")
    page.locator("summary", has_text="专家").click()
    page.locator("button[value='expert-1']").click()
    page.wait_for_url("**/todo")
    expect(page.get_by_text("评审专家1").first).to_be_visible()


def test_the_form_can_be_filled_in_by_keyboard_alone(page: Page, people: People) -> None:
    account = entry(people, "officer")
    page.goto("/login")
    for _ in range(40):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.id") == "f-username":
            break
    page.keyboard.type(account["username"])
    page.keyboard.press("Tab")
    page.keyboard.type(account["password"])
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid", "the focus must be visible"
    page.keyboard.press("Enter")
    page.wait_for_url("**/todo")


def test_logging_in_and_out_needs_no_script(browser: Browser, base_url: str, people: People) -> None:
    context = browser.new_context(base_url=base_url, java_script_enabled=False, locale="zh-CN")
    page = context.new_page()
    log_in(page, entry(people, "officer"))
    page.get_by_role("button", name="退出").first.click()
    page.wait_for_url(f"{base_url}/")
    page.goto("/account")
    assert "/login" in page.url
    context.close()


def test_the_session_cookie_is_out_of_reach_of_scripts(page: Page, people: People) -> None:
    log_in(page, entry(people, "officer"))
    [cookie] = [one for one in page.context.cookies() if one["name"] == "guichuang"]
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert "guichuang" not in page.evaluate("document.cookie")


def test_a_page_prints_without_menus(page: Page, people: People, tmp_path: Path) -> None:
    page.goto("/regulation")
    page.emulate_media(media="print")
    assert not page.locator(".topbar").is_visible()
    assert page.pdf(path=tmp_path / "page.pdf")[:4] == b"%PDF"
