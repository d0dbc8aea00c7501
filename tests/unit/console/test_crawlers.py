"""Search engines may read the public pages, and are excluded from all others."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient


def test_robots_are_kept_off_the_api_and_off_pages_of_accounts(visitor: FlaskClient) -> None:
    answer = visitor.get("/robots.txt", headers={"Host": "elsewhere.example"})
    lines = answer.get_data(as_text=True).splitlines()
    assert answer.content_type == "text/plain; charset=utf-8"
    assert {"Disallow: /api/", "Disallow: /account", "Disallow: /applications", "Disallow: /login"} <= set(lines)
    assert lines[-1] == "Sitemap: https://guichuang.example/sitemap.xml"
    barred = [line.removeprefix("Disallow: ") for line in lines if line.startswith("Disallow")]
    for path in ("/", "/calls/1", "/register", "/publicity", "/certificates", "/regulation"):
        assert not [start for start in barred if path.startswith(start)], path


def test_the_icon_is_found_under_its_usual_name(visitor: FlaskClient) -> None:
    answer = visitor.get("/favicon.ico", follow_redirects=True)
    assert (answer.status_code, answer.content_type) == (200, "image/svg+xml")


@pytest.mark.parametrize("path", ["/robots.txt", "/favicon.ico"])
def test_files_for_machines_need_no_session(visitor: FlaskClient, path: str) -> None:
    assert "Set-Cookie" not in visitor.get(path).headers
