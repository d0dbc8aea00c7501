"""Login and logout at the identity provider for single sign-on (统一身份认证)."""

from __future__ import annotations

import re

from playwright.sync_api import Page, expect

from tests.helpers.openid_provider import OpenIdProvider


def log_in_at_the_provider(page: Page, subject: str) -> None:
    page.get_by_role("link", name=subject).click()


def test_a_person_logs_in_at_the_provider_and_out_of_both(page: Page, provider: OpenIdProvider) -> None:
    # Given a visitor who opens a page that needs a login
    page.goto("/phrases")
    page.get_by_role("link", name="用统一身份登录").click()
    # When the person logs in at the identity provider
    expect(page).to_have_url(re.compile(re.escape(provider.url)))
    log_in_at_the_provider(page, "sso-officer")
    # Then the page opens, for the account that belongs to the person's identity at the provider
    page.wait_for_url("**/phrases")
    expect(page.get_by_text("覃统一").first).to_be_visible()
    assert page.evaluate("document.cookie") == ""
    # When the person logs out of the platform and then of the provider
    page.get_by_role("button", name="退出").first.click()
    expect(page.get_by_text("您已退出本平台")).to_be_visible()
    page.get_by_role("link", name="退出统一身份认证").click()
    # Then the provider shows that the person is logged out
    expect(page.get_by_role("heading", name="Logged out")).to_be_visible()


def test_a_person_who_cancels_can_try_again(page: Page, provider: OpenIdProvider) -> None:
    page.goto("/login")
    page.get_by_role("link", name="用统一身份登录").click()
    page.get_by_role("link", name="cancel").click()
    expect(page.get_by_role("main")).to_contain_text("您在统一身份认证取消了登录")
    page.get_by_role("link", name="用统一身份登录").click()
    log_in_at_the_provider(page, "sso-officer")
    page.wait_for_url("**/todo")


def test_it_works_without_a_script(plain: Page, provider: OpenIdProvider) -> None:
    plain.goto("/login")
    plain.get_by_role("link", name="用统一身份登录").click()
    log_in_at_the_provider(plain, "sso-officer")
    plain.wait_for_url("**/todo")
    # When the session ends while the person fills in a form, and the person sends the form
    plain.goto("/phrases")
    plain.locator("[name=phrase]").last.fill("单点登录后继续。")
    plain.context.clear_cookies(name="guichuang")
    plain.get_by_role("main").get_by_role("button", name="保存").click()
    # Then the person can log in at the provider in a second window and send the form again from the first window
    with plain.context.expect_page() as opened:
        plain.get_by_role("link", name="用统一身份登录（新窗口）").click()
    log_in_at_the_provider(opened.value, "sso-officer")
    opened.value.wait_for_url("**/todo")
    plain.get_by_role("button", name="已登录，继续提交").click()
    plain.wait_for_url("**/phrases?done=1")
    expect(plain.locator("[name=phrase]").first).to_have_value("单点登录后继续。")


def test_the_dialog_of_an_ended_session_leads_to_the_provider_and_the_page_stays(page: Page, provider: OpenIdProvider) -> None:
    page.clock.install()
    page.goto("/login")
    page.get_by_role("link", name="用统一身份登录").click()
    log_in_at_the_provider(page, "sso-officer")
    page.goto("/phrases")
    page.locator("[name=phrase]").last.fill("对话框之后。")
    # Given a person with typed text in a form, whose session has ended, so that the page shows a dialog
    page.context.clear_cookies(name="guichuang")
    page.clock.fast_forward(1_810_000)
    dialog = page.locator("#again")
    expect(dialog.get_by_role("link", name="用统一身份登录（新窗口）")).to_be_focused()
    # When the person presses the dialog's button before a new login, then the dialog says that a login is needed first
    dialog.get_by_role("button", name="继续").click()
    expect(dialog.get_by_role("alert")).to_have_text("还没有登录，请先在新窗口登录。")
    # When the person logs in at the provider in a second window and presses the dialog's button again
    with page.context.expect_page() as opened:
        dialog.get_by_role("link", name="用统一身份登录（新窗口）").click()
    log_in_at_the_provider(opened.value, "sso-officer")
    opened.value.wait_for_url("**/todo")
    dialog.get_by_role("button", name="继续").click()
    expect(dialog).to_be_hidden()
    # Then the first window's form, with the typed text, can be saved in the new session
    page.get_by_role("main").get_by_role("button", name="保存").click()
    page.wait_for_url("**/phrases?done=1")
