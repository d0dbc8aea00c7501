"""An organisation as events and answers name it."""

from __future__ import annotations

from typing import TypedDict


class OrganisationName(TypedDict):
    """The code and the name; null if no organisation is named, or no account registered it."""

    uscc: str | None
    name: str | None


class PublicUnit(OrganisationName):
    """A unit of a consortium; the lead has no tier."""

    tier: str | None
