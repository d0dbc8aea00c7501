"""Which rows belong to the subjects of this service's audit log; the audit check compares them with their last digest."""

from services.kernel.persistence.subject_rows import SubjectRows
from services.notification.tables import webhooks

#: How far a subscription has come, and secrets that are sealed again with another key.
_MOVING = ("cursor", "hold", "held_until", "taken_at", "failures", "failing_since", "slow", "secrets")

AUDITED = {"webhook": (SubjectRows(webhooks, [webhooks.c.id], without=_MOVING),)}
