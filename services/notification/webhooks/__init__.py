"""Events for other systems: a feed that they read, and webhooks that are sent to them."""
