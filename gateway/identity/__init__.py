"""Identity: the service of accounts and registrations. Like other services it has its own database, but it runs in the gateway's
process."""
