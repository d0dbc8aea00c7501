"""A document that another object names."""

from __future__ import annotations

from typing import TypedDict


class Attachment(TypedDict):
    """The reference to a stored document, as it is stored, published and answered."""

    id: str
    kind: str
    filename: str
