"""The rows that belong to the subjects of this service's audit log. The audit check compares them with their last digest."""

from services.documents.tables import documents, holds, papers
from services.kernel.persistence.subject_rows import SubjectRows

#: The terms of case files change with each document and are in no digest; legal holds, which prevent disposal, are.
AUDITED = {
    "document": (SubjectRows(documents, [documents.c.id], without=("checked_at", "lock_until")),),
    "paper": (SubjectRows(papers, [papers.c.sha256]),),
    "": (SubjectRows(holds, [holds.c.subject]),),
}
