"""The rows that belong to the subjects of this service's audit log. The audit check compares them with their last digest."""

from services.documents.tables import documents, holds, papers
from services.kernel.persistence.subject_rows import SubjectRows

#: The rows that the audit digests cover. Legal holds are included, because they prevent disposal. The retention terms of case
#: files are not, because they change with each document.
AUDITED = {
    "document": (SubjectRows(documents, [documents.c.id], without=("checked_at", "lock_until")),),
    "paper": (SubjectRows(papers, [papers.c.sha256]),),
    "": (SubjectRows(holds, [holds.c.subject]),),
}
