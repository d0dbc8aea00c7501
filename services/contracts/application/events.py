"""Every event that the application service publishes, by type."""

from __future__ import annotations

from services.contracts.acts import act_made
from services.contracts.application.application_events import EVENTS as APPLICATIONS
from services.contracts.application.call_events import EVENTS as CALLS
from services.contracts.application.change_events import EVENTS as CHANGES
from services.contracts.application.imports import EVENTS as IMPORTS
from services.contracts.application.member_events import EVENTS as MEMBERS
from services.contracts.application.objection_events import EVENTS as OBJECTIONS
from services.contracts.application.organisation_events import EVENTS as ORGANISATIONS
from services.contracts.application.policies import EVENTS as POLICIES
from services.contracts.application.register_events import EVENTS as REGISTER
from services.contracts.application.support_events import EVENTS as SUPPORT
from services.contracts.application.watch_events import EVENTS as WATCH_LIST
from services.contracts.common import EventType

_FORMATION = CALLS | MEMBERS | APPLICATIONS | OBJECTIONS
_REGISTER = REGISTER | CHANGES | WATCH_LIST | SUPPORT | IMPORTS
_ACTS = act_made("application", "decision", "1.approved.2026-03-23")
EVENTS: dict[str, EventType] = _FORMATION | _REGISTER | ORGANISATIONS | POLICIES | _ACTS
