"""A second person checks the documents of a consortium of the plan of 2021, and confirms or refuses its import (A16)."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.commands.import_consortium import publish_proposal_step, require_new
from services.application.commands.recognise import enter_in_register, new_consortium
from services.application.commands.request_support import person_key
from services.application.domain.consortium import Consortium
from services.application.domain.proposal import CONFIRMED, REFUSED, Proposal
from services.application.domain.support import Support
from services.application.repository import organisations, proposals, quotas, register
from services.application.repository.register import EnteredUnit
from services.application.serializers import application_serializers, register_serializers
from services.contracts.application.imports import ImportConfirmationDict, ImportedSupportDict
from services.contracts.application.register_responses import ConsortiumItemDict, ProposedConsortium
from services.kernel.attachments import verified_attachments
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence import unit_of_work
from services.kernel.preconditions import require_current, version_tag
from services.policy import Policies, Policy

#: How the policy handles a support measure → the status of a use of that measure under the plan of 2021.
_USED = {"decided": "granted", "certificate": "certified", "recorded": "recorded"}


def confirm_import(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    confirmation: ImportConfirmationDict,
    if_match: str | None = None,
    documents_statement: str | None = None,
) -> ProposedConsortium | ConsortiumItemDict:
    """Enter the consortium into the register with its original date and its history, or refuse the proposal. The quotas of the
    consortium's units count from now on, even beyond the limits. `if_match` is the ETag of the proposal that was read.

    Raises Forbidden, NotFound, PreconditionRequired and PreconditionFailed, Conflict if the actor proposed the consortium, if the
    proposal is answered already or if the consortium is registered already, Invalid for documents that do not exist.
    """
    require_province(actor)
    proposal = proposals.lock_proposal(session, id)
    proposal.require_open()
    require_current(if_match, version_tag(proposal.id, proposal.revision, proposal.state()))
    papers = verified_attachments(verifier, documents_statement, confirmation["documents"], subject=f"consortium/{id}")
    before = proposal.state()
    if confirmation["outcome"] == "refuse":
        proposal.answer(REFUSED, papers, confirmation["reason"], actor.username, clock.now())
        publish_proposal_step(session, "consortium.proposal_refused", proposal, before, reason=confirmation["reason"])
        return register_serializers.proposal(proposal)
    proposal.answer(CONFIRMED, papers, confirmation["reason"], actor.username, clock.now())
    require_new(session, proposal.lead, proposal.name)
    unit_of_work.audit_only(
        session,
        "consortium.import_confirmed",
        f"consortium/{id}",
        bureau=PROVINCE,
        article="A16",
        before=before,
        after=proposal.state(),
    )
    entry = _enter_consortium(session, clock, policies.in_force(clock.today()), proposal)
    return application_serializers.consortium_item(entry, organisations.names(session, [entry.lead]).get(entry.lead))


def _enter_consortium(session: Session, clock: Clock, policy: Policy, proposal: Proposal) -> Consortium:
    content = proposal.content
    members: list[EnteredUnit] = [
        {"uscc": member["organisation"], "tier": member["tier"], "role": member["role"]} for member in content["members"]
    ]
    names = {proposal.lead: content["lead_name"]} | {member["organisation"]: member["name"] for member in content["members"]}
    organisations.ensure_rows(session, names, clock.now())
    organisations_by_code = organisations.by_code(session, names, lock=True)
    for code, name in names.items():
        organisations_by_code[code].name = organisations_by_code[code].name or name
    entry = new_consortium(
        session,
        clock,
        id=proposal.id,
        name=proposal.name,
        field=content["field"],
        recognised_on=date.fromisoformat(content["recognised_on"]),
        recommender=content["recommender"],
        lead=proposal.lead,
        policy=policy.ref,
        application_id=None,
        people={},
    )
    entry.direction = content.get("research_direction")
    quotas.confirm_directly(session, f"consortium/{entry.id}", names, proposal.lead, clock.now())
    history = proposal.history
    enter_in_register(session, entry, policy, members, "A16", history=history)
    for grade in sorted(history["grades"], key=lambda grade: str(grade["issued_on"])):
        entry.last_grade, entry.graded_on = grade["grade"], date.fromisoformat(grade["published_on"])
        register.store_state(session, entry, entry.graded_on)
    measures = {measure.measure: measure for measure in policy.measures}
    for use in history["support"]:
        measure = measures[use["measure"]]
        support = _past_support(entry, policy, proposal, use, measure.handling)
        session.add(support)
        home = entry.recommender
        unit_of_work.audit_only(
            session, "support.imported", support.subject, bureau=home, article=measure.citation, after=support.state()
        )
    return entry


def _past_support(entry: Consortium, policy: Policy, proposal: Proposal, use: ImportedSupportDict, handling: str) -> Support:
    """Return the ledger entry of one use of a support measure under the plan of 2021. The use counts against the limits."""
    used_on = date.fromisoformat(use["used_on"])
    return Support(
        id=new_id(),
        consortium_id=entry.id,
        recommender=entry.recommender,
        measure=use["measure"],
        status=_USED[handling],
        round=use["round"],
        amount=use["amount"],
        person=use["person"],
        person_key=person_key(use["person"]),
        unit=use["unit"],
        reason="2021 年方案期间已享受",
        papers=[],
        policy=policy.ref,
        entitlement={},
        requested_on=used_on,
        requested_by=proposal.proposed_by,
        decision=None,
        certificate=None,
        ended_on=used_on if handling == "decided" else None,
        revision=1,
        created_at=proposal.answered_at or proposal.proposed_at,
    )
