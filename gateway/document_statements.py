"""Documents that a request names: what the documents service states of them goes along, signed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from gateway.service_client import send_query


def statement_of(ids: Sequence[str]) -> dict[str, str | None]:
    """What `tell` carries for a body that names documents; nothing is asked where it names none."""
    subjects = sorted({"/".join(id.split(".")[:2]) for id in ids if id.count(".") == 2})
    if not subjects:
        return {"documents_statement": None}
    return {"documents_statement": str(send_query("documents", "document_states", subjects=subjects)["statement"])}


def letter(written: Mapping[str, Any] | None) -> dict[str, str | None]:
    """As `papers`, for a written objection, which names its letter."""
    return statement_of([written["document"]] if written else [])


def papers_of(subject: str) -> dict[str, str | None]:
    """As `papers`, where the request's own body names none because a draft kept there does."""
    return {"documents_statement": str(send_query("documents", "document_states", subjects=[subject])["statement"])}
