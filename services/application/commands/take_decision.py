"""The province has decided: made public before recognition, or declined (A6(2), A8)."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.commands.advance import progress
from services.application.commands.arbitrate import in_effect
from services.application.commands.recognise import recognise_or_hold
from services.application.repository import journal, places
from services.kernel.clock import Clock, end_of_day, local_date
from services.kernel.envelope import Event
from services.policy import Policies, add_working_days

_KEPT = ("reason", "waivers", "signed_by", "amount", "rank", "places")


def take_decision(session: Session, clock: Clock, policies: Policies, event: Event) -> None:
    """Approved: the publicity period begins (none where the policy says 0 days, and recognition follows at once). Declined: its
    places are freed."""
    if not (found := in_effect(session, policies, event)):
        return
    application, stage = found
    before = application.state()
    decision = {name: event.data[name] for name in _KEPT if name in event.data} | {"on": clock.today().isoformat()}
    if event.data["outcome"] == "decline":
        application.decline(decision, clock.now())
        places.free(session, journal.subject_of(application), clock.now())
        journal.happened(
            session,
            application,
            "application.declined",
            progress(session, application) | {"reason": decision["reason"]},
            article=stage.citation,
            before=before,
            detail={"reason": decision["reason"], **journal.difference(event.data)},
        )
        return
    days = policies.get(application.policy).deadlines.publicity_working_days
    ends = end_of_day(add_working_days(clock.today(), days)) if days else clock.now()
    application.approve(decision, ends, clock.now())
    if application.publicity_ends is None or application.publicity_ends <= clock.now():
        recognise_or_hold(session, clock, policies, application)
        return
    told = {"ends_on": local_date(application.publicity_ends).isoformat(), "waivers": decision["waivers"]}
    journal.happened(
        session,
        application,
        "application.publicised",
        progress(session, application) | told,
        article=stage.citation,
        before=before,
        detail=told | journal.difference(event.data),
        public=True,
    )
