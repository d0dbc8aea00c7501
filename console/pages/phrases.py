"""Saved phrases: texts that an account writes often. They can be inserted beside a field, and edited and sorted on their own
page."""

from __future__ import annotations

from flask import Blueprint, g, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from console import phrases
from console.access import signed_in

blueprint = Blueprint("phrases", __name__, url_prefix="/phrases")


@blueprint.get("")
@signed_in("officer", "chief")
def show() -> str:
    """Show the account's phrases, each in its own field, with an empty field for the next one."""
    return render_template("phrases/show.html", phrases=phrases.read(g.api), longest=phrases.LONGEST, most=phrases.MOST)


@blueprint.post("")
@signed_in("officer", "chief")
def save() -> AnyResponse:
    """Save the phrases as typed; a phrase whose field is empty is removed."""
    phrases_given = request.form.getlist("phrase")
    phrases.change(g.api, lambda _: phrases_given)
    return redirect(url_for("phrases.show", done=1), 303)


@blueprint.get("/picker")
@signed_in("officer", "chief")
def picker() -> str:
    """Show the phrases for one field of a form, as a part of the form's page."""
    return render_template("phrases/picker.html", phrases=phrases.read(g.api), field=request.args.get("field", ""))


@blueprint.post("/picker")
@signed_in("officer", "chief")
def remember() -> str:
    """Save the text of a field as a phrase, and show the list of phrases at that field again."""
    field = request.form.get("do", "").partition(":")[2]
    text = request.form.get(field, "")
    saved = phrases.change(g.api, lambda present: [*present, text])
    return render_template("phrases/picker.html", phrases=saved, field=field, remembered=bool(text.strip()))
