"""The API names only its configured public address in links: no response contains the host of a client's Host header, with or
without a proxy."""

from __future__ import annotations

from typing import Any

import pytest
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.test import Client

from tests.contract.access_table import READERS
from tests.contract.acts import ACTORS
from tests.contract.conftest import Running
from tests.contract.personas import Cast
from tests.contract.routes import document_of, operations
from tests.contract.test_access_table import API, blank

STRANGE = "stranger.invalid"
HEADERS = {"Host": STRANGE, "X-Forwarded-Host": STRANGE, "X-Forwarded-Proto": "https", "Forwarded": f"host={STRANGE}"}


def requests(running: Running) -> list[tuple[str, str, str, Any]]:
    """Return method, path, persona and body of a request for every route of the OpenAPI document."""
    readers = {f"GET {blank(path)}": (path, persona) for path, personas in READERS.items() for persona in personas[:1]}
    acts = {blank(act): (act.partition(" ")[2], body, who) for act, (body, personas) in ACTORS.items() for who in personas[:1]}
    made = []
    for method, path, _ in operations(document_of(running)):
        route = f"{method} {blank(path.removeprefix(API))}"
        if route in readers:
            known, persona = readers[route]
            made.append((method, known, persona, None))
        elif route in acts and route != "POST /accounts/{}/erasure":
            known, body, persona = acts[route]
            made.append((method, known, persona, body))
        else:
            made.append(
                (method, path.removeprefix(API).replace("{", "").replace("}", ""), "operator", {} if method != "GET" else None)
            )
    return made


@pytest.mark.parametrize("behind", [0, 1])
def test_no_answer_names_the_host_that_was_asked_for(running: Running, cast: Cast, behind: int) -> None:
    client = Client(ProxyFix(running.app.wsgi_app, x_for=behind) if behind else running.app)
    named, told = [], 0
    for method, path, persona, body in requests(running):
        headers = HEADERS if persona == "nobody" else HEADERS | {"Authorization": f"Bearer {cast.account(persona).token()}"}
        sent = {"json": _named(body, cast)} if isinstance(body, dict) else {"data": body}
        answer = client.open(f"{API}{path.format_map(cast.things)}", method=method, headers=headers, **sent)
        told += answer.status_code < 400
        if STRANGE in f"{answer.headers} {answer.get_data().decode(errors='replace')}":
            named.append(f"{method} {path}")
    assert told > 25
    assert named == []


def _named(body: dict[str, Any], cast: Cast) -> dict[str, Any]:
    return body | {name: body[name].format_map(cast.things) for name in ("subject", "consortium") if name in body}


@pytest.mark.parametrize("path", ["//docs", "/api/v1//calls", "//stranger.invalid/..//docs", "/docs/"])
def test_the_routers_redirects_stay_here(running: Running, path: str) -> None:
    answer = running.app.test_client().get(path, headers=HEADERS)
    where = answer.headers.get("Location", "/")
    assert where.startswith("/")
    assert not where.startswith("//")


def test_upload_and_download_links_begin_with_the_public_url(running: Running, cast: Cast) -> None:
    lead, public = cast.account("lead"), running.people.server.base
    sent = {"filename": "a.pdf", "kind": "platform_evidence", "size": 9, "sha256": "0" * 64}
    answer = lead.post("/documents", sent | {"subject": f"organisation/{cast.things['organisation']}"}, headers={"Host": STRANGE})
    assert answer["upload"]["url"].startswith(f"{public}{API}/uploads/")
    content = lead.send("GET", f"/documents/{cast.things['document']}/content", headers={"Host": STRANGE})
    assert content.headers["Location"].startswith(f"{public}{API}/downloads/")
