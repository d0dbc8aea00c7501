"""Commands of coordination items: open an item for each matter that a report or a bureau raises, answer it, and close it with a
result (A12)."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from services.contracts.evaluation.answers import MatterAnswerDict
from services.contracts.evaluation.payloads import CoordinationEvent
from services.evaluation.domain.annual_report import Obligation
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.coordination import Item, MatterStatus
from services.evaluation.repository import consortia, duties
from services.kernel.clock import Clock
from services.kernel.errors import Invalid
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import BUREAUS, Policy, add_days


def raise_matter(
    session: Session, clock: Clock, actor: Actor, consortium: str, matter: str, asked_of: str, due_on: str | None = None
) -> MatterAnswerDict:
    """The consortium's recommender or the province raises a matter and asks a bureau to help.

    Raises NotFound if the actor may not see the consortium, and Invalid if the asked bureau does not exist or the due date is in
    the past.
    """
    actor.require("officer", "chief")
    consortium_row = consortia.visible(session, consortium, actor)
    if asked_of not in BUREAUS:
        raise Invalid.field("/asked_of", "unknown_bureau", "没有这一主管部门，请对照主管部门列表。", "There is no such bureau.")
    if due_on is not None and date.fromisoformat(due_on) < clock.today():
        raise Invalid.field("/due_on", "date_behind", "办理期限不能早于今天。", "The due date cannot lie behind.")
    item = _open_matter(session, clock, consortium_row, None, matter, asked_of, date.fromisoformat(due_on) if due_on else None)
    return item.shown()


def answer_matter(session: Session, clock: Clock, actor: Actor, id: str, text: str) -> MatterAnswerDict:
    """The bureau that was asked, or the province, answers a matter. Raises NotFound, Forbidden, Conflict once the matter is
    closed."""
    item, consortium = _lock_matter(session, actor, id)
    before = item.state()
    item.answer({"text": text, "by": actor.username, "bureau": actor.bureau, "at": clock.now().isoformat()})
    _publish_matter(
        session, "coordination.answered", item, consortium, CoordinationEvent(answer=text, by=actor.bureau), before=before
    )
    return item.shown()


def close_matter(session: Session, clock: Clock, actor: Actor, id: str, result: str) -> MatterAnswerDict:
    """The bureau that was asked, or the province, closes a matter with its result. Raises NotFound, Forbidden, Conflict."""
    item, consortium = _lock_matter(session, actor, id)
    before = item.state()
    item.close(result, clock.today())
    _publish_matter(
        session, "coordination.closed", item, consortium, CoordinationEvent(result=result, by=actor.bureau), before=before
    )
    return item.shown()


def follow_report(session: Session, clock: Clock, policy: Policy, consortium: Consortium, obligation: Obligation) -> None:
    """Open one coordination item for each matter in a submitted report, due within the policy's days. When a corrected report is
    submitted, the items of matters that the report still contains stay open, items of new matters are opened, and unanswered
    items of matters that the report no longer contains are withdrawn."""
    open_matters = dict.fromkeys((matter["matter"], matter["asked_of"]) for matter in obligation.content.get("coordination", []))
    remaining = set()
    for item in duties.items_of(session, consortium.id, obligation.year):
        key = (item.matter, item.asked_of)
        if key in open_matters and item.status != MatterStatus.WITHDRAWN:
            remaining.add(key)
        elif item.status == MatterStatus.OPEN:
            before = item.state()
            item.withdraw(clock.today())
            _publish_matter(
                session, "coordination.closed", item, consortium, CoordinationEvent(result=None, by=None), before=before
            )
    days = policy.deadlines.coordination_days
    due_on = add_days(clock.today(), days) if days else None
    for matter, bureau in open_matters:
        if (matter, bureau) not in remaining:
            _open_matter(session, clock, consortium, obligation.year, matter, bureau, due_on)


def hand_over(session: Session, consortium: Consortium, old_recommender: str) -> None:
    """Store the new recommender in the consortium's open coordination items, and ask the new recommender about the matters that
    the former one was asked about."""
    for item in duties.open_items(session, consortium.id):
        before, moves = item.state(), item.asked_of == old_recommender
        item.hand_over(consortium.recommender, old_recommender)
        if moves:
            _publish_matter(
                session, "coordination.opened", item, consortium, CoordinationEvent(due_on=item.due_on), before=before
            )
        else:
            about = f"coordination/{item.id}"
            unit_of_work.audit_only(
                session, "coordination.handed_over", about, bureau=item.asked_of, before=before, after=item.state()
            )


def _open_matter(
    session: Session, clock: Clock, consortium: Consortium, year: int | None, matter: str, asked_of: str, due_on: date | None
) -> Item:
    item = Item(
        id=new_id(),
        consortium=consortium.id,
        recommender=consortium.recommender,
        year=year,
        matter=matter,
        asked_of=asked_of,
        status=MatterStatus.OPEN,
        raised_at=clock.now(),
        due_on=due_on,
        answers=[],
        result=None,
        closed_on=None,
        revision=1,
    )
    session.add(item)
    _publish_matter(session, "coordination.opened", item, consortium, CoordinationEvent(due_on=due_on), before=None)
    return item


def _lock_matter(session: Session, actor: Actor, id: str) -> tuple[Item, Consortium]:
    actor.require("officer", "chief")
    item = duties.item(session, id, lock=True)
    consortium = consortia.consortium(session, item.consortium)
    if not (actor.bureau == item.asked_of or consortium.may_be_seen_by(actor)):
        raise duties.no_item()
    item.require_owner(actor)
    return item, consortium


def _publish_matter(
    session: Session, type: str, item: Item, consortium: Consortium, event: CoordinationEvent, *, before: Any
) -> None:
    about = {"item": item.id, "matter": item.matter, "asked_of": item.asked_of, "status": item.status}
    unit_of_work.record_change(
        session,
        type,
        f"coordination/{item.id}",
        event.with_header(**about, **consortium.brief()),
        bureau=item.asked_of,
        recommender=consortium.recommender,
        article="A12",
        before=before,
        after=item.state(),
    )
