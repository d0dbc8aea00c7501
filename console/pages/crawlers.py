"""The fixed addresses that search engines and browsers ask for: robots.txt, sitemap.xml, favicon.ico."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, g, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import public
from console.context import console

blueprint = Blueprint("crawlers", __name__)

#: Pages that the site map lists besides single calls and consortia.
PAGES = ("home", "calls", "register", "publicity", "certificate", "regulation", "sitemap", "accessibility")
#: What search engines are kept off besides the pages of accounts.
OFF_LIMITS = ("/api/", "/login", "/preferences/", "/register-organisation/")
#: Single calls and single consortia listed at most; the list pages lead to all others.
MOST = 100
#: Seconds for which a crawler may keep an answer.
FRESH = 3600


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Which pages search engines may read: the public ones, and nothing of the API."""
    own = sorted({*OFF_LIMITS, *(f"/{path}" for path in _sections(public=False) - _sections(public=True))})
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in own), f"Sitemap: {_absolute(url_for('crawlers.sitemap'))}"]
    return _kept("\n".join(lines) + "\n", "text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """The public pages as search engines read them."""
    entries = "".join(f"<url><loc>{escape(_absolute(path))}</loc></url>" for path in _public_pages())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return _kept(f"{head}{entries}</urlset>\n", "application/xml; charset=utf-8")


@blueprint.get("/favicon.ico")
@public
def favicon() -> AnyResponse:
    """The icon, for whoever asks for it without having read a page."""
    return redirect(console().assets.url("favicon.svg"), 302)


def _sections(*, public: bool) -> set[str]:
    """First segments of the paths of pages that all see, or that only accounts see."""
    views, rules = current_app.view_functions, current_app.url_map.iter_rules()
    return {str(rule).split("/")[1] for rule in rules if public == (not getattr(views[rule.endpoint], "access", ()))}


def _public_pages() -> Iterator[str]:
    yield from (url_for(f"public.{name}") for name in PAGES)
    for call in g.api.get("/calls", limit=MOST)["items"]:
        yield url_for("public.call", id=call["id"])
    for consortium in g.api.get("/public/consortia", limit=MOST)["items"]:
        yield url_for("public.consortium", number=consortium["number"])


def _absolute(path: str) -> str:
    return console().settings.public_url.rstrip("/") + path


def _kept(body: str, content_type: str) -> Response:
    response = Response(body, content_type=content_type)
    response.headers["Cache-Control"] = f"public, max-age={FRESH}"
    return response
