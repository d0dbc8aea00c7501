"""What identity offers, by name."""

from __future__ import annotations

from gateway.identity import accounts, registrations
from services.kernel.registry import Registry

registry = Registry("gateway")

registry.command(accounts.create_account)
registry.command(accounts.change_account)
registry.query(accounts.any_account)
registry.query(accounts.list_accounts)
registry.query(accounts.me)
registry.query(accounts.account_version)
registry.query(accounts.credentials)

registry.command(registrations.seed_accounts)
registry.command(registrations.request_registration)
registry.query(registrations.list_registrations)
registry.command(registrations.decide_registration)
