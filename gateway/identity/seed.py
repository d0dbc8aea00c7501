"""The accounts of a demonstration (GUICHUANG_SEED=demo). They are created once, and their random passwords are written to
`accounts.json` (mode 0600)."""

from __future__ import annotations

import json
import os
import secrets
import tomllib
from contextlib import suppress
from pathlib import Path
from typing import TypedDict

from gateway.identity import passwords
from gateway.identity.rows import DemoOrganisation, NewAccount
from services.contracts.gateway.answers import ExpertAnswerDict
from services.contracts.labels import LABELS
from services.kernel.errors import Conflict
from services.kernel.identity import NOBODY, PROVINCE, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.rpc import Caller
from services.kernel.settings import Settings
from services.policy.bureaus import BUREAUS

_OFFICIALS = tuple((role, LABELS["role"][role].zh) for role in ("officer", "chief"))
_INSTALLER = Actor("system", ("system", "operator"))


class SeededAccount(TypedDict):
    """An entry of `accounts.json`."""

    username: str
    password: str
    roles: list[str]
    bureau: str | None
    organisation: str | None


def seed_demonstration(identity: Caller, settings: Settings) -> None:
    """Create the demonstration's accounts if no account exists. The file is written first, so that after a crash the next start
    creates the same accounts."""
    if identity.call("gateway", "any_account", {}, NOBODY):
        return
    people, organisations = cast()
    plain_passwords = passwords_in(settings.folder / "accounts.json", people)
    for person in people:
        person["password_hash"] = passwords.hashed(plain_passwords[person["username"]], person["username"], None)
    payload = {"accounts": people, "organisations": organisations}
    with suppress(Conflict):  # Another process of this gateway created these accounts first, from the same file.
        identity.call("gateway", "seed_accounts", payload, _INSTALLER, key=new_id(), timeout=120)


def cast() -> tuple[list[NewAccount], list[DemoOrganisation]]:
    """Return all participants of the demonstration: the accounts without passwords, and the applicants' organisations with the
    name of their account."""
    table = tomllib.loads(Path(__file__).with_name("demo.toml").read_text(encoding="utf-8"))
    people = [
        _person(f"{code.lower()}-{role}", f"{bureau.name.zh}{title}", [role], bureau=code)
        for code, bureau in BUREAUS.items()
        for role, title in _OFFICIALS
    ]
    # The province has two accounts of each role, because a special case must be decided by a chief who did not open it (A8).
    name = BUREAUS[PROVINCE].name.zh
    people += [_person(f"{PROVINCE}-{role}-2", f"{name}{title}（二）", [role], bureau=PROVINCE) for role, title in _OFFICIALS]
    for number, row in enumerate(table["experts"], 1):
        expert: ExpertAnswerDict = {
            "former_employers": row.get("former_employers", []),
            "declared_interests": row.get("declared_interests", []),
            "employer": row["employer"],
            "fields": row["fields"],
        }
        people.append(_person(f"expert-{number}", f"评审专家{number}", ["expert"], expert=expert))
    people += [
        _person("third-party", LABELS["role"]["third_party"].zh, ["third_party"]),
        _person("auditor", LABELS["role"]["auditor"].zh, ["auditor"]),
        _person("portal", "外部门户", ["portal"]),
        _person("operator", "平台管理员", ["operator"]),
    ]
    organisations: list[DemoOrganisation] = []
    for number, row in enumerate(table["organisations"], 1):
        username = f"applicant-{number}"
        people.append(_person(username, f"{row['name']}申报人", ["applicant"], organisation=row["uscc"]))
        organisations.append(row | {"username": username})
    return people, organisations


def _person(
    username: str,
    name: str,
    roles: list[str],
    *,
    bureau: str | None = None,
    organisation: str | None = None,
    expert: ExpertAnswerDict | None = None,
) -> NewAccount:
    return {
        "username": username,
        "name": name,
        "roles": roles,
        "bureau": bureau,
        "organisation": organisation,
        "phone": None,
        "email": None,
        "expert": expert,
    }


def passwords_in(path: Path, people: list[NewAccount]) -> dict[str, str]:
    """Return each account's password from the file. If there is no file, create it; even if several processes start at the same
    time, only one of them writes the file."""
    if not path.exists():
        entries: list[SeededAccount] = [
            {
                "username": person["username"],
                "password": secrets.token_urlsafe(15),
                "roles": person["roles"],
                "bureau": person["bureau"],
                "organisation": person["organisation"],
            }
            for person in people
        ]
        _write_once(path, json.dumps(entries, ensure_ascii=False, indent=1) + "\n")
    return {entry["username"]: entry["password"] for entry in json.loads(path.read_text(encoding="utf-8"))}


def _write_once(path: Path, text: str) -> None:
    """Write the file completely or not at all, and flush it to disk. An existing file is left unchanged."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    scratch.unlink(missing_ok=True)
    descriptor = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    with suppress(FileExistsError):
        os.link(scratch, path)
    scratch.unlink()
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)
