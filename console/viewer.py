"""A document read page by page beside a case: which page is shown, and which others can be turned to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from console.api import Api, path_of
from console.formats import readable
from console.problems import Problem

#: Refusals that concern the pages of a document and not the page around them.
_ABOUT_PAGES = (409, 429, 503)


@dataclass(frozen=True, slots=True)
class OpenPaper:
    """A page of a document: `pages` can be turned to, 0 is none; `note` says why not all of them, in the reader's language."""

    id: str
    filename: str
    kind: str
    page: int
    pages: int
    note: str


def first(documents: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """The document that opens first: the first one with pages."""
    return next((one for one in documents if readable(one["filename"])), None)


def open_paper(api: Api, id: str, page: int, documents: Iterable[dict[str, Any]] = ()) -> OpenPaper:
    """A page of a document, the last one where there are fewer. `documents`: those of the case, which say its kind. Problem when
    the reader may not read it."""
    kind = next((one["kind"] for one in documents if one["id"] == id), "")
    try:
        counted = api.get(path_of("documents", id, "pages"))
    except Problem as problem:
        if problem.status not in _ABOUT_PAGES:
            raise
        filename = next((one["filename"] for one in documents if one["id"] == id), "")
        return OpenPaper(id, filename, kind, 0, 0, problem.detail)
    note = counted["reason"]["message"] if counted["reason"] else ""
    return OpenPaper(id, counted["filename"], kind, max(1, min(page, counted["pages"])), counted["pages"], note)
