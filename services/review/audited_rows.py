"""The rows that belong to the subjects of this service's audit log. The audit check compares them with their last digest."""

from sqlalchemy import Table

from services.kernel.persistence.subject_rows import SubjectRows
from services.review import tables
from services.review.tables import cases


def _of_case(table: Table) -> SubjectRows:
    """Rows of a bureau's case, found by the subject."""
    return SubjectRows(table, [cases.c.subject], source=table.join(cases, cases.c.id == table.c.case_id), bureau=cases.c.bureau)


#: For every kind of subject: a bureau's case with all rows that belong to it.
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
