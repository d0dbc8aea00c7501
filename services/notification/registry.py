"""The operations and reactions of the notification service."""

from services.kernel.registry import Registry
from services.notification import gauges, queries
from services.notification.audited_rows import AUDITED
from services.notification.commands.mark_read import mark_all_read, mark_read
from services.notification.commands.set_preferences import set_preferences
from services.notification.delivery import confidential, contact_addresses, delivery_log, dispatch, reminders, todo
from services.notification.domain import TEMPLATES
from services.notification.reactions import tell
from services.notification.tables import contacts, letters, messages, preferences, reads
from services.notification.webhooks import delivery_job, feed, subscriptions
from services.notification.webhooks.event_catalogue import GOING_OUT, PRODUCERS

registry = Registry("notification")

for kind, rows in AUDITED.items():
    registry.audits(kind, *rows)

registry.command(mark_read)
registry.command(mark_all_read)
registry.command(set_preferences)

registry.query(queries.list_notifications)
registry.query(queries.unread_count)
registry.query(queries.get_preferences)

registry.command(subscriptions.subscribe)
registry.command(subscriptions.unsubscribe)
registry.command(subscriptions.rotate)
registry.command(subscriptions.pause)
registry.command(subscriptions.resume)
registry.command(subscriptions.redeliver)
registry.query(subscriptions.list_webhooks)
registry.query(subscriptions.get_webhook)
registry.query(subscriptions.list_deliveries)
registry.query(feed.read_events)

for type in GOING_OUT:
    registry.reaction(PRODUCERS[type], type, feed.record)
for type in ("account.changed", "account.erased"):
    registry.reaction("gateway", type, subscriptions.follow_account)
for type in reminders.HEARD:
    registry.reaction(PRODUCERS[type], type, reminders.watch)
registry.reaction("application", "consortium.handed_over", reminders.follow_hand_over)
registry.reaction("gateway", "account.contact_changed", contact_addresses.follow_contact)
registry.reaction("gateway", "account.erased", contact_addresses.forget_person)
for type in confidential.TYPES:
    registry.reaction("gateway", type, confidential.store_confidential_message)
registry.keeps_personal_data(contacts, letters, messages, reads, preferences)
registry.command(delivery_log.retry_letter)
registry.command(delivery_log.bounce_letter)
registry.query(delivery_log.list_letters)
registry.query(delivery_log.own_letters)
registry.query(todo.todo)
registry.query(todo.todo_counts)
registry.job("letters", dispatch.claim_letters, dispatch.send_letters, dispatch.complete_letters, at_once=4)
registry.sweep("reminders", reminders.due_reminders, reminders.remind)

registry.job("webhooks", delivery_job.claim_deliveries, delivery_job.send_deliveries, delivery_job.complete_deliveries, at_once=8)
registry.sweep("outside", delivery_job.outdated, delivery_job.forget_outdated)
registry.sweep("seal_anew", subscriptions.sealed_before, subscriptions.reseal)

for producer, type in dict.fromkeys((template.producer, template.type) for template in TEMPLATES):
    registry.reaction(producer, type, tell)

registry.gauge("webhooks", ("state", "reason"), gauges.webhooks_by_state)
registry.gauge("webhook_deliveries_waiting", (), gauges.webhook_deliveries_waiting)
registry.gauge("letters", ("channel", "state"), gauges.letters_by_state)
