"""The external services that the platform needs: the object store, the malware scanner, the mail server, the identity
provider."""

from __future__ import annotations

import http.client
import json
import socket
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from deploy import composition
from deploy.doctor.databases import skew
from deploy.doctor.finding import Finding, first_line, wrong
from services.kernel.errors import Unavailable
from services.kernel.ids import new_id
from services.kernel.settings import Settings
from services.kernel.storage.factory import folder_of, store_of

#: Seconds within which each service must answer.
PATIENCE = 5


def store(settings: Settings, services: Sequence[str]) -> Iterator[Finding]:
    """Check the object store: store an object, read it back and remove it. Its key is one of an uncompleted upload, so that the
    object, if it remains, is removed together with abandoned uploads."""
    if not {"documents", "gateway"} & set(services):
        return
    if (folder := folder_of(settings)) and not folder.exists():  # Opening a store of files would create the folder.
        yield wrong("store", f"{folder} does not exist yet", "Start the platform once, or correct GUICHUANG_S3.")
        return
    key, content = f"incoming/doctor-{new_id()}", b"doctor"
    try:
        document_store = store_of(settings)
        document_store.check()
    except (Unavailable, OSError, ValueError) as error:
        problem = f"the object store does not answer as it should: {first_line(error.__cause__ or error)}"
        yield wrong("store", problem, "Start it, make the bucket, or correct GUICHUANG_S3 and GUICHUANG_BUCKET.")
        return
    try:
        document_store.put(key, content)
        content_matches = b"".join(document_store.read(key)) == content
        document_store.remove(key)
        locks = document_store.locks()
    except (Unavailable, OSError) as error:
        problem = f"the object store can be read, not written: {first_line(error.__cause__ or error)}"
        yield wrong("store", problem, "See its disk and quota, and whether its keys may write and delete.")
        return
    if not content_matches:
        yield wrong(
            "store", "the object store gives back other bytes than it was given", "Take it out of service; see its disks."
        )
        return
    yield Finding("store", "the object store takes, gives back and drops")
    yield Finding("store", f"the object store {'locks what is to be kept' if locks else 'has no object lock'}")
    if urlsplit(settings.s3).scheme in ("http", "https"):
        yield from clock_of(settings.s3)


def clock_of(url: str) -> Iterator[Finding]:
    """Compare this machine's clock with the date in a server's HTTP answer. That date has whole seconds, so the result is exact
    to one second."""
    url_parts = urlsplit(url)
    kind = http.client.HTTPSConnection if url_parts.scheme == "https" else http.client.HTTPConnection
    with closing(kind(url_parts.hostname or "", url_parts.port, timeout=PATIENCE)) as connection:
        before = time.time()
        connection.request("HEAD", "/")
        date_header, after = connection.getresponse().headers.get("Date"), time.time()
    if date_header:
        server_time = parsedate_to_datetime(date_header).timestamp()
        if not before - 1 <= server_time <= after:
            yield from skew("the object store", server_time - (before + after - 1) / 2)


def api(settings: Settings, services: Sequence[str]) -> Iterator[Finding]:
    """If consoles run separately, check whether the console's own process reaches the gateway, and whether the gateway trusts the
    client addresses that consoles report."""
    alone = composition.console_alone(settings)
    if not settings.console_api or not (alone or "gateway" in services):
        return
    if alone:
        try:
            with urllib.request.urlopen(f"{settings.console_api.rstrip('/')}/healthz", timeout=PATIENCE):
                yield Finding("console", f"the gateway answers at {settings.console_api}")
        except (OSError, ValueError) as error:
            problem = f"the gateway does not answer at {settings.console_api}: {first_line(error)}"
            yield wrong("console", problem, "Start the gateway, let consoles through to it, or correct GUICHUANG_CONSOLE_API.")
    if not int(settings.proxies):
        problem = (
            "GUICHUANG_PROXIES is 0: to the gateway all readers of the console are one address, and share its attempts to log in"
        )
        yield wrong(
            "console", problem, "Set GUICHUANG_PROXIES to the number of proxies before the gateway and before the console."
        )


def scanner(settings: Settings) -> Iterator[Finding]:
    from services.documents.malware_scanner import scanner_of

    scanner_found = scanner_of(settings)
    if scanner_found is None:
        yield Finding("scanner", "none is configured: uploads are not scanned")
    elif scanner_found.alive():
        yield Finding("scanner", "it answers")
    else:
        advice = "Start clamd, or correct GUICHUANG_SCANNER; uploads wait meanwhile."
        yield wrong("scanner", "it does not answer", advice)


def mail(settings: Settings) -> Iterator[Finding]:
    if not settings.smtp:
        yield Finding("mail", "none is configured: no e-mail is sent")
        return
    url_parts = urlsplit(settings.smtp)
    port = url_parts.port or (465 if url_parts.scheme == "smtps" else 587)
    try:
        socket.create_connection((url_parts.hostname or "", port), timeout=PATIENCE).close()
        yield Finding("mail", "the mail server can be reached")
    except OSError as error:
        yield wrong("mail", f"the mail server cannot be reached: {error}", "Start it, or correct GUICHUANG_SMTP.")


def sign_on(settings: Settings) -> Iterator[Finding]:
    """Check whether the issuer publishes its identity and its signing keys; without them no account can log in through it."""
    issuer = settings.oidc_issuer
    if not issuer:
        return
    try:
        about = _json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        if about["issuer"] != issuer:
            raise ValueError(f"it calls itself {about['issuer']}")
        if not _json(about["jwks_uri"])["keys"]:
            raise ValueError("it publishes no keys")
        if settings.oidc_client and not all(about.get(name) for name in ("authorization_endpoint", "token_endpoint")):
            raise ValueError("it names no authorization or token endpoint")
    except (OSError, ValueError, KeyError, TypeError) as error:
        problem = f"{issuer} does not tell by which keys it signs: {type(error).__name__}: {first_line(error)}"
        advice = "Start it, or correct GUICHUANG_OIDC_ISSUER; local accounts log in meanwhile."
        yield wrong("sign-on", problem, advice)
    else:
        yield Finding("sign-on", "the identity provider publishes its keys")
        yield from _browser_login(settings, about)


def _browser_login(settings: Settings, about: Mapping[str, Any]) -> Iterator[Finding]:
    """Yield the findings about logins in the browser: whether they can work as configured, and whether https protects them."""
    if not settings.oidc_client:
        yield Finding("sign-on", "no client is configured: only bearer tokens of the issuer are accepted")
        return
    if "S256" not in about.get("code_challenge_methods_supported", ["S256"]):
        advice = "Let its operator enable PKCE with S256."
        yield wrong("sign-on", "the identity provider does not support PKCE with S256", advice)
    for problem, url in (("the issuer", settings.oidc_issuer), ("the platform", settings.public_url)):
        url_parts = urlsplit(url)
        if url_parts.scheme == "http" and url_parts.hostname not in ("127.0.0.1", "localhost", "::1"):
            advice = "Serve it by https, and correct GUICHUANG_OIDC_ISSUER or GUICHUANG_PUBLIC_URL."
            yield wrong("sign-on", f"people log in over plain http: {problem} is {url}", advice)
    yield Finding("sign-on", f"the provider must know the redirect URI {settings.public_url.rstrip('/')}/login/sso/callback")


def _json(url: str) -> Any:
    with urllib.request.urlopen(url, timeout=PATIENCE) as answer:
        return json.load(answer)
