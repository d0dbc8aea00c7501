"""The bounds of lists in requests."""

from __future__ import annotations

from marshmallow import fields, validate

from services.contracts.common import FieldMessage, code


def at_most(count: int) -> validate.Length:
    """Accept lists of at most `count` entries."""
    return validate.Length(max=count, error=FieldMessage("too_many", f"最多 {count} 项。", f"At most {count} entries."))


def document_ids() -> fields.List[str]:
    """The ids of the documents that a request names, at most 500."""
    return fields.List(code(120), load_default=list, validate=at_most(500))
