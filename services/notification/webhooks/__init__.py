"""What other systems hear: a feed of events to read, and webhooks that bring it."""
