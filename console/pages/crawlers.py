"""The fixed addresses that search engines and browsers request: robots.txt, sitemap.xml, favicon.ico."""

from __future__ import annotations

from collections.abc import Iterator
from xml.sax.saxutils import escape

from flask import Blueprint, Response, current_app, g, redirect, url_for
from werkzeug.wrappers import Response as AnyResponse

from console.access import public
from console.context import console

blueprint = Blueprint("crawlers", __name__)

#: Pages that the site map lists, besides the pages of single calls and consortia.
PAGES = ("home", "calls", "register", "publicity", "certificate", "regulation", "sitemap", "accessibility")
#: Paths that search engines must not read, besides the pages for accounts.
OFF_LIMITS = ("/api/", "/login", "/preferences/", "/register-organisation/")
#: The most calls, and the most consortia, whose pages the site map lists; the remaining ones can be reached from the list pages.
MOST = 100
#: Seconds for which a crawler may cache an answer.
FRESH = 3600


@blueprint.get("/robots.txt")
@public
def robots() -> Response:
    """Tell search engines which pages they may read: the public pages, and no address of the API."""
    disallowed = sorted({*OFF_LIMITS, *(f"/{path}" for path in _sections(public=False) - _sections(public=True))})
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in disallowed), f"Sitemap: {_absolute(url_for('crawlers.sitemap'))}"]
    return _kept("\n".join(lines) + "\n", "text/plain; charset=utf-8")


@blueprint.get("/sitemap.xml")
@public
def sitemap() -> Response:
    """Return the list of public pages for search engines."""
    entries = "".join(f"<url><loc>{escape(_absolute(path))}</loc></url>" for path in _public_pages())
    head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
    return _kept(f"{head}{entries}</urlset>\n", "application/xml; charset=utf-8")


@blueprint.get("/favicon.ico")
@public
def favicon() -> AnyResponse:
    """Redirect from the icon's default address to its real one, for clients that have not read the real address from a page."""
    return redirect(console().assets.url("favicon.svg"), 302)


def _sections(*, public: bool) -> set[str]:
    """Return the first path segments of the pages for all visitors (`public`), or of the pages only for accounts."""
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
