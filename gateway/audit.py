"""Merge the audit logs of all services into one list by time, and collect the state of every chain."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping, Sequence
from typing import cast

from gateway.parallel_queries import query_bureaus_with, query_each_with
from services.contracts.audit import (
    SERVICES,
    AuditChainDict,
    AuditEntryDict,
    AuditFlawDict,
    AuditPageDict,
    AuditVerificationDict,
    ChainState,
    ChainStates,
    FlawCode,
    StoredHeads,
)
from services.contracts.labels import label
from services.contracts.pages import PageDict
from services.kernel.audit import KEEPERS
from services.kernel.persistence.paging import bad_cursor, encode_cursor
from services.kernel.registry import PER_BUREAU
from services.policy.bureaus import BUREAUS


def merged_page(filters: Mapping[str, str], bureau: str, limit: int, cursor: str | None) -> AuditPageDict:
    """Return the entries of all services' audit logs, the newest first; of the review services, only the log of one bureau.
    `filters`: values by the names of the parameters of the query `audit_entries`. The cursor contains the position in each log; a
    log without further entries is left out of it. If a service does not answer, its position stays the same for the next page."""
    positions: dict[str, str | None] = _positions(cursor) if cursor else dict.fromkeys(SERVICES)
    payloads = {service: {"limit": limit, "cursor": position, **filters} for service, position in positions.items()}
    answers: dict[str, PageDict[AuditEntryDict] | None] = query_each_with("audit_entries", payloads, bureau)
    unanswered = {service: positions[service] for service, answer in answers.items() if answer is None}
    entries: list[AuditEntryDict] = [
        {"service": service, "verification": None, **item}
        for service, answer in answers.items()
        if answer is not None
        for item in answer["items"]
    ]
    # Entries of one log are ordered by position, because several may have the same time.
    entries.sort(key=lambda entry: (entry["at"], entry["service"], entry["position"]), reverse=True)
    on_page = entries[:limit]
    after = unanswered | {
        name: position
        for name, answer in answers.items()
        if answer
        for position in _position_after(name, answer, on_page, positions)
    }
    # If only services that are unavailable may have more entries, there is no next page: the caller must repeat this request to
    # get them.
    more = _cursor(after) if after and set(after) != set(unanswered) else None
    return {"items": on_page, "next_cursor": more, "unavailable": sorted(unanswered)}


def _position_after(
    service: str, answer: PageDict[AuditEntryDict], on_page: Sequence[AuditEntryDict], before: Mapping[str, str | None]
) -> list[str | None]:
    """Return the position in one log after its entries on this page, as a list with one element; an empty list if the log has no
    entries after this page."""
    of_service = [entry for entry in on_page if entry["service"] == service]
    if len(of_service) == len(answer["items"]):
        return [answer["next_cursor"]] if answer["next_cursor"] else []
    return [encode_cursor([min(entry["position"] for entry in of_service)])] if of_service else [before[service]]


def _cursor(positions: dict[str, str | None]) -> str:
    return base64.urlsafe_b64encode(json.dumps(positions).encode()).decode().rstrip("=")


def _positions(cursor: str) -> dict[str, str | None]:
    """Return the position in each log from a cursor that `_cursor` made. Raises Invalid for a cursor of another list."""
    try:
        positions = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise bad_cursor() from None
    if not isinstance(positions, dict) or not set(positions) <= set(SERVICES):
        raise bad_cursor()
    return positions


def verification() -> AuditVerificationDict:
    """Return the state of every chain of the audit logs, compared with the heads (digests of newest entries) that other services
    store. The stored heads are read before the chains, so that a chain can only have grown since."""
    stored_heads: dict[str, StoredHeads | None] = query_each_with("kept_heads", {keeper: {} for keeper in KEEPERS}, "")
    heads = [head for answer in stored_heads.values() if answer is not None for head in answer["heads"]]
    began = min((answer["began"] for answer in stored_heads.values() if answer is not None and answer["began"]), default=None)
    payloads = {
        service: {"heads": [head for head in heads if head["service"] == service], "began": began}
        for service in SERVICES
        if service not in PER_BUREAU
    }
    answers: dict[str, ChainStates | None] = query_each_with("audit_state", payloads, "")
    review_payloads = {
        bureau: {
            "heads": [head for head in heads if (head["service"], head["bureau"]) == ("review", bureau)],
            "began": began,
            "only": bureau,
        }
        for bureau in BUREAUS
    }
    reviews: dict[str, ChainStates | None] = query_bureaus_with("review", "audit_state", review_payloads)
    states = [*answers.items(), *(("review", answer) for answer in reviews.values())]
    chains = [
        _chain_answer(service, chain)
        for service, answer in states
        if answer is not None
        for chain in answer["items"]
        if chain["length"] or chain["waiting"] or chain["flaws"]
    ]
    unanswered = sorted({service for service, answer in {**stored_heads, **answers}.items() if answer is None})
    return {
        "holds": all(chain["holds"] for chain in chains),
        "chains": chains,
        "unavailable": unanswered,
        "unavailable_bureaus": [bureau for bureau, answer in reviews.items() if answer is None],
    }


def _chain_answer(service: str, chain: ChainState) -> AuditChainDict:
    flaws = [_flaw_answer(flaw) for flaw in chain["flaws"]]
    return cast(AuditChainDict, {"service": service, "holds": not flaws, **chain, "flaws": flaws})


def _flaw_answer(flaw: FlawCode) -> AuditFlawDict:
    return {**flaw, "message": label("audit_flaw", flaw["code"]).to_dict()}
