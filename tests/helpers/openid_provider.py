"""A small OpenID Connect provider for tests: it serves real HTTP on loopback, signs with RS256 and accepts each authorization
code once.

`oidc-provider-mock` accepts every client and every code. The tests of the authorization code flow need a provider that refuses
wrong clients and codes, and that a test can make answer wrongly.
"""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from html import escape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlencode, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm

#: The client id that the provider accepts, and the default client secret.
CLIENT, SECRET = "guichuang-console", "a secret of the tests / with + and ="


@dataclass
class OpenIdProvider:
    """An OpenID Connect provider. `people` maps a subject to the claims of that person. `changed` replaces claims in the ID
    tokens issued from then on, `signer` is the key that signs them, and `broken`, if not 0, is the HTTP status of an error that
    the token endpoint answers instead of a token."""

    url: str
    people: dict[str, dict[str, Any]]
    redirect_uris: set[str] = field(default_factory=set)
    signer: rsa.RSAPrivateKey = field(default_factory=lambda: rsa.generate_private_key(65537, 2048))
    changed: dict[str, Any] = field(default_factory=dict)
    broken: int = 0
    secret: str = SECRET
    about: dict[str, Any] = field(default_factory=dict)
    #: Authorization code → the parameters of its authorization request, and the person's subject.
    codes: dict[str, dict[str, str]] = field(default_factory=dict)
    #: The path and query string of every request that the provider received, in order.
    requested: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.published = RSAAlgorithm.to_jwk(self.signer.public_key(), as_dict=True) | {"kid": "k1", "use": "sig"}

    def grant(self, subject: str, **asked: str) -> str:
        """Return a code for an authorization request with the parameters `asked`, as if the person had logged in in a browser."""
        code = secrets.token_urlsafe(24)
        self.codes[code] = asked | {"subject": subject}
        return code

    def configuration(self) -> dict[str, Any]:
        described = {
            "issuer": self.url,
            "authorization_endpoint": f"{self.url}/authorize",
            "token_endpoint": f"{self.url}/token",
            "jwks_uri": f"{self.url}/keys",
            "end_session_endpoint": f"{self.url}/logout",
            "authorization_response_iss_parameter_supported": True,
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        }
        return described | self.about

    def exchange(self, form: dict[str, str], authorization: str) -> tuple[int, dict[str, Any]]:
        if self.broken:
            return self.broken, {"error": "server_error"}
        if not self._knows_client(form, authorization):
            return 401, {"error": "invalid_client"}
        asked = self.codes.pop(form.get("code", ""), None)
        if asked is None or form.get("redirect_uri") != asked["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        digest = hashlib.sha256(form.get("code_verifier", "").encode()).digest()
        if base64.urlsafe_b64encode(digest).decode().rstrip("=") != asked["code_challenge"]:
            return 400, {"error": "invalid_grant"}
        now = int(time.time())
        claims = self.people[asked["subject"]] | {
            "iss": self.url,
            "sub": asked["subject"],
            "aud": asked["client_id"],
            "nonce": asked["nonce"],
            "iat": now,
            "exp": now + 300,
        }
        claims = {name: value for name, value in (claims | self.changed).items() if value is not None}
        token = jwt.encode(claims, self.signer, algorithm="RS256", headers={"kid": "k1"})
        return 200, {"id_token": token, "access_token": "opaque", "token_type": "Bearer"}

    def _knows_client(self, form: dict[str, str], authorization: str) -> bool:
        if not self.secret:
            return form.get("client_id") == CLIENT and not authorization
        if authorization.startswith("Basic "):
            name, _, word = base64.b64decode(authorization[6:]).decode().partition(":")
            return (unquote(name), unquote(word)) == (CLIENT, self.secret)
        return (form.get("client_id"), form.get("client_secret")) == (CLIENT, self.secret)


@contextmanager
def running(people: dict[str, dict[str, Any]]) -> Iterator[OpenIdProvider]:
    """Run a provider on a free port of this machine until the block ends."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            provider.requested.append(self.path)
            where = urlsplit(self.path)
            asked = {name: values[0] for name, values in parse_qs(where.query).items()}
            if where.path == "/.well-known/openid-configuration":
                self._json(200, provider.configuration())
            elif where.path == "/keys":
                self._json(200, {"keys": [provider.published]})
            elif where.path == "/authorize":
                self._login(asked)
            elif where.path == "/granted":
                self._granted(asked)
            elif where.path == "/logout":
                self._page("<h1>Logged out</h1>")
            else:
                self._json(404, {})

        def do_POST(self) -> None:
            provider.requested.append(self.path)
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            self._json(*provider.exchange(form, self.headers.get("Authorization", "")))

        def _login(self, asked: dict[str, str]) -> None:
            """Answer with the provider's login page: a link for each person, and a link that cancels the login."""
            if asked.get("redirect_uri") not in provider.redirect_uris or asked.get("client_id") != CLIENT:
                return self._json(400, {"error": "invalid_request"})
            links = [
                f'<p><a href="/granted?{escape(urlencode(asked | {"subject": subject}))}">{escape(subject)}</a></p>'
                for subject in provider.people
            ]
            refusal = urlencode(asked | {"error": "access_denied"})
            return self._page(f'<h1>Login</h1>{"".join(links)}<p><a href="/granted?{escape(refusal)}">cancel</a></p>')

        def _granted(self, asked: dict[str, str]) -> None:
            back = {"state": asked["state"], "iss": provider.url}
            if "error" in asked:
                back["error"] = asked["error"]
            else:
                back["code"] = provider.grant(asked.pop("subject"), **asked)
            self.send_response(303)
            self.send_header("Location", f"{asked['redirect_uri']}?{urlencode(back)}")
            self.send_header("Content-Length", "0")
            self.end_headers()

        def _page(self, content: str) -> None:
            self._sent(200, "text/html", f'<!doctype html><title>p</title><link rel="icon" href="data:,">{content}'.encode())

        def _json(self, status: int, document: Any) -> None:
            self._sent(status, "application/json", json.dumps(document).encode())

        def _sent(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider = OpenIdProvider(f"http://127.0.0.1:{server.server_port}", people)
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield provider
        server.shutdown()
