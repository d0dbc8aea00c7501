"""What the public reads without an account, and what caches may keep of it."""

from __future__ import annotations

import pytest

from tests.contract.conftest import Running

API = "/api/v1"


@pytest.mark.parametrize("version", ["current", "guangxi_trial@1"])
def test_the_regulation_is_public_by_clause(running: Running, version: str) -> None:
    # Given a reader without an account
    client = running.app.test_client()
    # When the regulation is read
    read = client.get(f"{API}/policies/{version}/articles")
    body = read.get_json()
    # Then every clause can be linked, and the answer says which language decides
    assert (body["policy"], body["prevailing"], len(body["articles"])) == ("guangxi_trial@1", "zh", 16)
    point = body["articles"][4]["items"][1]["points"][2]
    assert (point["id"], point["anchor"]) == ("A5(2)3", "A5-2-3")
    assert "3000万元" in point["text"]["zh"] and "30 million yuan" in point["text"]["en"]
    # And a cache may keep it
    assert read.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(f"{API}/policies/{version}/articles", headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_no_other_version_has_a_text(running: Running) -> None:
    assert running.app.test_client().get(f"{API}/policies/guangxi_trial@99/articles").status_code == 404
