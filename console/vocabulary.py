"""The names of codes (`GET vocabulary`). Every page needs them, so they are cached for a short time."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from typing import Any

from console.api import Api

#: Seconds for which a fetched vocabulary is cached. It changes when a policy is published.
FRESH = 300.0

Words = Mapping[str, Mapping[str, str]]


class Vocabulary:
    """Caches the vocabulary, in both languages, for `FRESH` seconds."""

    def __init__(self) -> None:
        self._kept: dict[str, Words] = {}
        self._read = 0.0

    def of(self, api: Api) -> Words:
        """Return the names by group and code in the reader's language: `of(api)["tier"]["core"]`."""
        if not self._kept or time.monotonic() - self._read > FRESH:
            answer = api.get("/vocabulary")
            self._kept = {language: dict(_sets(answer, language)) for language in ("zh", "en")}
            self._read = time.monotonic()
        return self._kept[api.language]


def _sets(answer: dict[str, Any], language: str) -> Iterator[tuple[str, dict[str, str]]]:
    for name, codes in answer["sets"].items():
        yield name, {entry["code"]: entry[language] for entry in codes}
    yield "region", {entry["code"]: entry[language] for entry in answer["regions"]}
    yield "bureau", {entry["code"]: entry["name"][language] for entry in answer["bureaus"]}
    yield "rule", {entry["id"]: entry["title"][language] for entry in answer["rules"]}
