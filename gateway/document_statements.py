"""Documents that a request names. The documents service's signed statement about them is sent along with the command."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.service_client import send_query


def statement_of(ids: Sequence[str]) -> dict[str, Any]:
    """The `documents_statement` argument for a command whose body names these documents. Nothing is asked if it names none."""
    subjects = sorted({"/".join(id.split(".")[:2]) for id in ids if id.count(".") == 2})
    if not subjects:
        return {"documents_statement": None}
    return statement_of_subjects(*subjects)


def statement_of_letter(written: Mapping[str, Any] | None) -> dict[str, Any]:
    """As `statement_of`, for a written objection, which names its letter."""
    return statement_of([written["document"]] if written else [])


def statement_of_subjects(*subjects: str) -> dict[str, Any]:
    """As `statement_of`, for a request whose body names no documents because the stored draft names them."""
    return {"documents_statement": str(send_query("documents", "document_states", subjects=list(subjects))["statement"])}
