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
    """`recommender`: the city or industry bureau that is the recommender from now on."""

    recommender = code(20, required=True)
    reason = text(4000, required=True)


class ConsortiumQuery(Page):
    status = one_of("active", "rectifying", "revoked", "dissolved", of="consortium_status", load_default=None)
    recommender = code(20, load_default=None)
    field = text(60, load_default=None)
    q = search_words(50, shortest=2, load_default=None)
    number = code(30, load_default=None)


class RegisterQuery(ConsortiumQuery):
    """`proposed`: consortia of the plan of 2021 that wait for confirmation by a second person of the province."""

    status = one_of("active", "rectifying", "revoked", "dissolved", "proposed", of="register_status", load_default=None)
