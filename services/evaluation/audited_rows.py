"""The rows that belong to the subjects of this service's audit log. The audit check compares them with their last digest."""

from typing import Any

from services.evaluation import tables
from services.kernel.persistence.subject_rows import SubjectRows

#: Columns that the application service owns and records in its own audit log.
_TOLD = (
    *("name", "lead", "lead_name", "recommender", "recognised_on", "opened_through"),
    *("number", "field", "status", "units", "goals"),
)

AUDITED = {
    "evaluation": (SubjectRows(tables.evaluations, [tables.evaluations.c.id]),),
    "participation": (
        SubjectRows(tables.participations, [tables.participations.c.id]),
        SubjectRows(tables.participation_versions, [tables.participation_versions.c.participation]),
        # The key changes when another participation gives up the same outcome.
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


#: Options of a kind. A row may exist without an audit entry: the application service's event creates a consortium, and earlier
#: versions created a report without one.
MORE: dict[str, dict[str, Any]] = {
    "consortium": {"recorded": False},
    "report": {"recorded": False, "parse": _consortium_and_year, "join": lambda key: f"{key[0]}-{key[1]}"},
}
