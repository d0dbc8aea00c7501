"""A document that is read page by page beside a case: the page that is shown, and the pages that can be opened."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from console.api import Api, path_of
from console.formats import readable
from console.labels import translate
from console.problems import Problem

#: Statuses of refusals that concern only the pages of a document and not the page around them.
_ABOUT_PAGES = (409, 429, 503)


@dataclass(frozen=True, slots=True)
class OpenDocument:
    """A page of a document. `pages` is the number of pages that can be opened; page 0 means none. `note` says in the reader's
    language why not all pages can be opened. `opening`: the document cannot be read yet, but probably in a moment."""

    id: str
    filename: str
    kind: str
    page: int
    pages: int
    note: str
    opening: bool = False


def first(documents: Iterable[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the document to open first: the first one with pages; None if there is none."""
    return next((document for document in documents if readable(document["filename"])), None)


def open_paper(api: Api, id: str, page: int, documents: Iterable[dict[str, Any]] = ()) -> OpenDocument:
    """Return a page of a document, or its last page if the number is too large. `documents` are the documents of the case, from
    which the kind of this document is taken. Raises Problem if the reader may not read the document."""
    of_case = next((document for document in documents if document["id"] == id), None)
    kind = of_case["kind"] if of_case else ""
    try:
        counted = api.get(path_of("documents", id, "pages"))
    except Problem as problem:
        # After a declaration, or for a new case, the documents service learns of the reviewer's access a moment later than the
        # review service. Until then it answers 404.
        opening = of_case is not None and problem.status == 404
        if not opening and problem.status not in _ABOUT_PAGES:
            raise
        note = translate("paper.opening", api.language) if opening else problem.detail
        return OpenDocument(id, of_case["filename"] if of_case else "", kind, 0, 0, note, opening)
    note = counted["reason"]["message"] if counted["reason"] else ""
    return OpenDocument(id, counted["filename"], kind, max(1, min(page, counted["pages"])), counted["pages"], note)
