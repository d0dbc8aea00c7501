"""A city's own portal, whose mirror copies the city's part of the register from the platform. It is killed like every other
process; in the end the mirror must equal the register."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from deploy.cluster.local_cluster import CITY
from deploy.demo.people import People
from deploy.local_services.local_service import free_ports
from deploy.local_services.process import Process
from tests.faults.checker import Report

ROOT = Path(__file__).parents[2]
#: The seconds within which the mirror must equal the register after all people have stopped.
CATCH_UP_SECONDS = 90.0

#: The cases and consortia that a city may read: subject → (status, version; None for a consortium).
Cases = dict[str, tuple[str, int | None]]


class Portal:
    """The program `tests.portal` in a separate process. It knows only the platform's address and its own API key."""

    def __init__(self, folder: Path, people: People, base: str) -> None:
        folder.mkdir()
        self._file = folder / "mirror.db"
        port = str(free_ports(("http",))["http"])
        self._command = [sys.executable, "-m", "tests.portal", base, _key(people), str(folder), port]
        self._process = Process("portal", folder)

    def start(self) -> None:
        self._process.start(self._command, os.environ | {"PYTHONPATH": str(ROOT)})

    def kill(self) -> None:
        """Kill the program and start it again immediately."""
        self._process.kill()
        self.start()

    def stop(self) -> None:
        self._process.stop()

    def check(self, people: People, report: Report) -> None:
        """Check, after the platform has finished its work, that the mirror equals what the city's own officer sees."""
        end = time.monotonic() + CATCH_UP_SECONDS
        register, mirror = _register(people), self._mirrored()
        while register != mirror and time.monotonic() < end:
            time.sleep(0.5)
            register, mirror = _register(people), self._mirrored()
        for subject in sorted(register.keys() | mirror.keys()):
            known, kept = mirror.get(subject), register.get(subject)
            report.see("mirrored cases", known == kept, f"{subject} is {kept}, the portal has {known}")
        report.see("webhooks", self._heard_by("webhook") > 0, "none of them was the first to tell anything")

    def _mirrored(self) -> Cases:
        rows = self._rows("SELECT subject, body FROM things")
        return {subject: (body["status"], body.get("version")) for subject, text in rows for body in [json.loads(text)]}

    def _heard_by(self, way: str) -> int:
        return int(self._rows(f"SELECT count(*) FROM seen WHERE by = '{way}'")[0][0])

    def _rows(self, statement: str) -> list[Any]:
        with closing(sqlite3.connect(self._file, timeout=30)) as db:
            return db.execute(statement).fetchall()


def _register(people: People) -> Cases:
    officer = people.officer(CITY)
    cases: Cases = {f"application/{item['id']}": (item["status"], item["version"]) for item in officer.all("/applications")}
    return cases | {f"consortium/{item['id']}": (item["status"], None) for item in officer.all("/consortia")}


def _key(people: People) -> str:
    operator = people.role("operator")
    account = {"username": "portal-liuzhou", "password": "correct horse 1", "roles": ["portal"], "bureau": CITY, "name": "门户"}
    operator.post("/accounts", account)
    body = {"account": "portal-liuzhou", "name": "mirror", "scopes": ["read", "events", "webhooks"], "per_minute": 6000}
    expires = (datetime.now(UTC) + timedelta(days=30)).isoformat()
    return str(operator.post("/api-keys", body | {"expires_at": expires})["key"])
