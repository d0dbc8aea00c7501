"""Long answers are compressed for clients that accept it; pages of other origins may call the API only if that is configured."""

from __future__ import annotations

import gzip

import brotli
import pytest
from flask.testing import FlaskClient

from gateway.app import create_app
from services.kernel.messaging.signing import Signer, Verifier, new_key
from services.kernel.settings import Settings
from services.kernel.vault import Vault, new_vault_key

LONG = "/api/v1/asyncapi.json"


def client(**settings: str) -> FlaskClient:
    known = {"identity": None, "signer": Signer("gateway", new_key()), "verifier": Verifier({}), "vault": Vault(new_vault_key())}
    return create_app(None, Settings(**settings), store=None, **known).test_client()  # type: ignore[arg-type]


@pytest.mark.parametrize(("asked", "unpack"), [("br", brotli.decompress), ("gzip", gzip.decompress)])
def test_a_long_answer_is_compressed_as_the_client_takes_it(asked: str, unpack: object) -> None:
    plain = client().get(LONG)
    packed = client().get(LONG, headers={"Accept-Encoding": asked})
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, asked)
    assert unpack(packed.data) == plain.data  # type: ignore[operator]
    assert len(packed.data) * 4 < len(plain.data)
    assert "Accept-Encoding" in packed.headers["Vary"]


def test_a_short_answer_is_sent_as_it_is() -> None:
    assert "Content-Encoding" not in client().get("/healthz", headers={"Accept-Encoding": "br"}).headers


def test_other_origins_are_closed_unless_configured() -> None:
    asked = {"Origin": "https://portal.example", "Access-Control-Request-Method": "GET"}
    assert "Access-Control-Allow-Origin" not in client().options(LONG, headers=asked).headers
    opened = client(cors_origins="https://portal.example, https://other.example")
    assert opened.options(LONG, headers=asked).headers["Access-Control-Allow-Origin"] == "https://portal.example"
    strange = opened.get(LONG, headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in strange.headers
