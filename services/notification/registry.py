"""What the notification service offers and hears."""

from services.kernel.registry import Registry
from services.notification import queries
from services.notification.commands.prefer import set_preferences
from services.notification.commands.read import mark_read
from services.notification.domain import TEMPLATES
from services.notification.reactions import tell

registry = Registry("notification")

registry.command(mark_read)
registry.command(set_preferences)

registry.query(queries.list_notifications)
registry.query(queries.get_preferences)

for producer, type in dict.fromkeys((template.producer, template.type) for template in TEMPLATES):
    registry.reaction(producer, type, tell)
