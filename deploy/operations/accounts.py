"""`guichuang accounts` and `guichuang sweep`: commands given by whoever holds the machine, through the same registries."""

from __future__ import annotations

import argparse
import getpass
import sys
from datetime import date
from typing import Any

from deploy import assembly
from gateway.identity import passwords
from gateway.identity.domain import check_account
from services.kernel import rpc
from services.kernel.errors import DomainError
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.settings import Settings

#: Whoever can read the keys of the platform may act as its operator.
_OPERATOR = Actor("system", ("system", "operator"))


class _Direct:
    """The transport of a command line: the service's registry on its database, no bus in between."""

    def __init__(self, service: str, settings: Settings) -> None:
        self._runtime = assembly.runtime_of(service, settings)

    def send(self, _queue: str, body: bytes, _timeout: float) -> bytes:
        return self._runtime.handle(body)


def _call(service: str, name: str, payload: dict[str, Any], settings: Settings, key: str | None = None) -> Any:
    caller = rpc.Caller(_Direct(service, settings), assembly.signer("gateway", settings))
    return caller.call(service, name, payload, _OPERATOR, key=key, timeout=600)


def run(options: argparse.Namespace, settings: Settings) -> int:
    """List the accounts, or create one with the password read from standard input. Exit status 1 on a refusal."""
    if options.what == "list":
        _list(settings)
        return 0
    try:
        account = {
            "username": options.username,
            "roles": options.roles,
            "bureau": options.bureau,
            "organisation": options.organisation,
            "name": options.name or options.username,
            "phone": None,
            "email": None,
            "expert": None,
        }
        check_account(account | {"delegation": None})  # before anybody thinks of a password
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        passwords.check(password, options.username)
        account["password_hash"] = passwords.hashed(password, options.username, None)
        _call("gateway", "create_account", account, settings, key=new_id())
    except DomainError as error:
        wrong = (f"{e.pointer}: {e.text.en}" for e in error.errors)
        print(error.text.zh, error.text.en, *wrong, sep="\n", file=sys.stderr)
        return 1
    print(f"{options.username} was created")
    return 0


def _list(settings: Settings) -> None:
    cursor = None
    while True:
        payload = {"bureau": None, "organisation": None, "limit": 200, "cursor": cursor}
        answer = _call("gateway", "list_accounts", payload, settings)
        for account in answer["items"]:
            whose = account["bureau"] or account["organisation"] or "-"
            print(f"{account['username']:<24} {','.join(account['roles']):<20} {whose}{'' if account['active'] else '  closed'}")
        cursor = answer["next_cursor"]
        if cursor is None:
            return


def sweep(settings: Settings, as_of: date) -> list[dict[str, Any]]:
    """Do what is due by a date in every service; what was done."""
    return [done for service in assembly.PARTIES for done in _call(service, "sweep", {"as_of": as_of.isoformat()}, settings)]
