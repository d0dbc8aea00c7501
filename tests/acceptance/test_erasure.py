"""The erasure of an account is complete: afterwards no database file contains the person's name, telephone number or e-mail
address."""

from __future__ import annotations

from pathlib import Path

import pytest

from deploy.demo.client import until
from deploy.demo.people import People
from deploy.demo.platform import Embedded, accounts

CONTACT = {"name": "覃擦除某", "phone": "13798765432", "email": "to-be-erased@example.cn"}
LATER = {"phone": "13698765432", "email": "moved-away@example.cn"}
ASKED = {
    "uscc": "91450200MA5KAAAA09",
    "name": "柳州示例智能装备有限公司",
    "region": "450203",
    "kind": "enterprise",
    "contact": CONTACT,
    "username": "erased-person",
    "password": "correct horse battery",
}


def files_with(folder: Path, *values: str) -> set[str]:
    """Return the names of the database files that contain one of these texts."""
    return {path.name for path in folder.glob("*.db*") for value in values if value.encode() in path.read_bytes()}


@pytest.mark.embedded
def test_no_database_file_holds_an_erased_persons_data(tmp_path: Path) -> None:
    with Embedded(tmp_path, GUICHUANG_RATE_LIMIT="0") as platform:
        people = People(platform.server, accounts(tmp_path))
        # Given a person who registered, was approved, got another telephone number and address, logged in and set preferences
        people.server.ask("POST", "/registrations", body=ASKED)
        city = people.officer("450200")
        [asked] = [one for one in city.all("/registrations") if one["username"] == ASKED["username"]]
        city.post(f"/registrations/{asked['id']}/approval", {"decision": "approve"})
        people.operator.patch(f"/accounts/{ASKED['username']}", LATER)
        person = people.server.login(str(ASKED["username"]), str(ASKED["password"]))
        person.put("/notification-preferences", {"language": "zh", "muted": []})
        there = {"notification.db", "notification.db-wal"}
        until(lambda: there & files_with(tmp_path, LATER["phone"]), "notification knowing the new number")
        # When the operator erases the account
        people.operator.post(f"/accounts/{ASKED['username']}/erasure", {})
        # Then no database file contains the person's former or later data
        given = (*CONTACT.values(), *LATER.values())
        until(lambda: not files_with(tmp_path, *given), "the database files being clean")
