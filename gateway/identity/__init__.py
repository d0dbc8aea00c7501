"""Accounts and registrations: a service like the others, with a database of its own, living in the gateway's process."""
