"""List the table rows that belong to each subject of this service's audit log. The audit check computes their digest and compares
it with the digest in the subject's last entry."""

from collections.abc import Mapping

from services.evaluation import tables
from services.kernel.persistence.subject_rows import SubjectRows

#: Names of the columns of `consortia` that are not part of the digest: the application service owns their data and records
#: changes of it in its own audit log.
_TOLD = (
    *("name", "lead", "lead_name", "recommender", "recognised_on", "opened_through"),
    *("number", "field", "status", "units", "goals", "related_units"),
)

AUDITED = {
    "evaluation": (SubjectRows(tables.evaluations, [tables.evaluations.c.id]),),
    "participation": (
        SubjectRows(tables.participations, [tables.participations.c.id]),
        SubjectRows(tables.participation_versions, [tables.participation_versions.c.participation]),
        # `key` is not part of the digest: a claim's key changes without an audit entry about this participation when another
        # participation, which shared the same outcome, gives up its claim.
        SubjectRows(tables.outcome_claims, [tables.outcome_claims.c.participation], without=("key",)),
        SubjectRows(tables.outcome_allowances, [tables.outcome_allowances.c.participation]),
        SubjectRows(tables.grade_objections, [tables.grade_objections.c.participation]),
        SubjectRows(tables.participation_readers, [tables.participation_readers.c.participation]),
    ),
    "coordination": (SubjectRows(tables.coordination_items, [tables.coordination_items.c.id]),),
    "consortium": (
        SubjectRows(tables.consortia, [tables.consortia.c.id], without=_TOLD),
        SubjectRows(tables.inspections, [tables.inspections.c.consortium], without=("follow_up_told",)),
        SubjectRows(tables.rectifications, [tables.rectifications.c.consortium]),
        SubjectRows(tables.revocations, [tables.revocations.c.consortium]),
    ),
    "report": (
        SubjectRows(tables.annual_reports, [tables.annual_reports.c.consortium, tables.annual_reports.c.year]),
        SubjectRows(tables.report_versions, [tables.report_versions.c.consortium, tables.report_versions.c.year]),
    ),
}


def _consortium_and_year(id: str) -> tuple[str, int]:
    consortium, _, year = id.rpartition("-")
    return consortium, int(year)


#: Kind of subject → further settings of its audit check. `recorded` false: rows of this kind may exist without an audit entry,
#: because an event of the application service creates a consortium, and earlier releases created a report without an entry.
MORE: Mapping[str, Mapping[str, object]] = {
    "consortium": {"recorded": False},
    "report": {"recorded": False, "parse": _consortium_and_year, "join": lambda key: f"{key[0]}-{key[1]}"},
}
