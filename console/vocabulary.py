"""Public data that many pages need, cached for a short time: the names of codes (`GET vocabulary`) and single calls."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Iterator, Mapping
from typing import Any

from console.api import Api, path_of

#: Seconds for which a fetched vocabulary is used before it is asked for again. It changes when a policy is published.
FRESH = 300.0
#: The same for a call, whose window can be extended, and how many are kept.
FRESH_CALL, MOST_CALLS = 30.0, 200

Words = Mapping[str, Mapping[str, str]]


class Vocabulary:
    """Keeps the vocabulary in both languages for a few minutes."""

    def __init__(self) -> None:
        self._kept: dict[str, Words] = {}
        self._read = 0.0

    def of(self, api: Api) -> Words:
        """Words by set and code in the reader's language: `of(api)["tier"]["core"]`."""
        if not self._kept or time.monotonic() - self._read > FRESH:
            answer = api.get("/vocabulary")
            self._kept = {language: dict(_sets(answer, language)) for language in ("zh", "en")}
            self._read = time.monotonic()
        return self._kept[api.language]


class Calls:
    """Keeps calls that pages named lately. A call changes seldom; its page itself always asks."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[str, str], tuple[float, dict[str, Any]]] = OrderedDict()

    def of(self, api: Api, id: str | None) -> dict[str, Any] | None:
        """A call by its id; None where there is none."""
        if id is None:
            return None
        kept = self._kept.get((id, api.language))
        if kept is None or time.monotonic() - kept[0] > FRESH_CALL:
            kept = (time.monotonic(), api.get(path_of("calls", id)))
            self._kept[id, api.language] = kept
            if len(self._kept) > MOST_CALLS:
                self._kept.popitem(last=False)
        return kept[1]


def _sets(answer: dict[str, Any], language: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, codes in answer["sets"].items():
        yield name, {entry["code"]: entry[language] for entry in codes}
    yield "region", {entry["code"]: entry[language] for entry in answer["regions"]}
    yield "bureau", {entry["code"]: entry["name"][language] for entry in answer["bureaus"]}
    yield "rule", {entry["id"]: entry["title"][language] for entry in answer["rules"]}
