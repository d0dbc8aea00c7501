"""List the table rows that belong to each subject of this service's audit log. The audit check computes their digest and compares
it with the digest in the subject's last entry."""

from services.application import tables
from services.kernel.persistence.subject_rows import SubjectRows

#: The rows of the quotas (L6, M3) that a case or a consortium uses at present.
_PLACES = SubjectRows(tables.places, [tables.places.c.subject], whole=True, where=tables.places.c.freed_at.is_(None))

AUDITED = {
    "application": (
        # `compared_version` is not part of the digest: it records which version the sweep for similar research directions has
        # indexed, and says nothing about the case.
        SubjectRows(tables.applications, [tables.applications.c.id], without=("compared_version",)),
        SubjectRows(tables.units, [tables.units.c.application_id]),
        SubjectRows(tables.versions, [tables.versions.c.application_id]),
        SubjectRows(tables.objections, [tables.objections.c.application_id]),
        SubjectRows(tables.readers, [tables.readers.c.application_id]),
        _PLACES,
    ),
    "consortium": (
        SubjectRows(tables.consortia, [tables.consortia.c.id], without=("compared",)),
        SubjectRows(tables.proposed_consortia, [tables.proposed_consortia.c.id]),
        SubjectRows(tables.consortium_units, [tables.consortium_units.c.consortium_id]),
        SubjectRows(tables.register_states, [tables.register_states.c.consortium_id]),
        SubjectRows(tables.watches, [tables.watches.c.consortium_id]),
        _PLACES,
    ),
    "change": (
        SubjectRows(tables.changes, [tables.changes.c.id]),
        SubjectRows(tables.change_confirmations, [tables.change_confirmations.c.change_id]),
        _PLACES,
    ),
    "support": (SubjectRows(tables.support_requests, [tables.support_requests.c.id]),),
    "matter": (SubjectRows(tables.matters, [tables.matters.c.id]),),
    "call": (SubjectRows(tables.calls, [tables.calls.c.id]),),
    "organisation": (
        SubjectRows(tables.organisations, [tables.organisations.c.uscc]),
        SubjectRows(tables.integrity_records, [tables.integrity_records.c.uscc]),
        SubjectRows(tables.verifications, [tables.verifications.c.uscc]),
        SubjectRows(tables.successions, [tables.successions.c.predecessor]),
    ),
    "policy": (
        SubjectRows(tables.policies, [tables.policies.c.ref]),
        SubjectRows(tables.policy_previews, [tables.policy_previews.c.policy]),
    ),
}

#: Kind of subject → its exceptions from the audit check. An organisation that a lead named but that has not registered may have
#: rows without any audit entry.
MORE = {"organisation": {"recorded": False}}
