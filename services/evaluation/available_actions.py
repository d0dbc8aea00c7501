"""Compute the actions that an actor may take now on a report, a participation, a rectification, a revocation case or a
coordination item, so that clients can offer these actions. Each command checks the actor's rights again."""

from __future__ import annotations

from datetime import date, datetime

from services.contracts.case_view import ActionAnswerDict
from services.evaluation.access import is_lead
from services.evaluation.domain.annual_report import Obligation
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.coordination import Item
from services.evaluation.domain.participation import Participation
from services.evaluation.domain.rectification import Rectification
from services.evaluation.domain.revocation import Revocation, RevocationStatus
from services.evaluation.domain.round import Round
from services.kernel.actions import offer
from services.kernel.identity import Actor

Offers = list[ActionAnswerDict]


def report_actions(actor: Actor, report: Obligation, consortium: Consortium) -> Offers:
    """Return the actions that the actor may take on an annual report: the lead edits and submits it, a chief of the province
    reopens it."""
    offers: Offers = []
    if is_lead(actor, consortium):
        offers += [offer("edit", report.require_editable), offer("submit", report.require_editable, signs=True)]
    if _chief(actor):
        offers.append(offer("reopen", report.require_accepted))
    return offers


def participation_actions(actor: Actor, part: Participation, round: Round, consortium: Consortium, now: datetime) -> Offers:
    """Return the actions that the actor may take on a participation in a round."""
    offers: Offers = []
    if is_lead(actor, consortium):
        offers.append(offer("edit", lambda: part.require_editable(round, now)))
        offers.append(offer("submit", lambda: part.require_editable(round, now), signs=True))
        offers.append(offer("ask_deferral", lambda: part.require_deferrable(round, now), signs=True))
        offers.append(offer("withdraw", part.require_withdrawable, signs=True))
    if part.returned_by(actor):
        offers.append(offer("extend_correction", lambda: part.require_extendable(now)))
    if _chief(actor):
        offers.append(offer("answer", part.require_deferral_pending))
        offers.append(offer("grade", lambda: part.require_gradable(round)))
    return offers


def rectification_actions(actor: Actor, case: Rectification, consortium: Consortium, today: date) -> Offers:
    """Return the actions that the actor may take on a rectification: the lead reports, a chief of the province decides the
    acceptance."""
    offers: Offers = []
    if is_lead(actor, consortium):
        offers.append(offer("submit", case.require_running, signs=True))
    if _chief(actor):
        offers.append(offer("accept", lambda: case.require_acceptable(today)))
    return offers


def revocation_actions(actor: Actor, case: Revocation, consortium: Consortium, now: datetime) -> Offers:
    """Return the actions that the actor may take on a revocation case: the province opens or dismisses a proposal, the lead
    states the consortium's view, a chief of the province decides."""
    offers: Offers = []
    if actor.official and actor.of_province:
        offers += [offer(action, lambda: case.require(RevocationStatus.PROPOSED)) for action in ("take_up", "dismiss")]
    if is_lead(actor, consortium):
        offers.append(offer("state", lambda: case.require(RevocationStatus.OPEN), signs=True))
    if _chief(actor):
        offers.append(offer("decide", lambda: case.require_decidable(now)))
    return offers


def matter_actions(actor: Actor, item: Item) -> Offers:
    """Return the actions that the actor may take on a coordination item; the list is empty unless the actor belongs to the bureau
    that was asked or to the province."""
    if not actor.official or (actor.bureau != item.asked_of and not actor.of_province):
        return []
    return [offer(action, item.require_open) for action in ("answer", "close")]


def _chief(actor: Actor) -> bool:
    return actor.has("chief") and actor.of_province
