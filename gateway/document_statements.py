"""Signed statements about the documents that a request names. The gateway gets the statement from the documents service and sends
it to the called service together with the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.service_client import send_query


def statement_of(ids: Sequence[str]) -> dict[str, str | None]:
    """Return the argument `documents_statement` for a command whose body names these documents. If it names none, the documents
    service is not asked."""
    subjects = sorted({"/".join(id.split(".")[:2]) for id in ids if id.count(".") == 2})
    if not subjects:
        return {"documents_statement": None}
    return statement_of_subjects(*subjects)


def statement_of_letter(written: Mapping[str, Any] | None) -> dict[str, str | None]:
    """Return the argument `documents_statement` for a written objection, which names its letter."""
    return statement_of([written["document"]] if written else [])


def statement_of_subjects(*subjects: str) -> dict[str, str | None]:
    """Return the argument `documents_statement` for a request whose body names no documents, because the stored draft of these
    subjects names them."""
    return {"documents_statement": str(send_query("documents", "document_states", subjects=list(subjects))["statement"])}
