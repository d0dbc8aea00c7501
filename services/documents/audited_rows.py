"""List the table rows that belong to each subject of this service's audit log. The audit check computes their digest and compares
it with the digest in the subject's last entry."""

from services.documents.tables import documents, holds, papers
from services.kernel.persistence.subject_rows import SubjectRows

#: Kind of subject → the rows that the digests of its audit entries cover. Legal holds are included, because they prevent
#: disposal. The retention terms of case files are left out, because every new document of a draft changes them.
AUDITED = {
    "document": (SubjectRows(documents, [documents.c.id], without=("checked_at", "lock_until")),),
    "paper": (SubjectRows(papers, [papers.c.sha256]),),
    "": (SubjectRows(holds, [holds.c.subject]),),
}
