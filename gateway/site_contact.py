"""The contact for the public. If a call or a notice names no contact, that of the site itself is used."""

from __future__ import annotations

from typing import Any

from gateway.context import gateway_context


def with_contact(item: dict[str, Any]) -> dict[str, Any]:
    """Return an item in its publicity period, with the site's contact if it names none: any person may object in writing then
    (公示) and must know where."""
    return item if item.get("contact") else item | {"contact": site_contact()}


def site_contact() -> dict[str, Any]:
    """Return the site's own contact."""
    settings = gateway_context().settings
    said = {"name": settings.site_sponsor, "telephone": settings.site_telephone, "address": settings.site_address}
    return {name: value or None for name, value in said.items()} | {"email": None}
