"""An identity provider's keys are fetched only from its own addresses, and a wrong answer of the provider changes nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from jwt.algorithms import OKPAlgorithm

from gateway.auth import oidc
from gateway.auth.oidc import Issuer
from services.kernel.errors import Unavailable

ABOUT = "/.well-known/openid-configuration"


def published_key(kid: str) -> dict[str, Any]:
    return json.loads(OKPAlgorithm.to_jwk(Ed25519PrivateKey.generate().public_key())) | {"kid": kid, "use": "sig"}


@dataclass
class Website:
    """A real HTTP server on loopback. `pages`: path → (status, body, headers); if the body is None, the connection ends in the
    middle of the answer. `asked`: the requested paths."""

    url: str
    pages: dict[str, tuple[int, str | None, dict[str, str]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def publish(self, *keys: Any, **about: Any) -> None:
        self.pages[ABOUT] = (200, json.dumps({"issuer": self.url, "jwks_uri": f"{self.url}/keys"} | about), {})
        self.pages["/keys"] = (200, json.dumps({"keys": keys}), {})


@pytest.fixture
def site() -> Iterator[Website]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            website.asked.append(self.path)
            status, body, headers = website.pages.get(self.path, (404, "", {}))
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(100 if body is None else len(body.encode())))
            self.end_headers()
            self.wfile.write((body or "{").encode())

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    website = Website(f"http://127.0.0.1:{server.server_address[1]}")
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield website
    server.shutdown()
    server.server_close()


def spoil(site: Website, how: str, folder: Path) -> None:
    """Replace one of the provider's answers by an answer that is wrong in this way."""
    secret = folder / "keys.json"
    secret.write_text(json.dumps({"keys": [published_key("of-a-file")]}))
    site.pages["/elsewhere"] = (200, json.dumps({"keys": [published_key("of-elsewhere")]}), {})
    about = json.loads(site.pages[ABOUT][1] or "")
    wrong: dict[str, dict[str, tuple[int, str | None, dict[str, str]]]] = {
        "redirect": {"/keys": (302, "", {"Location": f"{site.url}/elsewhere"})},
        "broken": {"/keys": (500, "{}", {})},
        "cut off": {"/keys": (200, None, {})},
        "no JSON": {"/keys": (200, "<html>", {})},
        "no object": {"/keys": (200, "[]", {})},
        "no keys": {"/keys": (200, '{"keys": []}', {})},
        "keys of no form": {"/keys": (200, '{"keys": ["x"]}', {})},
        "another issuer": {ABOUT: (200, json.dumps(about | {"issuer": "https://other.example"}), {})},
        "a file": {ABOUT: (200, json.dumps(about | {"jwks_uri": secret.as_uri()}), {})},
        "no address": {ABOUT: (200, json.dumps(about | {"jwks_uri": 7}), {})},
        "no description": {ABOUT: (200, "null", {})},
    }
    site.pages |= wrong[how]


WRONG = (
    "redirect",
    "broken",
    "cut off",
    "no JSON",
    "no object",
    "no keys",
    "keys of no form",
    "another issuer",
    "a file",
    "no address",
    "no description",
)


@pytest.mark.parametrize("how", WRONG)
def test_a_wrong_answer_gives_no_key_and_loses_none(
    site: Website, how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(oidc, "KEYS_AGAIN", -1)
    # Given an issuer whose answer is wrong from the beginning, Then no key is known
    site.publish(published_key("1"))
    spoil(site, how, tmp_path)
    issuer = Issuer(site.url)
    with pytest.raises(Unavailable):
        issuer.candidates("1")
    # When the issuer's answer is right, and later wrong again, Then the known key is kept, and no key from the wrong answer is
    # accepted
    site.publish(published_key("1"))
    assert len(issuer.candidates("1")) == 1
    spoil(site, how, tmp_path)
    assert not issuer.rotated()
    assert len(issuer.candidates("1")) == 1
    assert issuer.candidates("of-elsewhere") == issuer.candidates("of-a-file") == []


def test_the_keys_are_fetched_once_for_all_requests_and_again_for_a_new_key(
    site: Website, monkeypatch: pytest.MonkeyPatch
) -> None:
    site.publish(published_key("1"), published_key("2") | {"use": "enc"})
    issuer = Issuer(site.url)
    # A token that names no key may be signed with any signing key.
    assert len(issuer.candidates("1")) == len(issuer.candidates(None)) == 1
    assert site.asked == [ABOUT, "/keys"]
    site.publish(published_key("3"))
    assert issuer.candidates("3") == []  # The provider was asked a moment ago, so it is not asked again.
    assert site.asked == [ABOUT, "/keys"]
    monkeypatch.setattr(oidc, "KEYS_AGAIN", -1)
    assert len(issuer.candidates("3")) == 1
    assert issuer.candidates("1") == []
    assert site.asked == [ABOUT, "/keys"] * 3


def test_an_issuer_that_is_away_is_asked_once_in_a_while(site: Website) -> None:
    issuer = Issuer(site.url)
    for _ in range(3):
        with pytest.raises(Unavailable):
            issuer.candidates("1")
    assert site.asked == [ABOUT]
