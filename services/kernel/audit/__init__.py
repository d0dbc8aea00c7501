"""The audit log. Each entry is written in the transaction of the change that it records, and signed by the service that writes
it. Entries are sealed: added to a hash chain, one per bureau. The newest hash of a chain is its head; other services, the
keepers, store it as an anchor."""

from services.kernel.audit.anchors import CHAINED, KEEPERS, LEDGER, announce_ledger, keep_anchor, keepers_of
from services.kernel.audit.custody import (
    TRANSIT_TIME,
    Kept,
    find_missing_anchors,
    newest_anchor_instant,
    read_announced_heads,
    read_kept_anchors,
)
from services.kernel.audit.flaw import Flaw
from services.kernel.audit.ledger import verify_ledger
from services.kernel.audit.live import LiveRows, verify_rows
from services.kernel.audit.log import subjects_of, unsealed, write
from services.kernel.audit.restored import all_restores, record
from services.kernel.audit.sealer import Sealing, seal
from services.kernel.audit.search import audit_entries, audit_state, kept_heads
from services.kernel.audit.verification import Anchors, verify

__all__ = [
    "CHAINED",
    "KEEPERS",
    "LEDGER",
    "TRANSIT_TIME",
    "Anchors",
    "Flaw",
    "Kept",
    "LiveRows",
    "Sealing",
    "all_restores",
    "announce_ledger",
    "audit_entries",
    "audit_state",
    "find_missing_anchors",
    "keep_anchor",
    "keepers_of",
    "kept_heads",
    "newest_anchor_instant",
    "read_announced_heads",
    "read_kept_anchors",
    "record",
    "seal",
    "subjects_of",
    "unsealed",
    "verify",
    "verify_ledger",
    "verify_rows",
    "write",
]
