"""The public form of an event, and the event types that every system may read. Other systems learn what happened to which
subject. They read texts, findings and scores through the API, which checks their rights."""

from __future__ import annotations

from typing import Any

from services.contracts.notification_answers import CloudEventDict
from services.contracts.payload import JsonObject
from services.kernel.messaging.envelope import Event

#: Event types that are not published to other systems, each with the reason.
INNER = {
    "acting_chief.appointed": "who signs inside a bureau; what is signed says so",
    "acting_chief.ended": "who signs inside a bureau; what is signed says so",
    "application.act_made": "its paper says its number",
    "evaluation.act_made": "its paper says its number",
    "review.act_made": "its paper says its number",
    "account.changed": "who works where is personal data",
    "account.contact_changed": "addresses are personal data",
    "account.erased": "personal data",
    "audit.sealed": "the platform's own",
    "contact.code_sent": "addresses are personal data, and the code is a secret",
    "document.damaged": "for the operator, who mends it",
    "document.stored": "the owner of the case tells of it; a draft's papers are its parties' own",
    "document.rejected": "between the platform and who uploaded it",
    "evaluation.graded": "a grade is confidential until it is published",
    "grade.objection_answer_prepared": "a draft inside the province",
    "application.rechecked": "a case before its decision, of the province alone",
    "consortium.watched": "a suspicion, until the province proposes a revocation",
    "consortium.proposed": "inside the province, until a second person confirms it",
    "consortium.proposal_refused": "inside the province",
    "ground.arisen": "a suspicion, until the province proposes a revocation",
    "ground.ceased": "a suspicion that did not hold",
    "hold.placed": "inside the province: who is in a lawsuit is confidential",
    "hold.lifted": "inside the province: who is in a lawsuit is confidential",
    "integrity.recorded": "read through the API, by the organisation and the bureaus",
    "integrity.repaired": "read through the API, by the organisation and the bureaus",
    "organisation.verified": "read through the API, by the organisation and the bureaus",
    "organisation.verification_refused": "read through the API, by the organisation and the bureaus",
    "organisation.verification_ended": "read through the API, by the organisation and the bureaus",
    "decision_list.drafted": "a draft inside the province",
    "objection.answer_prepared": "a draft inside the province",
    "member.confirmed": "a draft is its parties' own",
    "member.declined": "a draft is its parties' own",
    "member.invited": "a draft is its parties' own",
    "member.reconfirmation_needed": "a draft is its parties' own",
    "member.reminded": "a draft is its parties' own",
    "member.removed": "a draft is its parties' own",
    "panel.appointed": "experts' names",
    "password.reset": "between the platform and the account",
    "password.reset_requested": "between the platform and the account",
    "record.due": "a draft is its parties' own",
    "revocation.dismissed": "a suspicion that did not hold",
    "revocation.proposed": "a suspicion, until the province opens the case",
    "review.assigned": "who works on what inside a bureau",
    "review.deployment_reported": "for the operator of the platform",
    "reviewer.conflict_found": "experts' names",
    "reviewer.declared": "experts' names",
    "reviewer.term_ending": "experts' names",
    "score.voided": "experts' names",
    "score.submitted": "experts score blind: no one else learns which of them have scored",
}
#: Event types that every system may read, because the law requires their publication.
PUBLIC = frozenset(
    (
        "call.cancelled",
        "call.extended",
        "call.opened",
        "consortium.recognised",
        "consortium.revoked",
        "evaluation.cancelled",
        "evaluation.changed",
        "evaluation.noticed",
        "policy.published",
    )
)
#: The fields of events' data that are published.
_SHOWN = """
    amount answer_by application article asked_of bureau call case cause certificate change closes_at closes_on confirm_by
    consortia consortium correction_due decided_on decision disposed_on document due_on effective_from effective_on ended_on
    ends_on evaluation extended field follow_up_on from_bureau grade grounds imported inspected_on inspection issued_on item
    kind late lead list mandatory matter measure name next_round_by next_stage number objection occurred_on opens_at opens_on
    organisation outcome overdue participation planned policy policy_title predecessor published_on recognised_on recommender
    rectification region registration replaces restored revocation revoked_on round rule sha256 size stage statement_due_on status
    subject successor support title to_bureau under_guidance units uscc version watch what why year
"""
#: The fields of events' data that are not published: texts, judgements, people, and data for the services only.
_HIDDEN = """
    acknowledgements acting_for agreement_version ahead answer approvable_knowingly beyond_places by changed commended comment
    confirmed content correction corrects days_left days_overdue differs documents failing filename findings given_up goals graded
    handed_over handling history identifier in_a_row invited joining knowingly lacking leaving likenesses
    main_member_documents main_task_bearing money moving new_lead note objections opened_by opinion period pipeline places
    questions rank rank_first reason regraded related_units report result said score scores seat sections signed_by source
    spread statement_due unit_names username waivable waivers
"""
#: The published fields of nested objects. The other fields of these objects are not published; a certificate, for example, also
#: names a person.
_WITHIN = """
    call.id call.title call.rubric call.rubric.criterion call.rubric.weight call.rubric.max call.min_reviewers call.places
    certificate.number certificate.measure certificate.title certificate.title.zh certificate.title.en certificate.citation
    certificate.consortium certificate.consortium.number certificate.consortium.name certificate.issued_on
    lead.uscc lead.name list.id list.title list.on organisation.uscc organisation.name policy_title.zh policy_title.en units.uscc
    units.name units.tier
"""
SHOWN, HIDDEN, WITHIN = frozenset(_SHOWN.split()), frozenset(_HIDDEN.split()), frozenset(_WITHIN.split())
#: Event type → the fields that are not published in it, because they contain a text or a document, although other event types
#: publish the field, which contains an id there.
HIDDEN_IN = {"policy.published": frozenset(("document",))} | dict.fromkeys(
    ("coordination.opened", "coordination.answered", "coordination.closed"), frozenset(("matter",))
)


def goes_out(type: str) -> bool:
    """Return whether events of this type are published to other systems."""
    return type not in INNER


def of_draft(event: Event[JsonObject]) -> bool:
    """Return whether the event is about an application's draft that was never submitted."""
    version = event.data.get("version")
    return event.subject.startswith("application/") and (version == 0 or str(version).startswith("draft."))


def cloud_event(event: Event[JsonObject], source: str) -> CloudEventDict:
    """Return the event in CloudEvents 1.0 form, with its public fields only. The result names the role and the bureau of the
    actor, not the account."""
    return {
        "specversion": "1.0",
        "id": event.id,
        "source": f"{source}/{event.producer}",
        "type": event.type,
        "subject": event.subject,
        "time": event.occurred_at.isoformat(),
        "datacontenttype": "application/json",
        "bureau": event.bureau,
        **({"recommender": event.recommender} if event.recommender else {}),
        "correlationid": event.correlation_id,
        "data": {
            name: _within(name, value)
            for name, value in event.data.items()
            if name in SHOWN - HIDDEN_IN.get(event.type, frozenset())
        }
        | {"by": {"role": event.actor["role"], "bureau": event.actor["bureau"]}},
    }


def _within(path: str, value: Any) -> Any:
    """Return the published part of a value, at any depth."""
    if isinstance(value, dict):
        return {name: _within(f"{path}.{name}", part) for name, part in value.items() if f"{path}.{name}" in WITHIN}
    return [_within(path, part) for part in value] if isinstance(value, list) else value


def placed(body: CloudEventDict, position: int) -> CloudEventDict:
    """Return the event with its feed position as its sequence. The publishing service's own sequence number would reveal how many
    events are not public."""
    return body | {"sequence": str(position)}
