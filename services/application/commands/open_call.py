"""The province announces a call (A6(1))."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.domain.call import Call, mistakes
from services.application.serializers import application_serializers
from services.contracts.application.call_requests import CallDict
from services.contracts.application.call_responses import CallAnswerDict
from services.contracts.application.payloads import CallEvent
from services.kernel.clock import Clock
from services.kernel.errors import FieldError, Invalid, Text
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import BUREAUS, Policies, UnknownPolicy


def open_call(session: Session, clock: Clock, policies: Policies, actor: Actor, call: CallDict) -> CallAnswerDict:
    """Announce a call. Its policy applies to all its cases until they end; a call that names no policy gets the policy in force
    today (A6(1)).

    Raises Forbidden for any actor but the province, Invalid for an impossible window, rubric, policy or bureau.
    """
    require_province(actor)
    opens_at, closes_at = datetime.fromisoformat(call["opens_at"]), datetime.fromisoformat(call["closes_at"])
    policy, unknown = _policy_or_error(policies, call["policy"], clock)
    if errors := (*mistakes(call, opens_at, closes_at), *unknown, *_unknown_bureaus(call["industry_bureaus"])):
        raise Invalid("invalid_call", "申报通知有误，请按提示修改。", "The call has mistakes.", errors=errors)
    opened = Call(
        id=new_id(),
        title=call["title"],
        kind=call["kind"],
        opens_at=opens_at,
        closes_at=closes_at,
        policy=policy,
        fields=call["fields"],
        industry_bureaus=call["industry_bureaus"],
        rubric=call["rubric"],
        min_reviewers=call["min_reviewers"],
        places=call["places"],
        budget=call["budget"],
        attachments=call["attachments"],
        # A gateway of the previous release sends neither `text` nor `contact`.
        text=call.get("text"),
        contact=call.get("contact"),
        cancelled_reason=None,
        revision=1,
        created_at=clock.now(),
    )
    session.add(opened)
    publish_call(session, "call.opened", opened)
    return application_serializers.call(opened, clock.now())


def publish_call(session: Session, type: str, call: Call, *, before: object = None, reason: str | None = None) -> None:
    """Publish and audit an event about a call."""
    event = CallEvent(
        call=call.id,
        title=call.title,
        kind=call.kind,
        opens_at=call.opens_at,
        closes_at=call.closes_at,
        policy=call.policy,
        reason=reason,
    )
    subject = f"call/{call.id}"
    unit_of_work.record_change(session, type, subject, event, bureau=PROVINCE, article="A6(1)", before=before, after=call.state())


def _policy_or_error(policies: Policies, ref: str | None, clock: Clock) -> tuple[str, tuple[FieldError, ...]]:
    try:
        return (policies.get(ref) if ref else policies.in_force(clock.today())).ref, ()
    except UnknownPolicy:
        refs = "、".join(policies.refs())
        text = Text(f"没有这一政策版本，现有：{refs}。", f"There is no such policy version; known: {', '.join(policies.refs())}.")
        return "", (FieldError("/policy", "unknown_policy", text),)


def _unknown_bureaus(codes: list[str]) -> list[FieldError]:
    text = Text("没有这一行业主管部门，请对照主管部门列表。", "There is no such industry bureau; see the list of bureaus.")
    return [
        FieldError(f"/industry_bureaus/{index}", "unknown_bureau", text)
        for index, code in enumerate(codes)
        if code not in BUREAUS or BUREAUS[code].tier != "industry"
    ]
