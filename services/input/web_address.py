"""Web addresses: refuse those that can never work, and write the others in ASCII."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address
from urllib.parse import quote, urlsplit, urlunsplit

import idna

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
#: The pattern of the last part of a host name which makes browsers and resolvers read the whole name as an IPv4 address in
#: another notation.
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
#: Characters that stay unchanged in a path or a query; all others are percent-encoded.
_SAFE = "/?:@!$&'()*+,;=-._~%"


class BadAddress(ValueError):
    """An address that can never work. `problem`: blank, host, number (an IP address in an unusual notation), or form."""

    def __init__(self, problem: str, text: str) -> None:
        super().__init__(f"{text!r} is no usable address ({problem})")
        self.problem = problem


def canonical_host(host: str) -> str:
    """Return a host name in lower-case ASCII (an international name as punycode), or an IP address in its usual notation. Raises
    BadAddress."""
    if (address := _address(host)) is not None:
        return str(address)
    try:
        name = host.lower() if host.isascii() else idna.encode(host, uts46=True, std3_rules=True).decode()
    except (idna.IDNAError, UnicodeError):
        raise BadAddress("host", host) from None
    labels = name.removesuffix(".").split(".")
    if _NUMBER.fullmatch(labels[-1]):
        raise BadAddress("number", host)
    if not all(_LABEL.fullmatch(label) for label in labels) or len(name) > 253:
        raise BadAddress("host", host)
    try:
        for label in labels:
            if label.startswith("xn--"):
                idna.ulabel(label)
    except (idna.IDNAError, UnicodeError):
        raise BadAddress("host", host) from None
    return ".".join(labels)


def parse_web_address(text: str) -> str:
    """Return an http or https address in ASCII: the host as `canonical_host` returns it; in path and query all characters but
    letters, digits and `_SAFE` are percent-encoded. Raises BadAddress. Credentials and a fragment are kept; the caller decides
    whether to accept them."""
    if re.search(r"[\s\x00-\x1f\x7f]", text):
        raise BadAddress("blank", text)
    try:
        parts = urlsplit(text)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise BadAddress("form", text) from None
    if parts.scheme not in ("http", "https") or not host or port == 0:
        raise BadAddress("form", text)
    name = canonical_host(host)
    credentials, at, _ = parts.netloc.rpartition("@")
    netloc = credentials + at + (f"[{name}]" if ":" in name else name) + ("" if port is None else f":{port}")
    return urlunsplit((parts.scheme, netloc, quote(parts.path, safe=_SAFE), quote(parts.query, safe=_SAFE), parts.fragment))


def _address(host: str) -> IPv4Address | IPv6Address | None:
    try:
        return ip_address(host) if host.isascii() else None
    except ValueError:
        return None
