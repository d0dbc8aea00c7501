"""Deliver messages by e-mail and SMS: choose recipients, addresses and times, send, and store the results."""
