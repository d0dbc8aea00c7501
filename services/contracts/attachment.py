"""A document that another object names."""

from __future__ import annotations

#: The reference to a stored document as it is stored, published and answered: `id`, `kind` and `filename`.
Attachment = dict[str, str]
