"""The contact for the public: that of the site itself, if a call or a notice names none."""

from __future__ import annotations

from typing import Any

from gateway.context import gateway_context


def with_contact(item: dict[str, Any]) -> dict[str, Any]:
    """An item in its publicity period, with the site's contact if it names none, because any person may object there in writing
    (公示)."""
    if item.get("contact"):
        return item
    settings = gateway_context().settings
    said = {"name": settings.site_sponsor, "telephone": settings.site_telephone, "address": settings.site_address}
    return item | {"contact": {name: value or None for name, value in said.items()} | {"email": None}}
