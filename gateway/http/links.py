"""Links to this platform that clients on other machines can follow."""

from __future__ import annotations

from urllib.parse import urlsplit

from gateway.context import gateway_context


def absolute(url: str) -> str:
    """Return a path of this platform as a URL under `GUICHUANG_PUBLIC_URL`; a URL of the object store is returned unchanged. The
    request's own Host is never used: an attacker can choose it, and the link may be shown to other people."""
    return f"{gateway_context().settings.public_url.rstrip('/')}{url}" if url.startswith("/") else url


def own_path(url: str) -> str:
    """Return the path and query of a URL of this platform. A client resolves the path against the host that it called."""
    parts = urlsplit(url)
    query = f"?{parts.query}" if parts.query else ""
    return f"/{parts.path.lstrip('/')}{query}"
