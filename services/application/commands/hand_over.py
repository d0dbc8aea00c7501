"""Make another bureau a consortium's recommender: its lead moved to another city, or the province decides so (A6(1), A11).
Open cases begin again at the new bureau, with their whole term; the old bureau can still read the cases on which it signed an
opinion."""

from __future__ import annotations

from sqlalchemy import update
from sqlalchemy.orm import Session

from services.application.access import require_alive, require_province
from services.application.commands.publish_change_event import publish_change_event
from services.application.commands.publish_consortium_state import publish_state
from services.application.commands.request_change import hand_to_recommender
from services.application.commands.request_support import publish_support_step as support_happened
from services.application.domain.consortium import Consortium
from services.application.repository import changes, organisations, register, supports, timeline
from services.application.repository.organisations import reference
from services.application.serializers import application_serializers
from services.application.tables import watches
from services.contracts.application.payloads import ConsortiumHandedOver
from services.contracts.application.register_payloads import ChangeHandedOver, SupportHandedOver
from services.contracts.application.register_responses import ConsortiumItemDict
from services.kernel.clock import Clock
from services.kernel.errors import Invalid
from services.kernel.identity import Actor
from services.policy import BUREAUS, Policies, city_bureau_of


def hand_over(
    session: Session, clock: Clock, policies: Policies, actor: Actor, id: str, recommender: str, reason: str
) -> ConsortiumItemDict:
    """Hand a consortium over by a decision of the province. Raises Forbidden for any actor but the province's chiefs, NotFound,
    Conflict for a consortium that is revoked or dissolved, Invalid for a bureau that cannot recommend or is its recommender
    already."""
    require_province(actor)
    actor.require("chief")
    consortium = register.consortium(session, id, lock=True)
    require_alive(consortium)
    bureau = BUREAUS.get(recommender)
    if bureau is None or bureau.tier == "province":
        raise Invalid.field(
            "/recommender",
            "unknown_recommender",
            "请填写设区市科技局或行业主管部门的代码。",
            "Give the code of a city or industry bureau.",
        )
    if recommender == consortium.recommender:
        raise Invalid.field("/recommender", "unchanged", "该部门已是推荐单位。", "This bureau is its recommender already.")
    change_recommender(session, clock, policies, consortium, recommender, "decision", reason)
    name = organisations.names(session, [consortium.lead]).get(consortium.lead)
    return application_serializers.consortium_item(consortium, name)


def follow_lead(session: Session, clock: Clock, policies: Policies, consortium: Consortium) -> None:
    """Make the city bureau of the lead's registration the recommender, if a city bureau recommends the consortium. Used when the
    lead moved to another city of Guangxi, or when another unit became the lead (A6(1))."""
    if not consortium.alive or BUREAUS[consortium.recommender].tier != "city":
        return
    lead = organisations.by_code(session, [consortium.lead]).get(consortium.lead)
    city = city_bureau_of(lead.region) if lead and lead.region else None
    if city and city != consortium.recommender:
        change_recommender(session, clock, policies, consortium, city, "move", None)


def change_recommender(
    session: Session, clock: Clock, policies: Policies, consortium: Consortium, new_recommender: str, why: str, reason: str | None
) -> None:
    """Make `new_recommender` the recommender. The consortium must be locked. `why`: decision or move."""
    old_recommender, before = consortium.recommender, consortium.state()
    consortium.recommender, consortium.hand_overs = new_recommender, consortium.hand_overs + 1
    consortium.revision += 1
    count = consortium.hand_overs
    event = ConsortiumHandedOver(
        from_bureau=old_recommender, to_bureau=new_recommender, why=why, reason=reason, handed_over=count
    )
    subject = f"consortium/{consortium.id}"
    timeline.record_of_consortium(
        session,
        subject,
        "consortium.handed_over",
        event.with_header(**reference(session, consortium)),
        consortium,
        article="A11",
        before=before,
        after=consortium.state(),
        # Address the event to the former bureau, so that its own systems receive it once more. The new bureau receives it as the
        # recommender.
        bureau=old_recommender,
        detail={"from_bureau": old_recommender, "to_bureau": new_recommender, "why": why, "reason": reason, "handed_over": count},
    )
    publish_state(session, consortium, "recommender", clock.today(), article="A11")
    session.execute(update(watches).where(watches.c.consortium_id == consortium.id).values(recommender=new_recommender))
    moved = ChangeHandedOver(from_bureau=old_recommender, to_bureau=new_recommender, handed_over=count, why=why, reason=reason)
    _hand_over_changes(session, policies, consortium, moved)
    for request in supports.open_requests(session, consortium.id):
        request.recommender = new_recommender
        handed = SupportHandedOver(
            from_bureau=old_recommender, to_bureau=new_recommender, handed_over=count, why=why, reason=reason
        )
        support_happened(
            session, "support.handed_over", request, consortium, handed, before=request.state(), bureau=old_recommender
        )


def _hand_over_changes(session: Session, policies: Policies, consortium: Consortium, moved: ChangeHandedOver) -> None:
    """Reopen, as new versions at the new bureau, the changes that wait for the old bureau's opinion. An opinion of the old bureau
    on the earlier version that arrives later has no effect. Changes that wait for confirmations only get the new recommender.
    Opinions that the old bureau has signed remain its opinions."""
    for change in changes.pending(session, consortium.id):
        policy = policies.get(change.policy)
        first = policy.pipeline("change")[0].name
        before, open_there = change.state(), change.status == "submitted" and change.stage == first
        if change.status == "awaiting_confirmations" or open_there:
            change.hand_over(consortium.recommender, addressed_again=open_there)
        publish_change_event(session, "change.handed_over", change, consortium, moved, before=before, bureau=moved.from_bureau)
        if open_there:
            hand_to_recommender(session, policy, change, consortium, before)
