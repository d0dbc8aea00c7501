"""The rows that belong to the subjects of this service's audit log. The audit check compares them with their last digest."""

from services.kernel.persistence.subject_rows import SubjectRows
from services.notification.tables import webhooks

#: The progress of a subscription, and secrets that are encrypted again with another key.
_MOVING = ("cursor", "hold", "held_until", "taken_at", "failures", "failing_since", "slow", "secrets")

AUDITED = {"webhook": (SubjectRows(webhooks, [webhooks.c.id], without=_MOVING),)}
