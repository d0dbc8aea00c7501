"""What the notification service offers and hears."""

from services.kernel.registry import Registry
from services.notification import measures, queries
from services.notification.audited_rows import AUDITED
from services.notification.commands.prefer import set_preferences
from services.notification.commands.read import mark_all_read, mark_read
from services.notification.domain import TEMPLATES
from services.notification.letters import confidential, kept, people, post, reminders, todo
from services.notification.outside import deliver, feed, subscriptions
from services.notification.outside.known import GOING_OUT, PRODUCERS
from services.notification.reactions import tell
from services.notification.tables import contacts, letters, messages, preferences, reads

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
registry.reaction("gateway", "account.contact_changed", people.follow_contact)
registry.reaction("gateway", "account.erased", people.forget_person)
for type in confidential.TYPES:
    registry.reaction("gateway", type, confidential.make_out)
registry.keeps_personal_data(contacts, letters, messages, reads, preferences)
registry.command(kept.retry_letter)
registry.command(kept.bounce_letter)
registry.query(kept.list_letters)
registry.query(kept.own_letters)
registry.query(todo.todo)
registry.query(todo.todo_counts)
registry.errand("letters", post.take, post.carry, post.settle, at_once=4)
registry.sweep("reminders", reminders.due_reminders, reminders.remind)

registry.errand("webhooks", deliver.take, deliver.carry, deliver.settle, at_once=8)
registry.sweep("outside", deliver.outdated, deliver.forget_outdated)
registry.sweep("seal_anew", subscriptions.sealed_before, subscriptions.seal_anew)

for producer, type in dict.fromkeys((template.producer, template.type) for template in TEMPLATES):
    registry.reaction(producer, type, tell)

registry.measure("webhooks", ("state", "reason"), measures.webhooks_by_state)
registry.measure("webhook_deliveries_waiting", (), measures.webhook_deliveries_waiting)
registry.measure("letters", ("channel", "state"), measures.letters_by_state)
