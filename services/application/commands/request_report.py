"""Mark requests for a report of a change as overdue if the lead did not report in time (A12, A14(1)), and let a member declare
that it leaves."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.application.access import readable_consortium, require_alive
from services.application.commands.evaluate_change import composition
from services.application.commands.publish_ground import publish_ground
from services.application.commands.reevaluate_consortium import evaluate_again, open_entry, record_closed
from services.application.domain.change import PENDING, Change, units_concerned
from services.application.domain.composition import renamed
from services.application.domain.consortium import Consortium
from services.application.domain.watch import ASKED, LEAVES, Watch, WatchEntry
from services.application.repository import changes, organisations, register, watches
from services.application.serializers import register_serializers
from services.contracts.application.change_responses import WatchAnswerDict
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, Forbidden
from services.kernel.identity import Actor
from services.policy import Policies


def declare_departure(
    session: Session, clock: Clock, policies: Policies, actor: Actor, id: str, reason: str, leaves_on: str | None = None
) -> WatchAnswerDict:
    """Declare that the actor's organisation, a member, leaves the consortium. The lead is asked to report the change within the
    policy's term (A12).

    Raises NotFound for a consortium of which the organisation is no unit, Forbidden for its lead, Conflict if the member has
    declared this already.
    """
    actor.require("applicant")
    readable_consortium(session, actor, id)
    consortium = register.consortium(session, id, lock=True)
    require_alive(consortium)
    if actor.organisation == consortium.lead or actor.organisation is None:
        raise Forbidden(
            "members_only",
            "牵头单位不能声明退出，请报告变更牵头单位。",
            "A lead cannot leave by itself; it reports a change of lead.",
        )
    entry = WatchEntry(ASKED, LEAVES, actor.organisation)
    if any(watch.key == entry.key for watch in watches.unsettled(session, id)):
        raise Conflict(
            "departure_declared", "贵单位已声明退出。", "Your organisation has declared so already.", status="open", article="A12"
        )
    policy = policies.in_force(clock.today())
    watch = open_entry(session, clock, policy, consortium, entry, None, "unit_leaves", note=_reason_with_day(reason, leaves_on))
    return _watch_answer(session, watch, consortium)


def withdraw_departure(session: Session, clock: Clock, actor: Actor, id: str, departure: str, reason: str) -> WatchAnswerDict:
    """Withdraw a declaration of departure: the member stays. Raises NotFound, Forbidden for a declaration of another
    organisation, Conflict once the declaration's watch-list entry is settled."""
    actor.require("applicant")
    readable_consortium(session, actor, id)
    consortium = register.consortium(session, id, lock=True)
    watch = watches.entry(session, departure, id)
    if watch.cause != LEAVES or watch.organisation != actor.organisation:
        raise Forbidden("not_your_declaration", "只能撤回本单位的声明。", "Only your own declaration can be withdrawn.")
    watch.require_withdrawable()
    before = watch.state()
    watch.settle("withdrawn", clock.today())
    record_closed(session, consortium, watch, "withdrawn", reason, before=before)
    return _watch_answer(session, watch, consortium)


def mark_overdue(session: Session, clock: Clock, policies: Policies, id: str) -> str:
    """Mark a watch-list entry as overdue once the lead's term is over. Ground 1 arises if the lead reported nothing, or if the
    reported change did not cure the failure (A14(1)). An entry whose report is still pending stays open."""
    consortium = register.consortium(session, watches.entry(session, id).consortium_id, lock=True)
    evaluate_again(session, clock, policies, consortium, "term_over")
    watch = watches.entry(session, id)
    if not watch.is_due(clock.today()):
        return "settled"
    answers = answering(session, consortium, watch)
    if any(change.status in PENDING for change in answers):
        return "under way"
    before = watch.state()
    watch.lapse()
    reason = "conditions_fail" if answers else "nothing_reported"
    record_closed(session, consortium, watch, "overdue", reason, before=before)
    publish_ground(session, consortium, reason, watch.note, f"watch/{watch.id}")
    return "overdue"


def answering(session: Session, consortium: Consortium, watch: Watch) -> list[Change]:
    """Return the changes that answer the request for a report: those reported since the lead was asked, and earlier ones that are
    still pending. Withdrawn changes do not count."""
    successors, units = changes.successors(session), composition(session, consortium).units
    return [
        change
        for change in changes.reported_since(session, consortium.id, watch.opened_on)
        if watch.answered_by(units_concerned(change.kind, renamed(change.kind, change.detail, successors), units))
    ]


def _reason_with_day(reason: str, leaves_on: str | None) -> str:
    return f"{reason}（拟于 {leaves_on} 退出）" if leaves_on else reason


def _watch_answer(session: Session, watch: Watch, consortium: Consortium) -> WatchAnswerDict:
    return register_serializers.watch(
        watch, consortium, organisations.names(session, [watch.organisation or "", consortium.lead])
    )
