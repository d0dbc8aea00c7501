"""An account's saved phrases. They are stored in the account's own settings (`me/settings`), together with its other settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.api import Api
from console.problems import Problem

#: The most characters of one phrase, and the most phrases of an account. Together they fit into the settings' size limit.
LONGEST, MOST = 200, 20


def read(api: Api) -> list[str]:
    """Return the account's phrases, in the order that the account chose."""
    return _phrases(api.get("/me/settings")["content"])


def change(api: Api, edit: Callable[[list[str]], list[str]]) -> list[str]:
    """Apply `edit` to the phrases and store the result, without empty ones and repetitions. If another page saved phrases at the
    same time, read them again and apply `edit` to the result."""
    for last in (False, True):
        stored = api.get("/me/settings")
        edited = [text.strip()[:LONGEST] for text in edit(_phrases(stored["content"]))]
        phrases = list(dict.fromkeys(text for text in edited if text))[:MOST]
        try:
            api.put("/me/settings", {"content": stored["content"] | {"phrases": phrases}}, if_match=stored["etag"])
        except Problem as problem:
            if problem.status != 412 or last:
                raise
        else:
            return phrases
    raise AssertionError("the second try returns or raises")


def _phrases(content: dict[str, Any]) -> list[str]:
    stored = content.get("phrases")
    return [text for text in stored if isinstance(text, str)] if isinstance(stored, list) else []
