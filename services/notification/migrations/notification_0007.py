"""Delete the webhook subscriptions that operators created: only portals receive events about cases."""

from alembic import op

revision = "notification_0007"
down_revision = "notification_0006"
branch_labels = None
#: This migration reads the audit log, which records the role of the account that created a subscription.
depends_on = "kernel_0001"

_OPERATORS = "SELECT subject FROM audit WHERE action = 'webhook.subscribed' AND role = 'operator'"


def upgrade() -> None:
    op.execute(f"DELETE FROM deliveries WHERE 'webhook/' || webhook IN ({_OPERATORS})")
    op.execute(f"DELETE FROM webhooks WHERE 'webhook/' || id IN ({_OPERATORS})")
