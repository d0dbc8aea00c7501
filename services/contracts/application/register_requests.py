"""The bodies and queries of requests about the register."""

from __future__ import annotations

from services.contracts.common import (
    Body,
    Page,
    code,
    one_of,
    search_words,
    text,
)


class HandOver(Body):
    """The province's decision that another bureau becomes the recommender. `recommender`: the new recommender, a city or industry
    bureau."""

    recommender = code(20, required=True)
    reason = text(4000, required=True)


class ConsortiumQuery(Page):
    status = one_of("active", "rectifying", "revoked", "dissolved", of="consortium_status", load_default=None)
    recommender = code(20, load_default=None)
    field = text(60, load_default=None)
    q = search_words(50, shortest=2, load_default=None)
    number = code(30, load_default=None)


class RegisterQuery(ConsortiumQuery):
    """The filter of the register. Status `proposed` selects consortia of the plan of 2021 that wait for confirmation by a second
    person of the province."""

    status = one_of("active", "rectifying", "revoked", "dissolved", "proposed", of="register_status", load_default=None)
