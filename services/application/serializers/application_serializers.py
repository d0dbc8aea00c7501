"""Serialize organisations, calls, applications and consortia, limited to the data that each reader may see."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row

from services.application.access import Reader
from services.application.domain import verification
from services.application.domain.agreement import Terms
from services.application.domain.application import Application
from services.application.domain.call import Call
from services.application.domain.consortium import Consortium
from services.application.domain.content import VersionContent
from services.application.domain.organisation import Organisation
from services.application.domain.verification import Verification
from services.application.repository.organisations import NamedOrganisation
from services.application.verdict import terms
from services.contracts.application.application_requests import MemberDict
from services.contracts.application.application_responses import (
    ApplicationAnswerDict,
    ApplicationItemDict,
    Correction,
    Decision,
    MemberAnswerDict,
    PromiseAnswerDict,
    PublicityPeriod,
    SubmittedVerdict,
)
from services.contracts.application.call_responses import CallAnswerDict
from services.contracts.application.organisation_responses import IntegrityRecordAnswerDict, OrganisationAnswerDict
from services.contracts.application.register_responses import ConsortiumItemDict
from services.kernel.clock import local_date
from services.kernel.preconditions import version_tag
from services.policy import Policy


def isoformat_or_none(instant: datetime | None) -> str | None:
    """Format an instant as ISO 8601 text; None stays None."""
    return instant.isoformat() if instant else None


def organisation(organisation: Organisation, verifications: Mapping[str, Verification]) -> OrganisationAnswerDict:
    """Serialize an organisation's own data with the verifications in force, by fact."""
    data = organisation.snapshot()
    return {
        **data,
        "verifications": verification.answers(data, verifications),
        "etag": version_tag(organisation.uscc, organisation.revision, data),
    }


def call(call: Call, now: datetime) -> CallAnswerDict:
    """Serialize a call, with its status at `now`."""
    return {
        "id": call.id,
        "title": call.title,
        "kind": call.kind,
        "status": call.status(now),
        "opens_at": call.opens_at.isoformat(),
        "closes_at": call.closes_at.isoformat(),
        "policy": call.policy,
        "fields": call.fields,
        "industry_bureaus": call.industry_bureaus,
        "rubric": call.rubric,
        "min_reviewers": call.min_reviewers,
        "places": call.places,
        "budget": call.budget,
        "attachments": call.attachments,
        "text": call.text,
        "contact": call.contact,
        "days_left": call.days_left(now),
        "cancelled_reason": call.cancelled_reason,
        "etag": str(call.revision),
    }


def application(
    application: Application,
    reader: Reader,
    version: Mapping[str, Any] | Row[Any] | None,
    organisations: Mapping[str, NamedOrganisation],
    rows: Mapping[str, Row[Any]],
) -> ApplicationAnswerDict:
    """Serialize an application. `version`: the last submitted version or, for an expert, the assigned version. Readers other than
    the parties see only this version's content. `organisations`: names and registration by code. `rows`: the units' answers."""
    submitted = _members_of(version)
    content: VersionContent = application.version_content() if reader.party or submitted is None else submitted["content"]
    now = terms(application)
    answer: ApplicationAnswerDict = {
        "id": application.id,
        "channel": application.channel,
        "policy": application.policy,
        "status": application.status,
        "stage": application.stage,
        "round": application.round,
        "version": submitted["number"] if submitted and reader.expert else application.version,
        "call_id": content["call_id"],
        "lead": content["lead"],
        "recommender": content["recommender"],
        "name": content["name"],
        "field": content["field"],
        "industry_chain": content["industry_chain"],
        "research_direction": content["research_direction"],
        "chief_scientist": content["chief_scientist"],
        "operating_systems": content["operating_systems"],
        "goals": content["goals"],
        "documents": content["documents"],
        "lead_name": getattr(organisations.get(application.lead or ""), "name", None),
        "members": [_member(member, organisations, rows, now) for member in content["members"]],
        "handed_in": submitted["documents"] if submitted else [],
        "basis": application.basis,
        "agreement_version": now.version if reader.party or submitted is None else submitted["agreement_version"],
        "verdict": _verdict(submitted),
        "decision": _decision(application),
        "publicity": _publicity(application),
        "reason": application.reason,
        "correction": _correction(application),
        "consortium": application.consortium_id,
        "created_at": application.created_at.isoformat(),
        "submitted_at": isoformat_or_none(application.submitted_at),
        "updated_at": application.updated_at.isoformat(),
        "etag": str(application.revision),
    }
    if reader.expert:  # Experts who score must not see the decisions of other people.
        answer |= {"correction": None, "decision": None, "publicity": None, "reason": None}
        for member in answer["members"]:
            member["confirmation"] = None
    return answer


def promise(policy: Policy, version: Mapping[str, Any] | Row[Any] | None) -> PromiseAnswerDict | None:
    """Return the research-integrity promise that a submission makes: its text, and the account and time of the last submission.
    None if the policy has no promise."""
    if policy.integrity_promise is None:
        return None
    submitted = _members_of(version) or {"submitted_by": None, "submitted_at": None}
    text = policy.integrity_promise.to_dict()
    signed_at = isoformat_or_none(submitted["submitted_at"])
    return {"text": text, "signed_by": submitted["submitted_by"], "signed_at": signed_at}


def _members_of(version: Mapping[str, Any] | Row[Any] | None) -> Mapping[str, Any] | None:
    return version._mapping if isinstance(version, Row) else version  # type: ignore[return-value]


def _verdict(version: Mapping[str, Any] | None) -> SubmittedVerdict | None:
    if version is None:
        return None
    return {
        "version": version["number"],
        "eligible": version["eligible"],
        "policy": version["policy"],
        "findings": version["findings"],
    }


def _member(
    member: MemberDict, organisations: Mapping[str, NamedOrganisation], rows: Mapping[str, Row[Any]], now: Terms
) -> MemberAnswerDict:
    code = member["organisation"]
    organisation = organisations.get(code)
    row = rows.get(code)
    has_answered = row is not None and row.decision is not None
    return {
        **member,
        "name": organisation.name if organisation else None,
        "registered": bool(organisation and organisation.registered),
        "confirmation": {
            "decision": row.decision,
            "stands": row.decision == "confirm" and now.match(row.core, row.paper),
            "reason": row.reason,
            "at": isoformat_or_none(row.decided_at),
        }
        if row is not None and has_answered
        else None,
    }


def _decision(application: Application) -> Decision | None:
    """Serialize the decision. While the recognition is held the application is not on its publicity list, so the list is left
    out."""
    decision = application.decision
    if decision and application.status == "held":
        decision = decision.copy()
        decision.pop("list", None)
    return decision


def _publicity(application: Application) -> PublicityPeriod | None:
    if application.publicity_ends is None:
        return None
    return {"ends_on": local_date(application.publicity_ends).isoformat()}


def _correction(application: Application) -> Correction | None:
    if application.returned is None:
        return None
    return {**application.returned, "due_at": isoformat_or_none(application.correction_due)}


def item(row: Row[Any]) -> ApplicationItemDict:
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
        "updated_at": row.updated_at.isoformat(),
    }


def consortium_item(row: Consortium | Row[Any], lead_name: str | None) -> ConsortiumItemDict:
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


def record(row: Row[Any], today: date) -> IntegrityRecordAnswerDict:
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
