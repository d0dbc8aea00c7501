"""Events for other systems: a feed to read, and webhooks."""
