"""Pages for every visitor: home, calls, the register, publicity, certificates, the regulation."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import charts
from console.access import public
from console.api import path_of
from console.context import console
from console.files import relay
from console.problems import Problem

blueprint = Blueprint("public", __name__)
#: The largest number of entries that each list on the home page shows.
SHORT = 5
#: The largest number of rows that one page of a list shows.
ROWS = 50


@blueprint.get("/")
@public
def home() -> str | AnyResponse:
    """Show the home page: open calls, publicity, the register's figures, and the steps of a formation. A bureau's own platform
    has none of these data: it redirects to the login."""
    if console().province:
        return redirect(url_for("sign_in.form"), 303)
    calls = g.api.get("/calls", limit=SHORT)
    publicity = g.api.get("/public/publicity", limit=SHORT)
    statistics = g.api.get("/public/statistics")
    return render_template(
        "public/home.html",
        calls=calls["items"],
        publicity=publicity["items"],
        statistics=statistics,
        tiles=charts.tiles(statistics["by_city"]),
    )


@blueprint.get("/calls")
@public
def calls() -> str:
    """List all calls, newest first."""
    status = request.args.get("status")
    page = g.api.get("/calls", limit=ROWS, cursor=request.args.get("cursor"), status=status)
    return render_template("public/calls.html", page=page, status=status)


@blueprint.get("/calls/<id>")
@public
def call(id: str) -> str:
    """Show one call: window, fields, required documents, rubric, text, and the link to begin an application."""
    return render_template("public/call.html", call=g.api.get(path_of("calls", id)))


@blueprint.get("/calls/<id>/files/<document>")
@public
def call_file(id: str, document: str) -> AnyResponse:
    """Download a file of a call from the store that has its bytes."""
    return relay(g.api.call("GET", path_of("calls", id, "files", document)))


@blueprint.get("/calls/<id>/decision-lists/<list>/publicity.pdf")
@public
def publicity_list(id: str, list: str) -> AnyResponse:
    """Download the public list of the applications that are proposed for recognition together."""
    return relay(g.api.call("GET", path_of("calls", id, "decision-lists", list, "publicity.pdf")))


@blueprint.get("/register")
@public
def register() -> str:
    """Show the register of recognised consortia with its filters."""
    names = ("q", "number", "field", "status", "recommender")
    filters = {name: request.args.get(name, "").strip() for name in names}
    problem: Problem | None = None
    page: dict[str, Any] = {"items": [], "next_cursor": None, "total": None}
    try:
        page = g.api.get("/public/consortia", limit=ROWS, cursor=request.args.get("cursor"), **filters)
    except Problem as refused:
        if refused.status != 422:
            raise
        problem = refused
    return render_template("public/register.html", page=page, wanted=filters, problem=problem)


@blueprint.get("/register/<number>")
@public
def consortium(number: str) -> str:
    """Show one consortium: its units, its last grade, its public timeline."""
    found = g.api.get(path_of("public", "consortia", number))
    steps = g.api.get(path_of("consortia", found["id"], "timeline"), limit=100)
    return render_template("public/consortium.html", consortium=found, steps=steps["items"])


@blueprint.get("/publicity")
@public
def publicity() -> str:
    """Show the recognitions and grades in their publicity period, the last day of each, and how to object. Recognitions that were
    decided as one list are grouped."""
    page = g.api.get("/public/publicity", limit=ROWS, cursor=request.args.get("cursor"))
    return render_template("public/publicity.html", page=page, grouped=_by_list(page["items"]))


def _by_list(items: list[dict[str, Any]]) -> list[tuple[dict[str, Any] | None, list[dict[str, Any]]]]:
    """Group the items by the decision list that they belong to (decisions signed together), in the order of the lists' first
    items; items without a list are under None."""
    groups: dict[str | None, tuple[dict[str, Any] | None, list[dict[str, Any]]]] = {}
    for item in items:
        listed_in = item.get("list")
        groups.setdefault(listed_in["id"] if listed_in else None, (listed_in, []))[1].append(item)
    return list(groups.values())


@blueprint.get("/certificates")
@public
def certificate() -> str:
    """Verify a certificate by its number."""
    number = request.args.get("number", "").strip().upper()
    checked, missing = None, False
    if number:
        try:
            checked = g.api.get(path_of("public", "certificates", number))
        except Problem as problem:
            if problem.status != 404:
                raise
            missing = True
    return render_template("public/certificate.html", number=number, checked=checked, missing=missing)


@blueprint.get("/regulation")
@public
def regulation() -> str:
    """Show the regulation by clause; each clause has an address of its own."""
    return render_template("public/regulation.html", regulation=g.api.get("/policies/current/articles"))


@blueprint.get("/sitemap")
@public
def sitemap() -> str:
    """Show a list of every public page, as the rules for government sites require."""
    return render_template("public/sitemap.html")


@blueprint.get("/accessibility")
@public
def accessibility() -> str:
    """Explain how to use the pages with keyboard, screen reader and large text."""
    return render_template("public/accessibility.html")
