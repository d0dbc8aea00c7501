"""Serialize organisations, calls, applications and consortia, limited to the data that each reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from services.application.access import Reader
from services.application.domain import verification
from services.application.domain.application import Application
from services.application.domain.call import Call
from services.application.domain.organisation import Organisation
from services.application.domain.verification import Verification
from services.application.verdict import terms
from services.kernel.clock import local_date
from services.kernel.preconditions import version_tag
from services.policy import Policy


def isoformat_or_none(instant: datetime | None) -> str | None:
    """Format an instant as ISO 8601 text; None stays None."""
    return instant.isoformat() if instant else None


def organisation(found: Organisation, held: Mapping[str, Verification]) -> dict[str, Any]:
    """Serialize an organisation's own data with the verifications in force (`held`, by fact)."""
    data = found.snapshot()
    return data | {
        "verifications": verification.shown(data, held),
        "etag": version_tag(found.uscc, found.revision, found.snapshot()),
    }


def call(found: Call, now: datetime) -> dict[str, Any]:
    """Serialize a call, with its status at `now`."""
    return {
        "id": found.id,
        "title": found.title,
        "kind": found.kind,
        "status": found.status(now),
        "opens_at": isoformat_or_none(found.opens_at),
        "closes_at": isoformat_or_none(found.closes_at),
        "policy": found.policy,
        "fields": found.fields,
        "industry_bureaus": found.industry_bureaus,
        "rubric": found.rubric,
        "min_reviewers": found.min_reviewers,
        "places": found.places,
        "budget": found.budget,
        "attachments": found.attachments,
        "text": found.text,
        "contact": found.contact,
        "days_left": found.days_left(now),
        "cancelled_reason": found.cancelled_reason,
        "etag": str(found.revision),
    }


def application(
    found: Application,
    reader: Reader,
    version: Mapping[str, Any] | Row[Any] | None,
    organisations: Mapping[str, Any],
    rows: Mapping[str, Row[Any]],
) -> dict[str, Any]:
    """Serialize an application. `version`: the last submitted version or, for an expert, the assigned one. Readers other than the
    parties see only this version's content. `organisations`: names and registration by code. `rows`: the units' answers."""
    kept = _kept(version)
    said = found.said() if reader.party or kept is None else kept["content"]
    now = terms(found)
    answer = {
        "id": found.id,
        "channel": found.channel,
        "policy": found.policy,
        "status": found.status,
        "stage": found.stage,
        "round": found.round,
        "version": kept["number"] if kept and reader.expert else found.version,
        **said,
        "lead_name": getattr(organisations.get(found.lead or ""), "name", None),
        "members": [_member(member, organisations, rows, now) for member in said["members"]],
        "handed_in": kept["documents"] if kept else [],
        "basis": found.basis,
        "agreement_version": now.version if reader.party or kept is None else kept["agreement_version"],
        "verdict": _verdict(kept),
        "decision": _decision(found),
        "publicity": _publicity(found),
        "reason": found.reason,
        "correction": _correction(found),
        "consortium": found.consortium_id,
        "created_at": isoformat_or_none(found.created_at),
        "submitted_at": isoformat_or_none(found.submitted_at),
        "updated_at": isoformat_or_none(found.updated_at),
        "etag": str(found.revision),
    }
    if reader.expert:  # Experts who score must not see the decisions of other people.
        for name in ("correction", "decision", "publicity", "reason"):
            answer[name] = None
        for member in answer["members"]:
            member["confirmation"] = None
    return answer


def promise(policy: Policy, version: Mapping[str, Any] | Row[Any] | None) -> dict[str, Any] | None:
    """Return the research-integrity promise that a submission makes: its text, and the account and time of the last submission.
    None if the policy has no promise."""
    if policy.integrity_promise is None:
        return None
    kept = _kept(version) or {"submitted_by": None, "submitted_at": None}
    text = policy.integrity_promise.to_dict()
    return {"text": text, "signed_by": kept["submitted_by"], "signed_at": isoformat_or_none(kept["submitted_at"])}


def _kept(version: Mapping[str, Any] | Row[Any] | None) -> Mapping[str, Any] | None:
    return version._mapping if isinstance(version, Row) else version  # type: ignore[return-value]


def _verdict(kept: Mapping[str, Any] | None) -> dict[str, Any] | None:
    if kept is None:
        return None
    return {
        "version": kept["number"],
        "eligible": kept["eligible"],
        "policy": kept["policy"],
        "findings": kept["findings"],
    }


def _member(
    member: Mapping[str, Any], organisations: Mapping[str, Any], rows: Mapping[str, Row[Any]], now: Any
) -> dict[str, Any]:
    code = member["organisation"]
    known = organisations.get(code)
    row = rows.get(code)
    answered = row is not None and row.decision is not None
    return {
        **member,
        "name": known.name if known else None,
        "registered": bool(known and known.registered),
        "confirmation": {
            "decision": row.decision,
            "stands": row.decision == "confirm" and now.are_those_of(row.core, row.paper),
            "reason": row.reason,
            "at": isoformat_or_none(row.decided_at),
        }
        if row is not None and answered
        else None,
    }


def _decision(found: Application) -> dict[str, Any] | None:
    """Serialize the decision. While the recognition is held the application is not on its publicity list, so the list is left
    out."""
    if found.decision and found.status == "held":
        return {name: value for name, value in found.decision.items() if name != "list"}
    return found.decision


def _publicity(found: Application) -> dict[str, Any] | None:
    if found.publicity_ends is None:
        return None
    return {"ends_on": local_date(found.publicity_ends).isoformat()}


def _correction(found: Application) -> dict[str, Any] | None:
    if found.returned is None:
        return None
    return found.returned | {"due_at": isoformat_or_none(found.correction_due)}


def item(row: Row[Any]) -> dict[str, Any]:
    """Serialize an application as an entry of a list."""
    return {
        "id": row.id,
        "name": row.name,
        "field": row.field,
        "channel": row.channel,
        "call_id": row.call_id,
        "status": row.status,
        "stage": row.stage,
        "version": row.version,
        "lead": {"uscc": row.lead, "name": row.lead_name},
        "recommender": row.recommender,
        "submitted_at": isoformat_or_none(row.submitted_at),
        "updated_at": isoformat_or_none(row.updated_at),
    }


def consortium_item(row: Any, lead_name: str | None) -> dict[str, Any]:
    """Serialize the public data of a consortium in the register."""
    return {
        "id": row.id,
        "number": row.number,
        "name": row.name,
        "field": row.field,
        "status": row.status,
        "recognised_on": row.recognised_on.isoformat(),
        "recommender": row.recommender,
        "lead": {"uscc": row.lead, "name": lead_name},
        "last_grade": row.last_grade,
    }


def record(row: Any, today: date) -> dict[str, Any]:
    """Serialize an integrity record with its repairs. A withdrawn record shows its original penalty."""
    withdrawn = next((repair for repair in row.repairs if repair["kind"] == "withdrawn"), None)
    until = row.penalty_until
    return {
        "id": row.id,
        "uscc": row.uscc,
        "reason": row.reason,
        "recorded_on": row.recorded_on.isoformat(),
        "penalty_until": withdrawn["penalty_until_before"] if withdrawn else until.isoformat() if until else None,
        "in_force": row.recorded_on <= today and (until is None or until >= today),
        "withdrawn": withdrawn is not None,
        "repairs": row.repairs,
    }
