"""What the documents service offers."""

from services.documents import queries
from services.documents.commands.abandon import abandon, abandoned
from services.documents.commands.complete import complete_upload, examine_upload
from services.documents.commands.keep_watch import (
    cleaning_due,
    clear_orphans,
    hash_object,
    settle_object,
    take_object,
)
from services.documents.commands.make_paper import make_paper, paper_hashes, typeset_paper
from services.documents.commands.start import start_upload, upload_parts
from services.kernel.registry import Registry

registry = Registry("documents")

registry.command(start_upload)
registry.command(complete_upload, before=examine_upload)

registry.command(make_paper, before=typeset_paper)
registry.query(paper_hashes)

registry.query(queries.get_document)
registry.query(queries.document_content)
registry.query(queries.list_documents)
registry.query(upload_parts)
registry.query(queries.bundle)
registry.query(queries.document_states)

registry.sweep("abandoned_uploads", abandoned, abandon)
registry.sweep("orphans", cleaning_due, clear_orphans)
registry.errand("integrity", take_object, hash_object, settle_object, at_once=1)
