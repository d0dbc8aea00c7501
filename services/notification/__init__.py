"""Notifications: which accounts get which message, in which words, and which messages they have read."""
