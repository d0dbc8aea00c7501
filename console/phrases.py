"""The usual phrases of an account, kept in its own settings (`me/settings`) beside whatever else stands there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from console.api import Api
from console.problems import Problem

#: Characters of one phrase, and how many an account keeps: together they fit into the settings.
LONGEST, MOST = 200, 20


def read(api: Api) -> list[str]:
    """The account's phrases in its own order."""
    return _phrases(api.get("/me/settings")["content"])


def change(api: Api, edit: Callable[[list[str]], list[str]]) -> list[str]:
    """Keep what `edit` makes of the phrases: empty ones and repetitions are left out. Another page may save at the same time:
    then its phrases are read and edited again."""
    for last in (False, True):
        kept = api.get("/me/settings")
        edited = [text.strip()[:LONGEST] for text in edit(_phrases(kept["content"]))]
        phrases = list(dict.fromkeys(text for text in edited if text))[:MOST]
        try:
            api.put("/me/settings", {"content": kept["content"] | {"phrases": phrases}}, if_match=kept["etag"])
        except Problem as problem:
            if problem.status != 412 or last:
                raise
        else:
            return phrases
    raise AssertionError("the second try returns or raises")


def _phrases(content: dict[str, Any]) -> list[str]:
    kept = content.get("phrases")
    return [text for text in kept if isinstance(text, str)] if isinstance(kept, list) else []
