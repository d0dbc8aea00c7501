"""Notifications: who is told of what, in which words, and who has read it."""
