"""An officer of the province proposes a consortium that was recognised under the plan of 2021 (A16)."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from services.application.access import require_province
from services.application.domain.content import mistakes
from services.application.domain.proposal import PROPOSED, Proposal, history_mistakes
from services.application.repository import proposals, timeline
from services.application.serializers import register_serializers
from services.application.tables import consortia
from services.contracts.application.imports import ImportedConsortiumDict
from services.contracts.application.payloads import ConsortiumProposed, ProposalRefused
from services.contracts.application.register_responses import ProposedConsortium
from services.kernel.clock import Clock
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.kernel.identity import PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.persistence import unit_of_work
from services.policy import BUREAUS, Policies


def import_consortium(
    session: Session, clock: Clock, policies: Policies, actor: Actor, consortium: ImportedConsortiumDict
) -> ProposedConsortium:
    """Store the consortium as a proposal until a second person confirms it from its documents, which are uploaded under
    `consortium/<id>`. A proposal uses no quota.

    Raises Forbidden for any actor but the province, Invalid, Conflict if the lead has a consortium of this name already.
    """
    require_province(actor)
    if errors := (*mistakes(consortium["lead"], consortium["members"]), *_proposal_errors(consortium, policies, clock.today())):
        raise Invalid("invalid_consortium", "内容有误，请按提示修改。", "There are mistakes.", errors=errors)
    require_new(session, consortium["lead"], consortium["name"])
    if proposals.is_proposed(session, consortium["lead"], consortium["name"]):
        raise Conflict(
            "already_proposed",
            "该牵头单位的同名创新联合体已提出补录，待确认。",
            "This lead's consortium of this name is proposed already and waits for its confirmation.",
        )
    proposal = Proposal(
        id=new_id(),
        status=PROPOSED,
        name=consortium["name"],
        lead=consortium["lead"],
        content=consortium,
        papers=[],
        proposed_by=actor.username,
        proposed_at=clock.now(),
        answered_by=None,
        answered_at=None,
        reason=None,
        revision=1,
    )
    session.add(proposal)
    session.flush()
    publish_proposal_step(session, "consortium.proposed", proposal, before=None)
    return register_serializers.proposal(proposal)


def require_new(session: Session, lead: str, name: str) -> None:
    """Raise Conflict if the register has a consortium with this lead and this name."""
    existing = select(consortia.c.number).where(consortia.c.lead == lead, consortia.c.name == name)
    if number := session.execute(existing).scalars().first():
        raise Conflict(
            "already_registered",
            f"该牵头单位的同名创新联合体已在名册（{number}）。",
            f"This lead's consortium of this name is in the register already ({number}).",
            number=number,
        )


def publish_proposal_step(session: Session, type: str, proposal: Proposal, before: object, reason: str | None = None) -> None:
    """Publish a step of a proposal, audit it, and add it to the timeline that officials and auditors read."""
    subject = f"consortium/{proposal.id}"
    content = proposal.content
    recognised_on = date.fromisoformat(content["recognised_on"])
    payload = {"consortium": proposal.id, "name": content["name"], "recommender": content["recommender"]}
    event: ConsortiumProposed
    if reason is None:
        event = ConsortiumProposed(recognised_on=recognised_on, **payload)
    else:
        event = ProposalRefused(recognised_on=recognised_on, reason=reason, **payload)
    home = content["recommender"]
    unit_of_work.record_change(
        session, type, subject, event, bureau=PROVINCE, recommender=home, article="A16", before=before, after=proposal.state()
    )
    timeline.add_line(session, subject, type, article="A16", detail={} if reason is None else {"reason": reason})


def _proposal_errors(consortium: ImportedConsortiumDict, policies: Policies, today: date) -> list[FieldError]:
    errors = []
    bureau = BUREAUS.get(consortium["recommender"])
    if bureau is None or bureau.tier == "province":
        text = Text("请填写设区市科技局或行业主管部门的代码。", "Give the code of a city or industry bureau.")
        errors.append(FieldError("/recommender", "unknown_recommender", text))
    recognised_on, since = date.fromisoformat(consortium["recognised_on"]), policies.since()
    if recognised_on >= since:
        text = Text(
            f"2021 年方案下的认定日期应早于管理办法施行之日（{since.isoformat()}）。",
            f"Under the plan of 2021 consortia were recognised before the measures took effect ({since.isoformat()}).",
        )
        errors.append(FieldError("/recognised_on", "recognised_too_late", text))
    if history := consortium.get("history"):
        measures = {measure.measure: measure.title.zh for measure in policies.in_force(today).measures}
        errors += history_mistakes(history, recognised_on, today, measures)
    return errors
