"""A real OpenID Connect provider in a separate process, and logins at it that follow the steps of a browser."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import urllib3

from deploy.local_services.local_service import free_ports
from deploy.local_services.process import Process

_BACK = "http://127.0.0.1/back"
_http = urllib3.PoolManager(retries=False)


class IdentityProvider:
    """A provider whose port stays the same over restarts; each start creates a new signing key."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = free_ports(("http",))["http"]
        self.issuer = f"http://127.0.0.1:{self.port}"
        self._process = Process("provider", folder)

    def start(self, *people: dict[str, Any], lasts: int = 3600) -> None:
        """Start the provider with these people; their tokens are valid for `lasts` seconds."""
        users = [word for person in people for word in ("--user-claims", json.dumps(person))]
        command = [str(Path(sys.executable).with_name("oidc-provider-mock")), "--port", str(self.port)]
        self._process.start([*command, f"--token-max-age={lasts}", *users], os.environ)
        self._process.wait_until(self._ready, 90)

    def stop(self) -> None:
        self._process.stop()

    def token(self, who: str, *, client: str = "guichuang") -> str:
        """Log a person in at the provider for a client, by the authorization code flow; return the ID token."""
        asked = {"client_id": client, "redirect_uri": _BACK, "response_type": "code", "scope": "openid profile email"}
        answer = _http.request("POST", f"{self.issuer}/oauth2/authorize?{urlencode(asked)}", fields={"sub": who}, redirect=False)
        code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
        given = {"grant_type": "authorization_code", "code": code, "redirect_uri": _BACK, "client_id": client}
        answer = _http.request(
            "POST", f"{self.issuer}/oauth2/token", fields=given | {"client_secret": "x"}, encode_multipart=False
        )
        return str(json.loads(answer.data)["id_token"])

    def _ready(self) -> bool:
        try:
            return _http.request("GET", f"{self.issuer}/.well-known/openid-configuration").status == 200
        except urllib3.exceptions.HTTPError:
            return False
