"""Delivery of messages by e-mail and SMS: recipients, addresses, times, and results."""
