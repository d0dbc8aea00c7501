"""The functions of `guichuang accounts` and `guichuang sweep`, for the operator of the machine. They call the services' commands
and queries directly, without a bus."""

from __future__ import annotations

import getpass
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from deploy import composition
from gateway.identity import passwords
from gateway.identity.domain import check_account
from gateway.identity.rows import NewAccount
from services.input.credit_code import parse_credit_code
from services.input.text import clean_code, clean_line, clean_username
from services.kernel.errors import DomainError, Invalid
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging import rpc
from services.kernel.runtime.schedule import SweepResult
from services.kernel.settings import Settings

#: The actor of these commands: a user of the machine who can read the platform's keys may act as its operator.
_OPERATOR = Actor("system", ("system", "operator"))


class _Direct:
    """The transport of the command line. It runs a service's commands and queries on the service's database, without a bus."""

    def __init__(self, service: str, settings: Settings) -> None:
        self._runtime = composition.runtime_of(service, settings)

    def send(self, _queue: str, body: bytes, _timeout: float) -> bytes:
        return self._runtime.handle(body)


def _call(service: str, name: str, payload: Mapping[str, object], settings: Settings, key: str | None = None) -> Any:
    caller = rpc.Caller(_Direct(service, settings), composition.signer("gateway", settings))
    return caller.call(service, name, dict(payload), _OPERATOR, key=key, timeout=600)


def create(settings: Settings, typed: str, roles: Sequence[str], bureau: str | None, organisation: str | None, name: str) -> int:
    """Create an account with the password read from standard input. Return exit status 1 if the service refuses."""
    try:
        username = _username(typed)
        account: NewAccount = {
            "username": username,
            "roles": list(roles),
            "bureau": bureau and clean_code(bureau),
            "organisation": organisation and _organisation(organisation),
            "name": clean_line(name) or username,
            "phone": None,
            "email": None,
            "expert": None,
        }
        check_account(account)  # Before the password is read: a refused account needs none.
        password = getpass.getpass() if sys.stdin.isatty() else sys.stdin.readline().rstrip("\n")
        passwords.check(password, username)
        account["password_hash"] = passwords.hashed(password, username, None)
        _call("gateway", "create_account", account, settings, key=new_id())
    except DomainError as error:
        mistakes = (f"{e.pointer}: {e.text.en}" for e in error.errors)
        print(error.text.zh, error.text.en, *mistakes, sep="\n", file=sys.stderr)
        return 1
    print(f"{username} was created")
    return 0


def _username(typed: str) -> str:
    """Return the name in the canonical spelling, in which names are compared. Raises Invalid if it cannot be a name."""
    name = clean_username(typed)
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,59}", name):
        zh, en = "用户名只含小写字母、数字和 . _ -。", "A username has lower-case letters, digits and . _ - alone."
        raise Invalid.field("/username", "bad_username", zh, en)
    return name


def _organisation(typed: str) -> str:
    try:
        return parse_credit_code(typed)
    except ValueError:
        zh, en = (
            "统一社会信用代码有误，请对照营业执照核对。",
            "This is no unified social credit code; compare it with the licence.",
        )
        raise Invalid.field("/organisation", "bad_uscc", zh, en) from None


def list_all(settings: Settings) -> None:
    """Print every account with its roles and its bureau or organisation."""
    cursor = None
    while True:
        payload = {"bureau": None, "organisation": None, "limit": 200, "cursor": cursor}
        answer = _call("gateway", "list_accounts", payload, settings)
        for account in answer["items"]:
            owner = account["bureau"] or account["organisation"] or "-"
            print(f"{account['username']:<24} {','.join(account['roles']):<20} {owner}{'' if account['active'] else '  closed'}")
        cursor = answer["next_cursor"]
        if cursor is None:
            return


def sweep(settings: Settings, as_of: date) -> list[SweepResult]:
    """Run, in every service, all sweeps that are due by a date; return the result of each sweep."""
    return [
        result for service in composition.PARTIES for result in _call(service, "sweep", {"as_of": as_of.isoformat()}, settings)
    ]
