"""The audit log: written with the change it records, signed by its writer, sealed into a chain per bureau, anchored elsewhere."""

from services.kernel.audit.anchors import CHAINED, KEEPERS, LEDGER, announce_ledger, keep_anchor, keepers_of, kept_of, kept_since
from services.kernel.audit.ledger import verify_ledger
from services.kernel.audit.live import LiveRows, verify_rows
from services.kernel.audit.log import audit_entries, subjects_of, unsealed, write
from services.kernel.audit.sealer import Sealing, seal
from services.kernel.audit.verification import Anchors, Flaw, verify

__all__ = [
    "CHAINED",
    "KEEPERS",
    "LEDGER",
    "Anchors",
    "Flaw",
    "LiveRows",
    "Sealing",
    "announce_ledger",
    "audit_entries",
    "keep_anchor",
    "keepers_of",
    "kept_of",
    "kept_since",
    "seal",
    "subjects_of",
    "unsealed",
    "verify",
    "verify_ledger",
    "verify_rows",
    "write",
]
