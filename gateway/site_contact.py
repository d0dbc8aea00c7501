"""The contact for the public. If a call or an evaluation notice names no contact, the contact of the site itself is used."""

from __future__ import annotations

from typing import TypedDict

from gateway.context import gateway_context
from services.contracts.payload import JsonObject


class SiteContact(TypedDict):
    """The site's own contact. A member is null if the settings do not name it."""

    name: str | None
    telephone: str | None
    address: str | None
    email: str | None


def with_contact(item: JsonObject) -> JsonObject:
    """Return an item in its publicity period (公示), with the site's contact if the item names none: in that period any person
    may object in writing and must know the address."""
    return item if item.get("contact") else item | {"contact": site_contact()}


def site_contact() -> SiteContact:
    """Return the site's own contact."""
    settings = gateway_context().settings
    return {
        "name": settings.site_sponsor or None,
        "telephone": settings.site_telephone or None,
        "address": settings.site_address or None,
        "email": None,
    }
