"""Evaluate a recognised consortium again after an event that affects it, such as a new integrity record of a unit, and update its
entries on the watch list (A12, A14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from typing import Any

from sqlalchemy.orm import Session

from services.application.commands.evaluate_change import composition, findings_on
from services.application.commands.publish_ground import publish_ground, publish_ground_ceased
from services.application.domain.consortium import Consortium
from services.application.domain.quotas import INTEGRITY, LEADING, TAKING_PART
from services.application.domain.watch import (
    ASKED,
    CONDITIONS,
    DEFERRALS,
    GROUND,
    LEAVES,
    Watch,
    WatchEntry,
    WatchFacts,
    required_entries,
)
from services.application.repository import changes, organisations, quotas, register, timeline, watches
from services.application.repository.organisations import reference
from services.contracts.application.payloads import AskClosed, ChangeAsked, ConsortiumWatched, WatchEvent
from services.contracts.findings import StoredFinding
from services.contracts.organisation_name import OrganisationName
from services.kernel.clock import Clock
from services.kernel.identity import PROVINCE
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import Policies, Policy

#: The checks outside group C that apply to a recognised consortium at any time. Their rules are L1, L6, M3 and I1.
_CHECKS = ("lead_identity", LEADING, TAKING_PART, INTEGRITY)
#: Ground of revocation → the reason stated in the event that publishes it.
_REASONS = {"A14(4)": "lead_has_record", "A14(5)": "lead_ended"}


def lock_with_units(session: Session, *codes: str) -> list[Consortium]:
    """Lock and return the active or rectifying consortia that have one of these organisations as a unit, in the order of their
    ids. Call this before locking the organisations' own rows, as commands about one consortium do, to prevent deadlocks."""
    ids = {id for code in codes for id in changes.consortia_of(session, code)}
    return [register.consortium(session, id, lock=True) for id in sorted(ids)]


def evaluate_all(session: Session, clock: Clock, policies: Policies, consortia: Iterable[Consortium], cause: str) -> None:
    """Evaluate each of these consortia again. `cause`: the event that made the new evaluation necessary."""
    for consortium in consortia:
        evaluate_again(session, clock, policies, consortium, cause)


def evaluate_again(session: Session, clock: Clock, policies: Policies, consortium: Consortium, cause: str) -> None:
    """Bring the consortium's watch-list entries up to date with today's facts. The consortium must be locked. `cause`: the event
    that made the new evaluation necessary, a code of the labels `watch_trigger`."""
    standing = {watch.key: watch for watch in watches.unsettled(session, consortium.id)}
    if not consortium.alive:
        for watch in standing.values():
            _settle_entry(session, clock, consortium, watch, "ended", cause)
        return
    policy = policies.in_force(clock.today())
    now = _circumstances(session, clock, policy, consortium)
    entries = {entry.key: entry for entry in required_entries(now, {rule.id: rule.check.name for rule in policy.rules})}
    for key, entry in entries.items():
        if key in standing:
            _update_entry(session, policy, consortium, standing[key], entry, now, cause)
        else:
            open_entry(session, clock, policy, consortium, entry, now, cause)
    for key, watch in standing.items():
        persists = watch.kind == DEFERRALS or (watch.cause == LEAVES and watch.organisation in now.members)
        if key not in entries and not persists:
            _settle_entry(session, clock, consortium, watch, "cured", cause)


def open_entry(
    session: Session,
    clock: Clock,
    policy: Policy,
    consortium: Consortium,
    entry: WatchEntry,
    now: WatchFacts | None,
    cause: str,
    note: str | None = None,
) -> Watch:
    """Put an entry on the watch list. If the entry asks the lead to report a change, the policy's term for the report begins
    today."""
    due_on = clock.today() + timedelta(days=policy.changes.report_days) if entry.kind == ASKED else None
    watch = Watch(
        id=new_id(),
        consortium_id=consortium.id,
        recommender=consortium.recommender,
        kind=entry.kind,
        cause=entry.cause,
        organisation=entry.organisation,
        source=entry.source,
        rules=list(entry.rules),
        findings=_findings(entry, now),
        status="open",
        opened_on=clock.today(),
        due_on=due_on,
        look_on=entry.look_on,
        settled_on=None,
        outcome=None,
        note=note,
        revision=1,
    )
    session.add(watch)
    session.flush()
    if entry.kind == CONDITIONS:
        _publish_watched(session, policy, consortium, watch, cause, before=None)
    elif due_on:
        _record_asked(session, policy, consortium, watch, due_on)
    elif entry.kind == GROUND:
        publish_ground(session, consortium, _REASONS[entry.cause], None, entry.source, ground=entry.cause)
    else:
        home = consortium.recommender
        unit_of_work.audit_only(
            session, "watch.opened", f"consortium/{consortium.id}", bureau=home, article="A13", after=watch.state()
        )
    return watch


