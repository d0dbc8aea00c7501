"""The documents service's commands, queries, reactions, sweeps, jobs, gauges and audited tables, by name."""

from services.documents import gauges, queries, reactions
from services.documents.audited_rows import AUDITED
from services.documents.commands.check_integrity import cleaning_due, clear_orphans, hash_object, settle_object, take_object
from services.documents.commands.complete_upload import complete_upload, examine_upload
from services.documents.commands.delete_abandoned_uploads import abandon, abandoned
from services.documents.commands.dispose_documents import dispose, due_records
from services.documents.commands.generate_document import make_paper, paper_hashes, typeset_paper
from services.documents.commands.legal_hold import announce, lift_hold, place_hold, unannounced
from services.documents.commands.lock_objects import settle_lock, take_lock, turn_lock
from services.documents.commands.notify_draft_owner import drafts_to_tell_of, tell_holder
from services.documents.commands.start_upload import start_upload, upload_parts
from services.documents.repository.case_files import published
from services.kernel.persistence.erasure import forget_account
from services.kernel.registry import Registry

registry = Registry("documents")

for kind, rows in AUDITED.items():
    registry.audits(kind, *rows)
registry.published = published

registry.command(start_upload)
registry.command(complete_upload, before=examine_upload)

registry.command(make_paper, before=typeset_paper)
registry.query(paper_hashes)

registry.query(queries.get_document)
registry.query(queries.document_content)
registry.query(queries.document_source)
registry.query(queries.list_documents)
registry.query(upload_parts)
registry.query(queries.bundle)
registry.query(queries.document_states)
registry.query(queries.call_files)
registry.query(queries.call_file)
registry.query(queries.todo)
registry.query(queries.todo_counts)

registry.command(place_hold)
registry.command(lift_hold)
registry.query(queries.list_holds)
registry.query(queries.get_hold)
registry.query(queries.list_records)

for type in ("application.submitted", "application.resubmitted"):
    registry.reaction("application", type, reactions.handed_in)
for type in ("application.withdrawn", "application.rejected", "application.declined"):
    registry.reaction("application", type, reactions.application_ended)
registry.reaction("gateway", "account.erased", forget_account)
registry.reaction("application", "consortium.recognised", reactions.recognised)
registry.reaction("application", "consortium.proposal_refused", reactions.proposal_refused)
registry.reaction("application", "consortium.revoked", reactions.revoked)
registry.reaction("application", "consortium.changed", reactions.changed)
for type in ("organisation.verified", "organisation.verification_refused", "integrity.repaired"):
    registry.reaction("application", type, reactions.evidence_seen)
registry.reaction("application", "policy.published", reactions.policy_published)

registry.reaction("application", "application.act_made", reactions.act_made)
registry.reaction("review", "review.act_made", reactions.act_made)
registry.reaction("evaluation", "evaluation.act_made", reactions.act_made)

registry.sweep("drafts", drafts_to_tell_of, tell_holder)
registry.sweep("retention", due_records, dispose)
registry.sweep("holds", unannounced, announce)
registry.sweep("abandoned_uploads", abandoned, abandon)
registry.sweep("orphans", cleaning_due, clear_orphans)
registry.job("locks", take_lock, turn_lock, settle_lock, at_once=1)
registry.job("integrity", take_object, hash_object, settle_object, at_once=1)

for measured in (
    gauges.documents_damaged,
    gauges.documents_pending,
    gauges.documents_unchecked_age_seconds,
    gauges.documents_files_due,
    gauges.documents_files_held,
):
    registry.gauge(measured.__name__, (), measured)
