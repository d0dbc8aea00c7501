"""Identity: the service of accounts and registrations. It is a service like the others, with its own database, but runs in the
gateway's process."""
