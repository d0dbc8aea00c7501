"""Tokens of the province's single sign-on (OpenID Connect). They are verified with the keys that the issuer publishes."""

from __future__ import annotations

import logging
import threading
import time
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NotRequired, TypedDict, cast

import jwt

from gateway.auth.bearer import Bearer
from gateway.auth.jwt import Tokens, Verified, expired, invalid
from gateway.identity.answers import ExternalAccount
from gateway.identity.rows import Claims
from services.contracts.roles import ROLES
from services.input.contact import parse_email
from services.input.credit_code import parse_credit_code
from services.input.text import clean_line, clean_username
from services.kernel.errors import Unavailable
from services.kernel.identity import NOBODY, Actor
from services.kernel.messaging.rpc import Caller

#: The accepted signature algorithms. None of them uses a shared secret, because with a shared secret each verifier could also
#: sign.
ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
#: Seconds by which the issuer's clock may differ from ours.
SKEW = 60
#: Seconds for which the issuer's keys are cached, and the least number of seconds between two fetches because a token names an
#: unknown key or has an invalid signature.
KEYS_BELIEVED, KEYS_AGAIN = 600, 10
#: Seconds after which a request to the issuer is given up.
PATIENCE = 5.0

log = logging.getLogger(__name__)


class ProviderMetadata(TypedDict, total=False):
    """The members of a provider's description (OpenID Connect Discovery 1.0) that the gateway reads. Only `issuer` and `jwks_uri`
    were checked."""

    issuer: str
    jwks_uri: str
    authorization_endpoint: str
    token_endpoint: str
    end_session_endpoint: str
    token_endpoint_auth_methods_supported: list[str]
    authorization_response_iss_parameter_supported: bool


class ProviderClaims(TypedDict):
    """The verified claims of a provider's token that the gateway itself reads. The token has more claims, which `ClaimMapping`
    finds by their configured names. `exp`: seconds since 1970."""

    iss: str
    sub: str
    aud: str | list[str]
    exp: int
    iat: int
    azp: NotRequired[str]
    nonce: NotRequired[str]


class ExternalPerson(TypedDict):
    """A person at the identity provider. `external`: `issuer#subject`; `said`: the account fields that the claims state."""

    external: str
    said: Claims


@dataclass(frozen=True, slots=True)
class ClaimMapping:
    """The mapping from the issuer's claims to account fields, and from the issuer's names of roles and bureaus to the platform's.
    Dots in a claim's path lead into nested objects."""

    claims: Mapping[str, str] = field(default_factory=dict)
    roles: Mapping[str, str] = field(default_factory=dict)
    bureaus: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def read(cls, path: str) -> ClaimMapping:
        """Read the mapping from a TOML file with the tables `claims`, `roles` and `bureaus`. Without a file, each claim is
        expected under the name of the account field."""
        return cls(**tomllib.loads(Path(path).read_text(encoding="utf-8"))) if path else cls()

    def account(self, claims: Mapping[str, object]) -> Claims:
        """Return the account fields that the claims state: `username`, `name`, `email`, `roles`, `bureau`, `organisation`."""
        values = {name: self._claim(claims, name) for name in ("username", "name", "email", "roles", "bureau", "organisation")}
        issuer_roles = values.pop("roles")
        roles = [str(role) for role in issuer_roles] if isinstance(issuer_roles, list) else str(issuer_roles or "").split()
        # A claim of an unexpected type is ignored, so that a mistake of the provider causes no error here.
        read = {name: _clean_claim(name, value) for name, value in values.items()}
        username = str(read["username"] or claims["sub"])
        return {
            "username": "".join(c for c in username.lower() if c.isascii() and (c.isalnum() or c in "._-"))[:40] or "account",
            "name": clean_line(str(read["name"] or username))[:60],
            "email": read["email"],
            "roles": self._roles(roles),
            "bureau": self.bureaus.get(read["bureau"] or "", read["bureau"]),
            "organisation": read["organisation"],
        }

    def _roles(self, issuer_roles: list[str]) -> list[str]:
        """Return our roles for the issuer's role names. Unknown names are skipped, because people also have roles in other
        systems. If the file maps roles, the platform's own role names are not accepted from the issuer: in the issuer's tokens
        they mean roles of other systems."""
        mapping = self.roles or {role: role for role in _ROLES}
        return [mapping[role] for role in issuer_roles if mapping.get(role) in _ROLES]

    def _claim(self, claims: Mapping[str, object], name: str) -> object:
        value: object = claims
        for step in self.claims.get(name, _CLAIMS.get(name, name)).split("."):
            value = value.get(step) if isinstance(value, dict) else None
        return value


#: The roles that claims can give. The role expert is left out: an expert needs an account created on this platform, because
#: claims do not contain the expert's employers.
_ROLES = frozenset(ROLES) - {"expert"}
_LONGEST = {"username": 200, "name": 200, "email": 320, "bureau": 100, "organisation": 18}
_READ = {
    "username": clean_username,
    "name": clean_line,
    "email": parse_email,
    "bureau": clean_line,
    "organisation": parse_credit_code,
}
_CLAIMS = {"username": "preferred_username"}


def _clean_claim(name: str, value: object) -> str | None:
    """Return a claim's value, cleaned like typed input of the same field; None if it is not valid."""
    if not isinstance(value, str) or len(value) > _LONGEST[name]:
        return None
    try:
        return _READ[name](value) or None
    except ValueError:
        return None


