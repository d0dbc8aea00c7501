"""The contact for the public. If a call or a notice names no contact, that of the site itself is used."""

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
    """Return an item in its publicity period, with the site's contact if it names none: any person may object in writing then
    (公示) and must know where."""
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
