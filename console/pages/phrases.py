"""Usual phrases: what an account writes again and again, picked beside a field and kept in order on a page."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import phrases
from console.access import signed_in

blueprint = Blueprint("phrases", __name__, url_prefix="/phrases")


@blueprint.get("")
@signed_in("officer", "chief")
def show() -> str:
    """The phrases of the account, each in a field of its own, with an empty one for the next."""
    return render_template("phrases/show.html", phrases=phrases.read(g.api), longest=phrases.LONGEST, most=phrases.MOST)


@blueprint.post("")
@signed_in("officer", "chief")
def save() -> AnyResponse:
    """Keep the phrases as they were typed; one that was emptied is removed."""
    given = request.form.getlist("phrase")
    phrases.change(g.api, lambda _: given)
    return redirect(url_for("phrases.show", done=1), 303)


@blueprint.get("/picker")
@signed_in("officer", "chief")
def picker() -> str:
    """The phrases for one field of a form, as a part of its page."""
    return render_template("phrases/picker.html", phrases=phrases.read(g.api), field=request.args.get("field", ""))


@blueprint.post("/picker")
@signed_in("officer", "chief")
def remember() -> str:
    """Keep the text of a field as a phrase; the picker is shown again."""
    field = request.form.get("do", "").partition(":")[2]
    text = request.form.get(field, "")
    kept = phrases.change(g.api, lambda known: [*known, text])
    return render_template("phrases/picker.html", phrases=kept, field=field, remembered=bool(text.strip()))
