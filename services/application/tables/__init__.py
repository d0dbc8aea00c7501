"""The tables of the application service, and the mapping of domain objects onto them."""

from __future__ import annotations

from sqlalchemy.orm import registry

from services.application.domain.application import Application
from services.application.domain.call import Call
from services.application.domain.change import Change
from services.application.domain.consortium import Consortium
from services.application.domain.objection import RecognitionObjection
from services.application.domain.organisation import Organisation
from services.application.domain.proposal import Proposal
from services.application.domain.support import Support
from services.application.domain.verification import Verification
from services.application.domain.watch import Watch
from services.application.tables.cases import (
    applications,
    calls,
    integrity_records,
    objections,
    organisations,
    readers,
    units,
    verifications,
    versions,
)
from services.application.tables.directions import directions
from services.application.tables.register import (
    change_confirmations,
    changes,
    consortia,
    consortium_units,
    legal_holds,
    matters,
    numbers,
    places,
    proposed_consortia,
    register_states,
    successions,
    support_requests,
    watches,
)
from services.application.tables.schema import metadata
from services.application.tables.timeline import policies, policy_previews, terms, timeline
from services.objections.table import map_objections

__all__ = [
    "applications",
    "calls",
    "change_confirmations",
    "changes",
    "consortia",
    "consortium_units",
    "directions",
    "integrity_records",
    "legal_holds",
    "matters",
    "metadata",
    "numbers",
    "objections",
    "organisations",
    "places",
    "policies",
    "policy_previews",
    "proposed_consortia",
    "readers",
    "register_states",
    "successions",
    "support_requests",
    "terms",
    "timeline",
    "units",
    "verifications",
    "versions",
    "watches",
]

_mapper = registry(metadata=metadata)
_mapper.map_imperatively(Organisation, organisations)
_mapper.map_imperatively(Call, calls)
_mapper.map_imperatively(Application, applications, exclude_properties=("compared_version",))
_mapper.map_imperatively(Consortium, consortia, exclude_properties=("compared",))
_mapper.map_imperatively(Change, changes)
_mapper.map_imperatively(Support, support_requests)
_mapper.map_imperatively(Watch, watches)
_mapper.map_imperatively(Verification, verifications)
map_objections(_mapper, RecognitionObjection, objections, "application_id")
_mapper.map_imperatively(Proposal, proposed_consortia)
