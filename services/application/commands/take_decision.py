"""Apply the province's decision: publicity before recognition, or the end of the application (A6(2), A8)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import cast

from sqlalchemy.orm import Session

from services.application.commands.arbitrate import lock_if_effective
from services.application.commands.recognise import hold_recognition, recognise_or_hold
from services.application.commands.reevaluate_application import standing_against
from services.application.domain.acts import decision_act
from services.application.domain.application import DECISION, Application
from services.application.domain.objection import RecognitionObjection
from services.application.received_events import CaseDecided
from services.application.repository import cases, quotas, timeline
from services.contracts.application.application_payloads import ApplicationDeclined, ApplicationPublicised
from services.contracts.application.application_responses import Decision, Waiver
from services.kernel import document_statement
from services.kernel.clock import Clock, end_of_day, local_date
from services.kernel.identity import PROVINCE
from services.kernel.messaging.envelope import Event
from services.objections import repository
from services.policy import Policies, Policy, add_working_days

_KEPT = ("reason", "waivers", "acknowledgements", "signed_by", "acting_for", "amount", "rank", "places", "objections", "list")


def take_decision(session: Session, clock: Clock, policies: Policies, event: Event[CaseDecided]) -> None:
    """Apply a decision. An approval begins the publicity period; if the policy sets 0 days, recognition follows at once. An
    approval has no effect if a rule that it did not waive fails today, or if it does not name every upheld objection: it is not
    stored, has no number and resolves no objection, and the province must decide again. A refusal releases the quotas."""
    if not (effective := lock_if_effective(session, policies, event, DECISION)):
        return
    application, stage = effective
    before = application.state()
    signed, differs = event.data.to_dict(), event.data.differs
    decision = cast(Decision, {name: signed[name] for name in _KEPT if name in signed})
    # All decisions of a list carry the list's day. Their publicity period is never shorter than that of a decision made today.
    decision["on"] = listed["on"] if (listed := decision.get("list")) else clock.today().isoformat()
    decision["waivers"] = _titled_waivers(session, policies.get(application.policy), application, decision["waivers"])
    upheld = repository.unresolved(session, RecognitionObjection, application.id)
    if event.data.outcome == "decline":
        _mark_resolved(upheld, clock)
        application.decline(decision, clock.now())
        quotas.release(session, timeline.subject_of(application), clock.now())
        timeline.record(
            session,
            application,
            "application.declined",
            ApplicationDeclined(reason=decision["reason"]),
            article=stage.citation,
            before=before,
            detail={"reason": decision["reason"], **timeline.difference(differs)},
        )
        _announce_decision(session, application, "declined", decision)
        return
    policy = policies.get(application.policy)
    standing = standing_against(session, clock, policy, application, decision["waivers"])
    if standing or any(objection.id not in (event.data.objections or ()) for objection in upheld):
        hold_recognition(session, clock, application, standing, upheld)
        return
    _mark_resolved(upheld, clock)
    days = policy.deadlines.publicity_working_days
    publicity_ends = end_of_day(add_working_days(clock.today(), days)) if days else clock.now()
    application.approve(decision, publicity_ends, clock.now())
    _announce_decision(session, application, "approved", decision)
    if application.publicity_ends is None or application.publicity_ends <= clock.now():
        recognise_or_hold(session, clock, policies, application)
        return
    ends_on = local_date(application.publicity_ends)
    publicised = ApplicationPublicised(ends_on=ends_on, waivers=decision["waivers"], list=listed)
    detail: dict[str, object] = {"ends_on": ends_on.isoformat(), "waivers": decision["waivers"]}
    if listed:
        detail["list"] = listed
    timeline.record(
        session,
        application,
        "application.publicised",
        publicised,
        article=stage.citation,
        before=before,
        detail=detail | timeline.difference(differs),
        public=True,
    )


def _announce_decision(session: Session, application: Application, ended: str, decision: Decision) -> None:
    act = decision_act(application.version, ended, PROVINCE, decision)
    document_statement.announce_act(
        session, "decision", timeline.subject_of(application), act, recommender=application.recommender
    )


def _titled_waivers(session: Session, policy: Policy, application: Application, waivers: Sequence[Waiver]) -> list[Waiver]:
    """Return the waivers of the decision and of a special case's basis, each with the title and the article of its rule, because
    the publicity shows them (A8)."""
    version = cases.version(session, application.id, application.version)
    by_basis: list[Waiver] = [
        {"rule": finding["rule"], "reason": finding["reason"]}
        for finding in (version.findings if version else ())
        if finding["status"] == "waived"
    ]
    rules = {rule.id: rule for rule in policy.rules}
    return [
        {**waiver, "title": rules[waiver["rule"]].title.to_dict(), "citation": rules[waiver["rule"]].citation}
        for waiver in (*by_basis, *waivers)
    ]


def _mark_resolved(upheld: Iterable[RecognitionObjection], clock: Clock) -> None:
    """Mark as resolved the upheld objections that an effective decision took into account."""
    for objection in upheld:
        objection.resolved_at = clock.now()
