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


def merged_page(wanted: Mapping[str, str], bureau: str, limit: int, cursor: str | None) -> AuditPageDict:
    """Return the entries of all logs, the newest first; of the review services, only the log of one bureau. `wanted`: the filters
    by their names in the services' query. The cursor contains the position in each log; a log without further entries is left
    out. If a service does not answer, its position stays the same for the next page."""
    places: dict[str, str | None] = _places(cursor) if cursor else dict.fromkeys(SERVICES)
    payloads = {service: {"limit": limit, "cursor": place, **wanted} for service, place in places.items()}
    answers: dict[str, PageDict[AuditEntryDict] | None] = query_each_with("audit_entries", payloads, bureau)
    away = {service: places[service] for service, answer in answers.items() if answer is None}
    entries: list[AuditEntryDict] = [
        {"service": service, "verification": None, **item}
        for service, answer in answers.items()
        if answer is not None
        for item in answer["items"]
    ]
    # Entries of one log are ordered by position, because several may have the same time.
    entries.sort(key=lambda entry: (entry["at"], entry["service"], entry["position"]), reverse=True)
    shown = entries[:limit]
    after = away | {name: place for name, answer in answers.items() if answer for place in _after(name, answer, shown, places)}
    # If only services that are unavailable may have more entries, there is no next page: the caller must repeat this request to
    # get them.
    more = _cursor(after) if after and set(after) != set(away) else None
    return {"items": shown, "next_cursor": more, "unavailable": sorted(away)}


def _after(
    service: str, answer: PageDict[AuditEntryDict], shown: Sequence[AuditEntryDict], before: Mapping[str, str | None]
) -> list[str | None]:
    """Return the position in a log after its entries on this page, as a list with one element; an empty list if the page contains
    all of the log."""
    own = [entry for entry in shown if entry["service"] == service]
    if len(own) == len(answer["items"]):
        return [answer["next_cursor"]] if answer["next_cursor"] else []
    return [encode_cursor([min(entry["position"] for entry in own)])] if own else [before[service]]


def _cursor(places: dict[str, str | None]) -> str:
    return base64.urlsafe_b64encode(json.dumps(places).encode()).decode().rstrip("=")


def _places(cursor: str) -> dict[str, str | None]:
    """Return the positions in a cursor that `_cursor` made. Raises Invalid for the cursor of another list."""
    try:
        places = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
    except ValueError:
        raise bad_cursor() from None
    if not isinstance(places, dict) or not set(places) <= set(SERVICES):
        raise bad_cursor()
    return places


def verification() -> AuditVerificationDict:
    """Return the state of every chain, compared with the heads of it that other services store. The stored heads are read before
    the chains, so that a chain can only be longer than its stored head."""
    kept: dict[str, StoredHeads | None] = query_each_with("kept_heads", {keeper: {} for keeper in KEEPERS}, "")
    heads = [head for answer in kept.values() if answer is not None for head in answer["heads"]]
    began = min((answer["began"] for answer in kept.values() if answer is not None and answer["began"]), default=None)
    payloads = {
        service: {"heads": [head for head in heads if head["service"] == service], "began": began}
        for service in SERVICES
        if service not in PER_BUREAU
    }
    answers: dict[str, ChainStates | None] = query_each_with("audit_state", payloads, "")
    own = {
        bureau: {
            "heads": [head for head in heads if (head["service"], head["bureau"]) == ("review", bureau)],
            "began": began,
            "only": bureau,
        }
        for bureau in BUREAUS
    }
    reviews: dict[str, ChainStates | None] = query_bureaus_with("review", "audit_state", own)
    asked = [*answers.items(), *(("review", answer) for answer in reviews.values())]
    chains = [
        _chain(service, chain)
        for service, answer in asked
        if answer is not None
        for chain in answer["items"]
        if chain["length"] or chain["waiting"] or chain["flaws"]
    ]
    away = sorted({service for service, answer in {**kept, **answers}.items() if answer is None})
    return {
        "holds": all(chain["holds"] for chain in chains),
        "chains": chains,
        "unavailable": away,
        "unavailable_bureaus": [bureau for bureau, answer in reviews.items() if answer is None],
    }


def _chain(service: str, chain: ChainState) -> AuditChainDict:
    flaws = [_worded(flaw) for flaw in chain["flaws"]]
    return cast(AuditChainDict, {"service": service, "holds": not flaws, **chain, "flaws": flaws})


def _worded(flaw: FlawCode) -> AuditFlawDict:
    return {**flaw, "message": label("audit_flaw", flaw["code"]).to_dict()}
