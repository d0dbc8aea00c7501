"""Pass files that the API answers to the browser."""

from __future__ import annotations

from flask import Response, redirect
from werkzeug.wrappers import Response as AnyResponse

from console.api import Answer

_TOLD = ("content-type", "content-disposition")


def relay(answer: Answer) -> AnyResponse:
    """Redirect the browser to the address that the API's answer names, or pass on the bytes of the answer with their media type
    and file name."""
    if "location" in answer.headers:
        return redirect(answer.headers["location"], 303)
    return Response(answer.body, headers={name: answer.headers[name] for name in _TOLD if name in answer.headers})
