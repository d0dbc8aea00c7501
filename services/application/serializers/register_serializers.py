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
from services.contracts.application.change_responses import (
    AskedUnit,
    ChangeAnswerDict,
    MajorMatterAnswerDict,
    UnitConfirmation,
    WatchAnswerDict,
)
from services.contracts.application.policies import PolicyItemDict, PolicyPreviewDict
from services.contracts.application.register_responses import ProposalEntry, ProposedConsortium, RegisteredUnit
from services.contracts.organisation_name import OrganisationName
from services.kernel.persistence.unit_of_work import digest
from services.kernel.preconditions import version_tag
from services.policy import Policy


def proposal(proposal: Proposal) -> ProposedConsortium:
    """Serialize a proposed consortium of the plan of 2021 that waits for its confirmation or was refused."""
    content = proposal.content
    lead: OrganisationName = {"uscc": proposal.lead, "name": content["lead_name"]}
    members: list[RegisteredUnit] = [
        {"uscc": member["organisation"], "name": member["name"], "tier": member["tier"], "role": member["role"]}
        for member in content["members"]
    ]
    return {
        "id": proposal.id,
        "name": proposal.name,
        "field": content["field"],
        "status": proposal.status,
        "recognised_on": content["recognised_on"],
        "recommender": content["recommender"],
        "lead": lead,
        "last_grade": None,
        "imported": True,
        "units": [{**lead, "tier": None, "role": None}, *members],
        "proposal": entered(proposal),
        "etag": version_tag(proposal.id, proposal.revision, proposal.state()),
    }


def entered(proposal: Proposal) -> ProposalEntry:
    """Return the data of a consortium of the plan of 2021 as entered, the account that entered them, and the second person's
    answer."""
    return {
        "research_direction": proposal.content.get("research_direction"),
        "history": proposal.history,
        "by": proposal.proposed_by,
        "at": proposal.proposed_at.isoformat(),
        "answered_by": proposal.answered_by,
        "answered_at": isoformat_or_none(proposal.answered_at),
        "reason": proposal.reason,
        "documents": proposal.papers,
    }


def change(change: Change, confirmations: Mapping[str, Row[Any]]) -> ChangeAnswerDict:
    """Serialize a change with the answers of the units that must confirm it."""
    return {
        "id": change.id,
        "consortium": change.consortium_id,
        "kind": change.kind,
        "status": change.status,
        "stage": change.stage,
        "effective_on": change.effective_on.isoformat(),
        "reported_on": change.reported_on.isoformat(),
        "late": change.late,
        "late_reason": change.late_reason,
        "detail": change.detail,
        "reason": change.reason,
        "technical_need": change.technical_need,
        "task_source": change.task_source,
        "unforeseen": change.unforeseen,
        "documents": change.papers,
        "proposed": change.proposed,
        "signatories": change.signatories,
        "main_task_bearing": change.main_task_bearing,
        "recommendation": change.recommendation,
        "version": change.version,
        "confirmations": [_confirmation(unit, confirmations.get(unit["organisation"])) for unit in change.asking],
        "findings": change.findings,
        "policy": change.policy,
        "decision": change.decision,
        "took_effect_on": change.took_effect_on.isoformat() if change.took_effect_on else None,
        "etag": str(change.revision),
    }


def _confirmation(unit: AskedUnit, row: Row[Any] | None) -> UnitConfirmation:
    return {
        "organisation": unit["organisation"],
        "decision": row.decision if row is not None else None,
        "reason": row.reason if row is not None else None,
        "at": isoformat_or_none(row.decided_at) if row is not None else None,
        "as": unit["as"],
    }


def matter(row: Row[Any]) -> MajorMatterAnswerDict:
    """Serialize a major matter."""
    return {
        "id": row.id,
        "consortium": row.consortium_id,
        "kind": row.kind,
        "title": row.title,
        "detail": row.detail,
        "occurred_on": row.occurred_on.isoformat(),
        "documents": row.papers,
        "filed_at": row.filed_at.isoformat(),
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


def watch(watch: Watch, consortium: Consortium | Row[Any], names: Mapping[str, str | None]) -> WatchAnswerDict:
    """Serialize an entry of the watch list."""
    return {
        "id": watch.id,
        "kind": watch.kind,
        "cause": watch.cause,
        "status": watch.status,
        "consortium": {
            "id": consortium.id,
            "number": consortium.number,
            "name": consortium.name,
            "lead": {"uscc": consortium.lead, "name": names.get(consortium.lead)},
            "recommender": consortium.recommender,
        },
        "organisation": {"uscc": watch.organisation, "name": names.get(watch.organisation)} if watch.organisation else None,
        "findings": watch.findings,
        "note": watch.note,
        "opened_on": watch.opened_on.isoformat(),
        "due_on": watch.due_on.isoformat() if watch.due_on else None,
        "settled_on": watch.settled_on.isoformat() if watch.settled_on else None,
        "outcome": watch.outcome,
    }


def policy(policy: Policy, status: str, *, drafted_by: str | None, preview: Row[Any] | None = None) -> PolicyItemDict:
    """Serialize a version of the policy without its document. `status`: builtin, draft or published. `etag`: the digest of the
    document, with which a publication names the draft that was read. `preview`: the newest complete preview of this document."""
    return {
        "policy": policy.ref,
        "title": policy.title.to_dict(),
        "effective_from": policy.effective_from.isoformat(),
        "status": status,
        "drafted_by": drafted_by,
        "etag": policy_etag(policy),
        "preview": policy_preview(preview) if preview is not None else None,
    }


def policy_preview(row: Row[Any]) -> PolicyPreviewDict:
    """Serialize a complete preview of a draft."""
    return {
        "by": row.previewed_by,
        "at": row.previewed_at.isoformat(),
        "looked_at": row.looked_at,
        "affected": row.affected,
    }


def policy_etag(policy: Policy) -> str:
    """Return the digest of a version's document."""
    return (digest(policy.to_dict()) or "")[:32]
