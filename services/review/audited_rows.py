"""List the table rows that belong to each subject of this service's audit log. The audit check computes their digest and compares
it with the digest in the subject's last entry."""

from sqlalchemy import Table

from services.kernel.persistence.subject_rows import SubjectRows
from services.review import tables
from services.review.tables import cases


def _of_case(table: Table) -> SubjectRows:
    """Return how the rows of a table that belong to a bureau's case are found: the case by its subject, the rows by the case's
    id."""
    return SubjectRows(table, [cases.c.subject], source=table.join(cases, cases.c.id == table.c.case_id), bureau=cases.c.bureau)


#: For every kind of subject: the rows of the bureau's case, and all other rows that belong to the case.
AUDITED = {
    "": (
        SubjectRows(cases, [cases.c.subject], bureau=cases.c.bureau),
        _of_case(tables.rounds),
        _of_case(tables.opinions),
        _of_case(tables.seats),
        _of_case(tables.scores),
        _of_case(tables.draws),
    ),
    "decision-list": (SubjectRows(tables.decision_lists, [tables.decision_lists.c.id], bureau=tables.decision_lists.c.bureau),),
}
