"""Browser tests with Debian's Chromium on an embedded demonstration platform. The fixture `page` requires pages without errors.

A test marked `journey("<role>")` is one of up to three journeys of its role that `make test` runs; `make browser` runs all
others.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn
import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from deploy.demo.client import Account
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import People
from deploy.demo.platform import Embedded, accounts
from deploy.local_services import install
from tests.helpers.openid_provider import CLIENT, SECRET, OpenIdProvider, running

_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir>
<alias><family>sans-serif</family><prefer><family>Noto Sans SC</family></prefer></alias></fontconfig>
"""


#: The code of the city, Liuzhou, whose officers and chief act in the journeys.
CITY = "450200"
#: The highest number of journeys of one role that may be marked for `make test`, which must stay within its planned duration.
MOST_JOURNEYS = 3


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the tests that only `make browser` runs. Raises UsageError if more than MOST_JOURNEYS journeys of one role are marked
    for `make test`."""
    roles: Counter[str] = Counter()
    for item in items:
        if not item.path.is_relative_to(Path(__file__).parent):
            continue
        journey = item.get_closest_marker("journey")
        if journey is None:
            item.add_marker(pytest.mark.browser)
        else:
            roles[journey.args[0]] += 1
    if crowded := [role for role, count in roles.items() if count > MOST_JOURNEYS]:
        raise pytest.UsageError(f"more than {MOST_JOURNEYS} journeys of {', '.join(crowded)} are marked for `make test`")


@pytest.fixture(scope="session")
def provider() -> Iterator[OpenIdProvider]:
    """Yield the identity provider for single sign-on at the platform; it knows one person, an officer of Liuzhou."""
    claims = {"preferred_username": "qin", "name": "覃统一", "roles": ["officer"], "bureau": CITY}
    with running({"sso-officer": claims}) as provider:
        yield provider


@pytest.fixture(scope="session")
def people(tmp_path_factory: pytest.TempPathFactory, provider: OpenIdProvider) -> Iterator[People]:
    """Yield the accounts of a demonstration platform that only this run of the tests uses."""
    folder = tmp_path_factory.mktemp("console")
    single_sign_on = {
        "GUICHUANG_OIDC_ISSUER": provider.url,
        "GUICHUANG_OIDC_CLIENT": CLIENT,
        "GUICHUANG_OIDC_SECRET": SECRET,
    }
    with Embedded(folder, GUICHUANG_RATE_LIMIT="0", **single_sign_on) as platform:
        provider.redirect_uris.add(f"{platform.server.base}/login/sso/callback")
        yield People(platform.server, accounts(folder))


@pytest.fixture(scope="session")
def base_url(people: People) -> str:
    return people.server.base


@pytest.fixture(scope="session")
def browser_type_launch_args(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return the options for starting Debian's Chromium with the fonts of a locked package, so that screenshots look alike on
    every machine."""
    install.ensure()
    folder = tmp_path_factory.mktemp("fonts")
    config = folder / "fonts.conf"
    config.write_text(_FONTS.format(fonts=Path(pylopdf_fonts_zh_cn.__file__).parent, cache=folder / "cache"))
    return {
        "executable_path": "/usr/bin/chromium",
        "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"],
        "env": os.environ | {"FONTCONFIG_FILE": str(config)},
    }


@pytest.fixture(scope="session")
def browser_context_args(base_url: str) -> dict[str, Any]:
    return {"base_url": base_url, "locale": "zh-CN", "timezone_id": "Asia/Shanghai", "viewport": {"width": 1440, "height": 900}}


@pytest.fixture
def page(context: BrowserContext) -> Iterator[Page]:
    """Yield a browser page. The test fails at its end if a script of the page failed, a resource was missing or the content
    policy was violated."""
    faults: list[str] = []

    def heard(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not _expected(message):
            faults.append(f"{message.type}: {message.text} ({message.location.get('url')})")

    page = context.new_page()
    page.on("console", heard)
    page.on("pageerror", lambda error: faults.append(f"script: {error}"))
    yield page
    assert faults == []


@pytest.fixture
def other(browser: Browser, base_url: str) -> Iterator[Page]:
    """Yield a page in the browser of a second person, with cookies of its own."""
    context = browser.new_context(base_url=base_url, locale="zh-CN", viewport={"width": 1440, "height": 900})
    yield context.new_page()
    context.close()


@pytest.fixture
def plain(browser: Browser, base_url: str) -> Iterator[Page]:
    """Yield a page in a browser without JavaScript."""
    context = browser.new_context(base_url=base_url, locale="zh-CN", java_script_enabled=False)
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def call(people: People) -> str:
    """Return the id of an open call."""
    id: str = open_call(people)["id"]
    return id


@pytest.fixture
def case(people: People, call: str) -> Formation:
    """Return an application that waits for its city's opinion."""
    made = Formation.complete(people, call)
    made.submit()
    made.review(CITY, "recommendation")
    return made


def _expected(message: ConsoleMessage) -> bool:
    """Return whether a message in the browser's console is expected. Chromium reports each response with status 4xx and each
    connection that a test breaks; the tests themselves check what the pages show in these cases."""
    return message.text.startswith(
        (
            "Failed to load resource: the server responded with a status of 4",
            "Failed to load resource: net::ERR_FAILED",
            "Failed to load resource: net::ERR_INTERNET_DISCONNECTED",
        )
    )


def entry(people: People, role: str) -> dict[str, Any]:
    """Return the first entry with this role in the list of demonstration accounts; the entry contains the password."""
    return next(one for one in people.listed if role in one["roles"])


def log_in(page: Page, account: dict[str, Any]) -> None:
    """Log in through the login form, as a person does."""
    page.goto("/login")
    page.get_by_label("账号", exact=True).fill(account["username"])
    page.get_by_label("密码", exact=True).fill(account["password"])
    page.get_by_role("main").get_by_role("button", name="登录", exact=True).click()
    page.wait_for_url("**/todo")


def enter(page: Page, account: Account) -> None:
    """Log in with an account that the test created."""
    log_in(page, {"username": account.username, "password": account.password})


def told(value: Any) -> str:
    """Return a value as indented JSON, for the message of a failed assertion."""
    return json.dumps(value, ensure_ascii=False, indent=1)
