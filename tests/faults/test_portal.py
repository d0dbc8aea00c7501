"""A portal outside mirrors its city's cases while it, and the platform it hears of them from, are killed at random."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import sys
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.demo.client import until
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import People
from deploy.demo.platform import Embedded, accounts
from deploy.parts.part import free_ports
from deploy.parts.process import Process

ROOT = Path(__file__).parents[2]
CITY = "450200"
#: Cases that are played, and kills of either side meanwhile.
CASES, KILLS = 6, 6


class Portal:
    """The program under test's eyes: a process of its own."""

    def __init__(self, folder: Path, base: str, key: str) -> None:
        folder.mkdir()
        self.folder = folder
        self._command = [sys.executable, "-m", "tests.portal", base, key, str(folder), str(free_ports(("http",))["http"])]
        self._process = Process("portal", folder)

    def start(self) -> None:
        self._process.start(self._command, os.environ | {"PYTHONPATH": str(ROOT)})

    def kill(self) -> None:
        self._process.kill()

    def mirrored(self) -> dict[str, tuple[str, int | None]]:
        """Subject → (status, version) as this portal has it."""
        file = self.folder / "mirror.db"
        if not file.exists():
            return {}
        db = sqlite3.connect(file, timeout=30)
        try:
            rows = db.execute("SELECT subject, body FROM things").fetchall()
        finally:
            db.close()
        return {subject: (body["status"], body.get("version")) for subject, text in rows for body in [json.loads(text)]}

    def seen_by(self, way: str) -> int:
        db = sqlite3.connect(self.folder / "mirror.db", timeout=30)
        try:
            return int(db.execute("SELECT count(*) FROM seen WHERE by = ?", (way,)).fetchone()[0])
        finally:
            db.close()


def register_of(people: People) -> dict[str, tuple[str, int | None]]:
    """Subject → (status, version) as the city's own officer sees its cases."""
    officer = people.officer(CITY)
    found: dict[str, tuple[str, int | None]] = {}
    for item in officer.all("/applications"):
        found[f"application/{item['id']}"] = (item["status"], item["version"])
    for item in officer.all("/consortia"):
        found[f"consortium/{item['id']}"] = (item["status"], None)
    return found


def key_for_the_city(people: People) -> str:
    operator = people.role("operator")
    account = {"username": "portal-liuzhou", "password": "correct horse 1", "roles": ["portal"], "bureau": CITY, "name": "门户"}
    operator.post("/accounts", account)
    body = {"account": "portal-liuzhou", "name": "mirror", "scopes": ["read", "events", "webhooks"], "per_minute": 6000}
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return str(operator.post("/api-keys", body | {"expires_at": expires})["key"])


def play(people: People, call: str, number: int) -> None:
    """One case, some way along: handed in, recommended, or taken back."""
    case = Formation.complete(people, call)
    case.submit()
    if number % 3 == 1:
        case.lead.post(f"{case.path}/withdrawal", {"reason": "不再申报"})
    elif number % 3 == 2:
        case.recommend()


def test_the_mirror_equals_the_register_however_often_either_is_killed(tmp_path: Path) -> None:
    settings = {"GUICHUANG_RATE_LIMIT": "0", "GUICHUANG_WEBHOOK_ALLOW": "127.0.0.0/8"}
    with Embedded(tmp_path / "platform", **settings) as platform:
        people = People(platform.server, accounts(platform.folder))
        portal = Portal(tmp_path / "portal", platform.server.base, key_for_the_city(people))
        portal.start()
        call = str(open_call(people)["id"])
        failures: list[BaseException] = []

        def work() -> None:
            try:
                for number in range(CASES):
                    play(people, call, number)
            except BaseException as error:
                failures.append(error)

        # Given cases that go their way while the platform and the portal are killed in turn
        working = threading.Thread(target=work)
        working.start()
        chance = random.Random(4)
        for turn in range(KILLS):
            working.join(timeout=chance.uniform(1.0, 3.0))
            if turn % 2:
                portal.kill()
                portal.start()
            else:
                platform.kill()
                platform.start()
                platform.wait_ready()
        working.join(timeout=180)
        assert not failures and not working.is_alive(), failures

        # When all has come to rest, Then what the portal knows is what the register says
        def equal() -> bool:
            return portal.mirrored() == register_of(people)

        until(equal, "the mirror to equal the register", seconds=60)
        assert len(portal.mirrored()) >= CASES
        # and webhooks had their part in it (whichever way was first counts)
        assert portal.seen_by("webhook") > 0
        portal.kill()
