"""The parts of an answer about a case that depend on the account: the actions that the account can take now, and the progress of
the case."""

from __future__ import annotations

from typing import Any, TypedDict

from marshmallow import fields

from services.contracts.common import Answer, Citation, one_of
from services.contracts.labels import LABELS

ACTIONS = tuple(LABELS["action"])
FLOW_STAGES = tuple(LABELS["flow_stage"])
FLOW_STATES = tuple(LABELS["flow_state"])
FLOW_PARTIES = tuple(LABELS["flow_party"])


class ActionAnswer(Answer):
    """An action on the case that the account may take or, for the reason in `why`, may not take now. `signs`: the action binds
    the organisation, so only an account that may sign for the organisation can take it."""

    id = one_of(*ACTIONS, of="action", required=True)
    allowed = fields.Boolean(required=True)
    why = fields.String(required=True, allow_none=True)
    signs = fields.Boolean(required=True)


class ActionAnswerDict(TypedDict):
    id: str
    allowed: bool
    why: dict[str, str] | None
    signs: bool


class FlowParty(Answer):
    """A party that acts at a stage of the flow chart. `code`: the code of the organisation or bureau; null for members, experts
    and the platform."""

    kind = one_of(*FLOW_PARTIES, of="flow_party", required=True)
    code = fields.String(required=True, allow_none=True)
    name = fields.String(required=True)


class FlowPartyDict(TypedDict):
    kind: str
    code: str | None
    name: dict[str, str]


class FlowStageAnswer(Answer):
    """A stage of the case's flow chart. `since`, `until`: when the case entered and left the stage, if known; `due_on`: the
    stage's last day while it is the current stage; `due_days`: the working days that the policy allows."""

    stage = one_of(*FLOW_STAGES, of="flow_stage", required=True)
    state = one_of(*FLOW_STATES, of="flow_state", required=True)
    who = fields.Nested(FlowParty, required=True)
    since = fields.AwareDateTime(required=True, allow_none=True)
    until = fields.AwareDateTime(required=True, allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    due_days = fields.Integer(required=True, allow_none=True)
    citation = Citation(required=True, allow_none=True)


class FlowStageAnswerDict(TypedDict):
    stage: str
    state: str
    who: FlowPartyDict
    since: str | None
    until: str | None
    due_on: str | None
    due_days: int | None
    citation: str | None


def actions() -> fields.List[Any]:
    """Return the field of an answer that lists the actions open to the account."""
    return fields.List(fields.Nested(ActionAnswer))


def flow() -> fields.List[Any]:
    """Return the field of an answer that contains the flow chart."""
    return fields.List(fields.Nested(FlowStageAnswer))