class Issuer:
    """The keys of one issuer. They are fetched when needed, fetched again when a token names an unknown key, and used further
    while the issuer is unreachable."""

    def __init__(self, issuer: str) -> None:
        self.name = issuer
        self._about: ProviderMetadata = {}
        self._published: Any = None
        self._keys: dict[str | None, Any] = {}
        self._fetched = -KEYS_BELIEVED * 2.0
        self._tried = -KEYS_AGAIN * 2.0
        self._lock = threading.Lock()

    def candidates(self, kid: str | None) -> list[Any]:
        """Return the keys with which a token may be signed: the key that the token names, or all keys if it names none. Raises
        Unavailable if no key is known."""
        with self._lock:
            now = time.monotonic()
            unknown = kid is not None and kid not in self._keys
            if (now - self._fetched > KEYS_BELIEVED or unknown) and now - self._tried > KEYS_AGAIN:
                self._refresh(now)
        if not self._keys:
            raise away()
        return [self._keys[kid]] if kid in self._keys else list(self._keys.values()) if kid is None else []

    def about(self) -> ProviderMetadata:
        """Return the issuer's own description (OpenID Connect Discovery 1.0); the last one while the issuer is unreachable.
        Raises Unavailable if it could never be read."""
        with self._lock:
            now = time.monotonic()
            if now - self._fetched > KEYS_BELIEVED and now - self._tried > KEYS_AGAIN:
                self._refresh(now)
        if not self._about:
            raise away()
        return self._about

    def rotated(self) -> bool:
        """Fetch the keys again, because a signature was invalid, and return whether they have changed."""
        with self._lock:
            now, before = time.monotonic(), self._published
            if now - self._tried > KEYS_AGAIN:
                self._refresh(now)
            return bool(self._published != before)

    def _refresh(self, now: float) -> None:
        self._tried = now
        try:
            about: ProviderMetadata = _fetch(f"{self.name.rstrip('/')}/.well-known/openid-configuration")
            if about["issuer"] != self.name:
                raise ValueError(f"it calls itself {about['issuer']}")
            published = _fetch(str(about["jwks_uri"]))
            keys = jwt.PyJWKSet.from_dict(published).keys
        except (jwt.PyJWTError, OSError, ValueError, KeyError) as error:
            log.error("the identity provider's keys could not be read (%s)", error)
            return
        self._fetched, self._about, self._published = now, about, published
        self._keys = {key.key_id: key.key for key in keys if key.public_key_use in (None, "sig")}


def away() -> Unavailable:
    return Unavailable(
        "identity_provider_away",
        "统一身份认证暂时无法连接，请稍后重试。",
        "The identity provider cannot be reached; please try again.",
    )


def _fetch(url: str) -> Any:
    """Fetch a JSON object from the issuer. PyJWT's client is used, because it accepts only http(s) URLs and follows no redirects.
    Its cache is not used, because the cache drops expired keys even while the issuer is unreachable, and every request would then
    wait for the issuer."""
    return jwt.PyJWKClient(url, cache_jwk_set=False, timeout=PATIENCE).fetch_data()


class Provider:
    """Turns the issuer's tokens into accounts of this platform."""

    def __init__(self, issuer: str, audience: str, mapping: ClaimMapping, tokens: Tokens, identity: Caller) -> None:
        self.issuer = Issuer(issuer)
        self._audience = audience
        self._mapping = mapping
        self._tokens = tokens
        self._identity = identity

    def issued(self, token: str) -> bool:
        """Return whether a token claims to be from this issuer. Nothing is verified here."""
        try:
            claims = jwt.decode(token, options={"verify_signature": False})
        except jwt.InvalidTokenError:
            return False
        return bool(claims.get("iss") == self.issuer.name)

    def bearer(self, token: str) -> Bearer:
        """Return the bearer that a token names. Raises Unauthenticated if the token is forged, expired or issued for another
        recipient (audience), or if its claims form no valid account."""
        verified = self._tokens.remembered(token) or self._verify(token)
        return self._tokens.living(token, verified)

    def _verify(self, token: str) -> Verified:
        claims = self.claims(token, self._audience)
        account: ExternalAccount = self._identity.call("gateway", "see_external", {**self.person(claims)}, NOBODY)
        self._tokens.forget(account["username"])  # `see_external` may have changed the account by these claims.
        actor = Actor(account["username"], tuple(account["roles"]), account["bureau"], account["organisation"], account["name"])
        return Verified(Bearer(actor, may_sign=account["may_sign"]), claims["exp"] + SKEW, account["version"])

    def person(self, claims: ProviderClaims) -> ExternalPerson:
        """Return the person whom verified claims describe."""
        return {"external": f"{self.issuer.name}#{claims['sub']}", "said": self._mapping.account(claims)}

    def claims(self, token: str, audience: str) -> ProviderClaims:
        """Return the claims of a token that the issuer issued for this recipient (audience). Raises Unauthenticated if the token
        is forged, expired or for another recipient."""
        try:
            kid = jwt.get_unverified_header(token).get("kid")
        except jwt.InvalidTokenError:
            raise invalid() from None
        claims = self._checked(token, audience, self.issuer.candidates(kid))
        if claims is None and self.issuer.rotated():
            claims = self._checked(token, audience, self.issuer.candidates(kid))
        if claims is None:
            raise invalid()
        return claims

    def _checked(self, token: str, audience: str, keys: list[Any]) -> ProviderClaims | None:
        for key in keys:
            try:
                claims = jwt.decode(
                    token,
                    key,
                    algorithms=list(ALGORITHMS),
                    audience=audience,
                    issuer=self.issuer.name,
                    leeway=SKEW,
                    options={"require": ["exp", "iat", "sub", "aud", "iss"]},
                )
                return cast(ProviderClaims, claims)
            except (jwt.InvalidSignatureError, jwt.InvalidKeyError, TypeError):
                continue  # Try the next key: this one did not sign the token, or is of another type.
            except jwt.ExpiredSignatureError:
                raise expired() from None
            except jwt.InvalidTokenError:
                raise invalid() from None
        return None