def _record_asked(session: Session, policy: Policy, consortium: Consortium, watch: Watch, due_on: date) -> None:
    event = ChangeAsked(
        watch=watch.id,
        cause=watch.cause,
        organisation=_organisation(session, watch),
        failing=failing_titles(policy, watch.rules),
        due_on=due_on,
    )
    _record_step(session, "change.asked", consortium, watch, event, before=None, detail={"due_on": due_on.isoformat()})


def record_closed(
    session: Session, consortium: Consortium, watch: Watch, outcome: str, reason: str | None = None, *, before: object
) -> None:
    """Record that a request to report a change was closed. `outcome`: cured, withdrawn, ended or overdue."""
    organisation = _organisation(session, watch)
    event = AskClosed(watch=watch.id, cause=watch.cause, organisation=organisation, outcome=outcome, reason=reason)
    _record_step(session, "change.ask_closed", consortium, watch, event, before=before, detail={"outcome": outcome})


def _organisation(session: Session, watch: Watch) -> OrganisationName | None:
    if watch.organisation is None:
        return None
    return {"uscc": watch.organisation, "name": organisations.names(session, [watch.organisation]).get(watch.organisation)}


def _record_step(
    session: Session,
    type: str,
    consortium: Consortium,
    watch: Watch,
    event: WatchEvent,
    *,
    before: object,
    detail: Mapping[str, object],
) -> None:
    """Publish and audit a step of an entry that asks the lead for a report, and add it to the timeline."""
    timeline.record_of_consortium(
        session,
        f"consortium/{consortium.id}",
        type,
        event.with_header(**reference(session, consortium)),
        consortium,
        article="A12",
        before=before,
        after=watch.state(),
        detail={"cause": watch.cause, "organisation": event.organisation, **detail},
    )


def failing_titles(policy: Policy, rules: Iterable[str]) -> dict[str, str] | None:
    """Return the titles of these rules in Chinese and English; None for an empty list."""
    titles = [rule.title for rule in policy.rules if rule.id in set(rules)]
    return {"zh": "、".join(title.zh for title in titles), "en": ", ".join(title.en for title in titles)} if titles else None


def _circumstances(session: Session, clock: Clock, policy: Policy, consortium: Consortium) -> WatchFacts:
    units = composition(session, consortium)
    organisations_by_code = organisations.by_code(session, units.units)
    standing = quotas.usage_of(session, organisations_by_code, apart_from=f"consortium/{consortium.id}")
    records = organisations.records_in_force(session, organisations_by_code, clock.today())
    rules = ["C", *(rule.id for rule in policy.rules if rule.check.name in _CHECKS)]
    penalties = {
        code: None if None in end_of_penalty.values() else max(end for end in end_of_penalty.values() if end is not None)
        for code, end_of_penalty in records.items()
    }
    return WatchFacts(
        lead=units.lead,
        members=tuple(units.members),
        findings=findings_on(policy, units, organisations_by_code, standing, clock.today(), rules, integrity=penalties),
        records=records,
        ended=frozenset(code for code, unit in organisations_by_code.items() if unit.legal_person is False),
    )


def _findings(entry: WatchEntry, now: WatchFacts | None) -> list[StoredFinding]:
    return [finding.to_dict() for finding in now.findings if finding.rule in entry.rules] if now else []


def _update_entry(
    session: Session, policy: Policy, consortium: Consortium, watch: Watch, entry: WatchEntry, now: WatchFacts, cause: str
) -> None:
    """Store the present findings in the entry. Notify the province if other rules fail than before."""
    before, rules_changed = watch.state(), watch.rules != list(entry.rules)
    watch.look_on = entry.look_on
    watch.rules, watch.findings = list(entry.rules), _findings(entry, now)
    if rules_changed:
        watch.revision += 1
        if watch.kind == CONDITIONS:
            _publish_watched(session, policy, consortium, watch, cause, before=before)


def _settle_entry(session: Session, clock: Clock, consortium: Consortium, watch: Watch, outcome: str, cause: str) -> None:
    before = watch.state()
    watch.settle(outcome, clock.today())
    if watch.kind == CONDITIONS:
        watch.rules = []
        _publish_watched(session, None, consortium, watch, cause, before=before)
    elif watch.kind == ASKED:
        record_closed(session, consortium, watch, outcome, before=before)
    elif watch.kind == GROUND and watch.source:
        publish_ground_ceased(session, consortium, watch.cause, watch.source, outcome)


def _publish_watched(
    session: Session, policy: Policy | None, consortium: Consortium, watch: Watch, cause: str, *, before: Any
) -> None:
    """Notify the province which rules fail today; the list is empty if the entry is settled."""
    event = ConsortiumWatched(
        watch=watch.id,
        trigger=cause,
        rules=watch.rules,
        findings=watch.findings if watch.rules else [],
        failing=failing_titles(policy, watch.rules) if policy else None,
        status=watch.status,
    )
    timeline.record_of_consortium(
        session,
        f"consortium/{consortium.id}",
        "consortium.watched",
        event.with_header(**reference(session, consortium)),
        consortium,
        article="A12",
        before=before,
        after=watch.state(),
        bureau=PROVINCE,
        detail={"trigger": cause, "rules": watch.rules},
    )
