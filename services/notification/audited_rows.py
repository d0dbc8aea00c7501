"""List the table rows that belong to each subject of this service's audit log. The audit check computes their digest and compares
it with the digest in the subject's last entry."""

from services.kernel.persistence.subject_rows import SubjectRows
from services.notification.tables import webhooks

#: The columns of `webhooks` that change without an audit entry: the progress of a subscription's deliveries, and secrets, which
#: change when they are encrypted with a new key.
_MOVING = ("cursor", "hold", "held_until", "taken_at", "failures", "failing_since", "slow", "secrets")

AUDITED = {"webhook": (SubjectRows(webhooks, [webhooks.c.id], without=_MOVING),)}
