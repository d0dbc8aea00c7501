"""A city bureau or the province examines evidence of the facts that an organisation declares, and verifies each fact or refuses
to verify it (A9(3)3, A9(3)4)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.access import require_verifier
from services.application.domain.organisation import Organisation
from services.application.domain.verification import (
    EDITED,
    REFUSED,
    RENEWED,
    VERIFIED,
    Verification,
    declared,
    edited,
    unverified,
)
from services.application.repository import organisations, verifications
from services.application.serializers import application_serializers
from services.contracts.application.organisation_requests import VerificationGivenDict, VerifiedFactDict
from services.contracts.application.organisation_responses import OrganisationAnswerDict, OrganisationSnapshot
from services.contracts.application.payloads import FactsEvent, FactsVerified, VerificationRefused
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock
from services.kernel.errors import FieldError, Invalid, Text
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work
from services.kernel.preconditions import require_current, version_tag
from services.policy import city_bureau_of

#: The article of the measures that require verified facts (A9(3)3, A9(3)4).
ARTICLE = "A9(3)"


def verify_organisation(
    session: Session,
    clock: Clock,
    verifier: Verifier,
    actor: Actor,
    uscc: str,
    verification: VerificationGivenDict,
    if_match: str | None = None,
    documents_statement: str | None = None,
) -> OrganisationAnswerDict:
    """Record for each named fact which evidence the bureau saw, who saw it and when, and whether the evidence proves the fact; a
    refusal gives its reason. `if_match` is the ETag of the organisation's data that were read. A new result for a fact replaces
    the earlier result.

    Raises NotFound for an organisation of another city, Forbidden, PreconditionRequired and PreconditionFailed, Invalid for facts
    that are named twice or that the organisation does not declare, for a refusal without a reason, and for documents that are not
    the organisation's.
    """
    organisation = require_verifier(actor, organisations.by_code(session, [uscc], lock=True).get(uscc))
    require_current(if_match, version_tag(organisation.uscc, organisation.revision, organisation.snapshot()))
    papers = verified_attachments(verifier, documents_statement, verification["documents"], subject=f"organisation/{uscc}")
    _require_declared(organisation, verification["facts"])
    in_force = verifications.of_organisation(session, uscc)
    facts = [entry["fact"] for entry in verification["facts"]]
    for fact in facts:
        if fact in in_force:
            in_force[fact].end(RENEWED, clock.now())
    session.flush()  # End the earlier verifications first: the unique index allows one verification in force per fact.
    for entry in verification["facts"]:
        in_force[entry["fact"]] = Verification(
            id=new_id(),
            uscc=uscc,
            fact=entry["fact"],
            evidence=entry["evidence"],
            papers=papers,
            bureau=actor.bureau or PROVINCE,
            verified_by=actor.username,
            verified_at=clock.now(),
            ended_at=None,
            ended_because=None,
            outcome=entry["outcome"],
            reason=entry["reason"] if entry["outcome"] == REFUSED else None,
        )
        session.add(in_force[entry["fact"]])
    organisation.to_verify = bool(unverified(organisation.snapshot(), in_force))
    paper_ids = [paper["id"] for paper in papers]
    for outcome in (VERIFIED, REFUSED):
        of_outcome = [in_force[fact] for fact in facts if in_force[fact].outcome == outcome]
        if of_outcome:
            _record_outcome(session, organisation, of_outcome, actor.bureau or PROVINCE, paper_ids)
    return application_serializers.organisation(organisation, in_force)


def follow_edit(
    session: Session, clock: Clock, before: OrganisationSnapshot, organisation: Organisation
) -> dict[str, Verification]:
    """End the verifications of the facts that an edit changed; they must be verified again. Return the verifications that remain
    in force."""
    in_force = verifications.of_organisation(session, organisation.uscc)
    ended = [fact for fact in edited(before, organisation.snapshot()) if fact in in_force]
    confirmed = [fact for fact in ended if in_force[fact].confirmed]
    state = [in_force[fact].answer() for fact in confirmed]
    for fact in ended:
        in_force.pop(fact).end(EDITED, clock.now())
    organisation.to_verify = bool(unverified(organisation.snapshot(), in_force))
    if confirmed:
        event = FactsEvent(uscc=organisation.uscc, name=organisation.name, region=organisation.region, facts=confirmed)
        _record_change(session, "organisation.verification_ended", organisation, event, before=state)
    return in_force


def _require_declared(organisation: Organisation, entries: list[VerifiedFactDict]) -> None:
    facts = [entry["fact"] for entry in entries]
    declared_facts = declared(organisation.snapshot())
    listed_twice = Text("同一事实只能列一次。", "List each fact once.")
    not_declared = Text(
        "该单位没有填报这一事实，无需核验。", "The organisation does not declare this; there is nothing to verify."
    )
    reason_missing = Text("请说明不予确认的理由。", "Say why it is not confirmed.")
    errors = [
        FieldError(f"/facts/{index}/reason", "required", reason_missing)
        for index, entry in enumerate(entries)
        if entry["outcome"] == REFUSED and not entry["reason"]
    ]
    errors += [
        FieldError(
            f"/facts/{index}/fact", *(("fact_twice", listed_twice) if fact in facts[:index] else ("not_declared", not_declared))
        )
        for index, fact in enumerate(facts)
        if fact in facts[:index] or fact not in declared_facts
    ]
    if errors:
        raise Invalid(
            "invalid_verification", "核验内容有误，请按提示修改。", "The verification has mistakes.", errors=tuple(errors)
        )


def _record_outcome(
    session: Session, organisation: Organisation, verifications: list[Verification], bureau: str, paper_ids: list[str]
) -> None:
    """Record verifications with the same outcome. `paper_ids`: the organisation's documents that the bureau saw."""
    event = FactsVerified(
        uscc=organisation.uscc,
        name=organisation.name,
        region=organisation.region,
        facts=[verification.fact for verification in verifications],
        bureau=bureau,
        documents=paper_ids,
    )
    after = [verification.answer() for verification in verifications]
    if verifications[0].confirmed:
        _record_change(session, "organisation.verified", organisation, event, after=after)
    else:
        reason = "；".join(dict.fromkeys(verification.reason or "" for verification in verifications))
        refused = VerificationRefused(**vars(event), reason=reason)
        _record_change(session, "organisation.verification_refused", organisation, refused, after=after)


def _record_change(
    session: Session, type: str, organisation: Organisation, event: FactsEvent, *, before: object = None, after: object = None
) -> None:
    home = city_bureau_of(organisation.region or "") or PROVINCE
    unit_of_work.record_change(
        session,
        type,
        f"organisation/{organisation.uscc}",
        event,
        bureau=home,
        recommender=home,
        article=ARTICLE,
        before=before,
        after=after,
    )
