"""Serialize recognised consortia, their changes and matters, the entries of the watch list, and policies."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row

from services.application.domain.change import Change
from services.application.domain.consortium import Consortium
from services.application.domain.proposal import Proposal
from services.application.domain.watch import Watch
from services.application.serializers.application_serializers import isoformat_or_none
from services.kernel.persistence.unit_of_work import digest
from services.kernel.preconditions import version_tag
from services.policy import Policy


def proposal(found: Proposal) -> dict[str, Any]:
    """Serialize a proposed consortium of the plan of 2021 that waits for its confirmation or was refused."""
    said = found.content
    members = [{"uscc": m["organisation"], "name": m["name"], "tier": m["tier"], "role": m["role"]} for m in said["members"]]
    lead = {"uscc": found.lead, "name": said["lead_name"]}
    return {
        "id": found.id,
        "name": found.name,
        "field": said["field"],
        "status": found.status,
        "recognised_on": said["recognised_on"],
        "recommender": said["recommender"],
        "lead": lead,
        "last_grade": None,
        "imported": True,
        "units": [lead | {"tier": None, "role": None}, *members],
        "proposal": entered(found),
        "etag": version_tag(found.id, found.revision, found.state()),
    }


def entered(found: Proposal) -> dict[str, Any]:
    """Return the data of a consortium of the plan of 2021 as entered, the account that entered them, and the second person's
    answer."""
    return {
        "research_direction": found.content.get("research_direction"),
        "history": found.history,
        "by": found.proposed_by,
        "at": isoformat_or_none(found.proposed_at),
        "answered_by": found.answered_by,
        "answered_at": isoformat_or_none(found.answered_at) if found.answered_at else None,
        "reason": found.reason,
        "documents": found.papers,
    }


def change(found: Change, confirmations: Mapping[str, Row[Any]]) -> dict[str, Any]:
    """Serialize a change with the answers of the units that must confirm it."""
    return {
        "id": found.id,
        "consortium": found.consortium_id,
        "kind": found.kind,
        "status": found.status,
        "stage": found.stage,
        "effective_on": found.effective_on.isoformat(),
        "reported_on": found.reported_on.isoformat(),
        "late": found.late,
        "late_reason": found.late_reason,
        "detail": found.detail,
        "reason": found.reason,
        "technical_need": found.technical_need,
        "task_source": found.task_source,
        "unforeseen": found.unforeseen,
        "documents": found.papers,
        "proposed": found.proposed,
        "signatories": found.signatories,
        "main_task_bearing": found.main_task_bearing,
        "recommendation": found.recommendation,
        "version": found.version,
        "confirmations": [
            _confirmation(unit["organisation"], confirmations.get(unit["organisation"])) | {"as": unit["as"]}
            for unit in found.asking
        ],
        "findings": found.findings,
        "policy": found.policy,
        "decision": found.decision,
        "took_effect_on": found.took_effect_on.isoformat() if found.took_effect_on else None,
        "etag": str(found.revision),
    }


def _confirmation(code: str, row: Row[Any] | None) -> dict[str, Any]:
    return {
        "organisation": code,
        "decision": row.decision if row is not None else None,
        "reason": row.reason if row is not None else None,
        "at": isoformat_or_none(row.decided_at) if row is not None else None,
    }


def matter(row: Row[Any]) -> dict[str, Any]:
    """Serialize a major matter."""
    return {
        "id": row.id,
        "consortium": row.consortium_id,
        "kind": row.kind,
        "title": row.title,
        "detail": row.detail,
        "occurred_on": row.occurred_on.isoformat(),
        "documents": row.papers,
        "filed_at": isoformat_or_none(row.filed_at),
        "acknowledged": row.acknowledged,
        "planned": row.planned,
        "status": _matter_status(row),
        "objection": row.objection,
    }


def _matter_status(row: Row[Any]) -> str:
    if row.objection is not None:
        return "objected"
    if row.acknowledged is not None:
        return "acknowledged"
    return "applied_for" if row.planned else "reported"


def watch(found: Watch, consortium: Consortium | Row[Any], names: Mapping[str, str | None]) -> dict[str, Any]:
    """Serialize an entry of the watch list."""
    return {
        "id": found.id,
        "kind": found.kind,
        "cause": found.cause,
        "status": found.status,
        "consortium": {
            "id": consortium.id,
            "number": consortium.number,
            "name": consortium.name,
            "lead": {"uscc": consortium.lead, "name": names.get(consortium.lead)},
            "recommender": consortium.recommender,
        },
        "organisation": {"uscc": found.organisation, "name": names.get(found.organisation)} if found.organisation else None,
        "findings": found.findings,
        "note": found.note,
        "opened_on": found.opened_on.isoformat(),
        "due_on": found.due_on.isoformat() if found.due_on else None,
        "settled_on": found.settled_on.isoformat() if found.settled_on else None,
        "outcome": found.outcome,
    }


def policy(found: Policy, status: str, *, drafted_by: str | None) -> dict[str, Any]:
    """Serialize a version of the policy without its document. `status`: builtin, draft or published. `etag`: the digest of the
    document, with which a publication names the draft that was read."""
    return {
        "policy": found.ref,
        "title": found.title.to_dict(),
        "effective_from": found.effective_from.isoformat(),
        "status": status,
        "drafted_by": drafted_by,
        "etag": policy_etag(found),
    }


def policy_etag(found: Policy) -> str:
    """Return the digest of a version's document."""
    return (digest(found.to_dict()) or "")[:32]
