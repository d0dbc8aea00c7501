"""The events that the evaluation service publishes."""

from __future__ import annotations

from services.contracts.acts import act_made
from services.contracts.common import EventType
from services.contracts.evaluation.case_events import EVENTS as CASES
from services.contracts.evaluation.duty_events import EVENTS as DUTIES
from services.contracts.evaluation.participation_events import EVENTS as PARTICIPATIONS
from services.contracts.evaluation.round_events import EVENTS as ROUNDS

EVENTS: dict[str, EventType] = DUTIES | ROUNDS | PARTICIPATIONS | CASES | act_made("evaluation", "grade_notice", "1.2026-03-23")
