"""Accounts and registrations: a service like the others, with its own database, that runs in the gateway's process."""
