"""The participants: the accounts in the accounts file, and new ones that the operator creates."""

from __future__ import annotations

import secrets
from typing import Any

from deploy.demo.client import Account, Server
from services.contracts.payload import JsonObject

PROVINCE = "450000"


class People:
    """The accounts on one platform. `accounts` is the content of the file with the accounts that the platform created at its
    first start."""

    def __init__(self, server: Server, accounts: list[JsonObject]) -> None:
        self.server = server
        self.listed = accounts
        self._known: dict[str, Account] = {}
        self._applicants: dict[str, Account] = {}

    def _account(self, username: str, password: str) -> Account:
        return self._known.setdefault(username, self.server.login(username, password))

    def role(self, role: str, bureau: str | None = None) -> Account:
        """Return the first listed account with a role; if a bureau is named, at that bureau. Raises LookupError if there is
        none."""
        for entry in self.listed:
            if role in entry["roles"] and entry["bureau"] == bureau:
                return self._account(entry["username"], entry["password"])
        raise LookupError(f"the accounts file lists no {role} at {bureau}")

    def officer(self, bureau: str = PROVINCE) -> Account:
        return self.role("officer", bureau)

    def chief(self, bureau: str = PROVINCE) -> Account:
        return self.role("chief", bureau)

    def another(self, role: str, bureau: str = PROVINCE) -> Account:
        """Return the last listed account with a role. At the province, which has two accounts of each role, this is a different
        person from the one that `role` returns."""
        entry = [entry for entry in self.listed if role in entry["roles"] and entry["bureau"] == bureau][-1]
        return self._account(entry["username"], entry["password"])

    @property
    def operator(self) -> Account:
        return self.role("operator")

    def applicant(self, uscc: str) -> Account:
        """Return the applicant account of an organisation; the operator creates it at the first call."""
        if uscc not in self._applicants:
            self._applicants[uscc] = self.new(["applicant"], organisation=uscc, name="申报人")
        return self._applicants[uscc]

    def adopt(self, uscc: str, account: Account) -> None:
        """Add the account of an applicant who registered without the operator's help."""
        self._applicants[uscc] = account
        self._known[account.username] = account

    def new(self, roles: list[str], **data: Any) -> Account:
        """Create an account with a secret password."""
        username = f"{roles[0]}-{secrets.token_hex(5)}"
        password = secrets.token_urlsafe(12)
        self.operator.post("/accounts", {"username": username, "password": password, "roles": roles, **data})
        return self._account(username, password)

    def person(self, username: str) -> Account:
        """Return the person with this account. If the account is neither in the accounts file nor created by this demonstration,
        the operator sets a new password for it."""
        if username not in self._known:
            listed = {entry["username"]: entry["password"] for entry in self.listed}
            password = listed.get(username) or secrets.token_urlsafe(12)
            if username not in listed:
                self.operator.patch(f"/accounts/{username}", {"password": password})
            self._account(username, password)
        return self._known[username]
