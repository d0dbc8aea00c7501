"""Which rows belong to the subjects of this service's audit log; the audit check compares them with their last digest."""

from services.documents.tables import documents, holds, papers
from services.kernel.persistence.subject_rows import SubjectRows

#: Case files' terms follow each document and are in no digest; what the regulation keeps from being disposed of, the holds, is.
AUDITED = {
    "document": (SubjectRows(documents, [documents.c.id], without=("checked_at", "lock_until")),),
    "paper": (SubjectRows(papers, [papers.c.sha256]),),
    "": (SubjectRows(holds, [holds.c.subject]),),
}
