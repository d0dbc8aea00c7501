"""Login of people at the identity provider: the authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636).

The client (the console) sends the browser to the provider and gets the authorization code back. The gateway exchanges the code,
verifies the ID token and opens a session of this platform, so that no token of the provider reaches a browser.
"""

from __future__ import annotations

import hmac
import json
import logging
import threading
from typing import TypedDict
from urllib.parse import quote

import urllib3

from gateway.auth.oidc import PATIENCE, Provider, ProviderClaims, away
from gateway.identity.answers import Login
from services.contracts.gateway.answers import SingleSignOnDict
from services.kernel.errors import DomainError, NotFound, Unauthenticated
from services.kernel.identity import NOBODY
from services.kernel.messaging.rpc import Caller

#: The scopes that the provider is asked for.
SCOPES = "openid profile email"
#: The number of codes that one process may exchange concurrently. A slow provider must not occupy every thread of the server.
AT_ONCE = 4
#: The largest accepted answer of the provider's token endpoint, in bytes.
LARGEST_ANSWER = 256 * 1024

log = logging.getLogger(__name__)


class TokenResponse(TypedDict, total=False):
    """The members of the token endpoint's answer that the gateway reads. Their values are not checked yet, so they can have any
    type."""

    id_token: object
    error: object


class CodeLogin:
    """Exchanges authorization codes of one client at the provider for sessions of this platform. `secret` is empty for a public
    client."""

    def __init__(self, provider: Provider, client: str, secret: str, identity: Caller) -> None:
        self._provider = provider
        self._client = client
        self._secret = secret
        self._identity = identity
        self._http = urllib3.PoolManager(retries=False, timeout=PATIENCE)
        self._free = threading.BoundedSemaphore(AT_ONCE)

    def request(self) -> SingleSignOnDict:
        """Return the parameters of an authorization request that are the same for every login. Raises Unavailable if the
        provider's description could never be read."""
        about = self._provider.issuer.about()
        if not str(about.get("authorization_endpoint", "")).startswith(("https://", "http://")):
            log.error("the identity provider names no authorization endpoint")
            raise away()
        return {
            "issuer": self._provider.issuer.name,
            "client_id": self._client,
            "authorization_endpoint": about["authorization_endpoint"],
            "scope": SCOPES,
            "end_session_endpoint": _browser_url(about.get("end_session_endpoint")),
            "issuer_in_response": about.get("authorization_response_iss_parameter_supported") is True,
        }

    def open_session(self, code: str, verifier: str, redirect_uri: str, nonce: str, client: str | None, seconds: int) -> Login:
        """Exchange a code and open a session of the account that the ID token names. `client` is the browser's name for the list
        of sessions, `seconds` the lifetime of the first token. Raises Unauthenticated if the provider refuses the code, if the ID
        token is not for this login, or if its claims form no account; Unavailable if the provider cannot be reached."""
        if not self._free.acquire(blocking=False):
            raise away()
        try:
            token = self._id_token(code, verifier, redirect_uri)
            claims = self._verified(token, nonce)
        finally:
            self._free.release()
        payload = {**self._provider.person(claims), "seconds": seconds, "client": client}
        login: Login = self._identity.call("gateway", "open_external_session", payload, NOBODY)
        return login

    def _id_token(self, code: str, verifier: str, redirect_uri: str) -> str:
        about = self._provider.issuer.about()
        fields = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "client_id": self._client,
            "code_verifier": verifier,
        }
        headers = {"Accept": "application/json"}
        if self._secret:
            # RFC 6749 section 2.3.1: Basic is the default; the description of a provider that accepts the secret only in the body
            # names that method.
            methods = about.get("token_endpoint_auth_methods_supported") or ["client_secret_basic"]
            if "client_secret_basic" in methods:
                credentials = f"{quote(self._client, safe='')}:{quote(self._secret, safe='')}"
                headers |= urllib3.make_headers(basic_auth=credentials)
            else:
                fields["client_secret"] = self._secret
        status, answer = self._post(str(about.get("token_endpoint", "")), fields, headers)
        if status == 200 and isinstance(answer.get("id_token"), str):
            return str(answer["id_token"])
        if answer.get("error") == "invalid_grant":
            raise refused()
        log.error("the identity provider gave no ID token (%s, %s)", status, str(answer.get("error"))[:60])
        raise away()

    def _post(self, url: str, fields: dict[str, str], headers: dict[str, str]) -> tuple[int, TokenResponse]:
        """Send a form to the provider; return the status and the JSON object of the answer. A redirect is not followed, because
        it would send the secret to another address."""
        try:
            answer = self._http.request(
                "POST", url, fields=fields, headers=headers, encode_multipart=False, redirect=False, preload_content=False
            )
            try:
                body = answer.read(LARGEST_ANSWER)
            finally:
                answer.close()
            document: TokenResponse = json.loads(body)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            log.error("the identity provider did not exchange a code (%s)", type(error).__name__)
            raise away() from None
        return answer.status, document if isinstance(document, dict) else {}

    def _verified(self, token: str, nonce: str) -> ProviderClaims:
        """Return the ID token's claims, checked as OpenID Connect Core 1.0 section 3.1.3.7 demands."""
        try:
            claims = self._provider.claims(token, self._client)
        except Unauthenticated as error:
            log.error("the identity provider's ID token is not acceptable (%s)", error.code)
            raise refused() from None
        audiences = claims["aud"] if isinstance(claims["aud"], list) else [claims["aud"]]
        party = claims.get("azp", self._client if len(audiences) == 1 else None)
        if party != self._client or not hmac.compare_digest(str(claims.get("nonce", "")).encode(), nonce.encode()):
            log.warning("an ID token is not for this login")
            raise refused()
        return claims


def code_login_of(login: CodeLogin | None) -> CodeLogin:
    """Return the configured login. Raises NotFound if the platform offers no login at an identity provider."""
    if login is None:
        raise NotFound(
            "no_single_sign_on", "本平台没有启用统一身份认证登录。", "This platform offers no login by an identity provider."
        )
    return login


def refused() -> DomainError:
    return Unauthenticated(
        "sso_refused",
        "统一身份认证没有确认这次登录（已使用过，或已过期），请重新登录。",
        "The identity provider did not confirm this login: it was used before, or it has expired. Please log in again.",
    )


def _browser_url(address: object) -> str | None:
    """Return the value if it is an address that a browser may open; otherwise None."""
    return address if isinstance(address, str) and address.startswith(("https://", "http://")) else None
