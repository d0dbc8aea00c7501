"""`python -m tests.portal BASE KEY FOLDER PORT`: mirror all cases of the key's bureau, through webhooks and the API.

The mirror is `mirror.db` in the folder; the webhook's secret is in the file `secret` beside it, once there is a subscription. The
portal stores a delivery before it answers it, and then reads the event's subject through the API. Events that were missed while
this program or the platform was down are read from the feed, from the last stored cursor on.
"""

from __future__ import annotations

import json
import sqlite3
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import urllib3
from standardwebhooks import Webhook, WebhookVerificationError

#: Kind of subject → the path at which it is read.
PATHS = {"application": "/applications/{}", "consortium": "/consortia/{}"}


class Mirror:
    """This portal's copy of the cases, in the SQLite file `mirror.db`."""

    def __init__(self, file: Path) -> None:
        self._file = file
        with self.open() as db:
            db.executescript(
                "CREATE TABLE IF NOT EXISTS things (subject TEXT PRIMARY KEY, body TEXT);"
                "CREATE TABLE IF NOT EXISTS dirty (subject TEXT PRIMARY KEY, since INTEGER);"
                "CREATE TABLE IF NOT EXISTS seen (event TEXT PRIMARY KEY, by TEXT);"
                "CREATE TABLE IF NOT EXISTS place (id INTEGER PRIMARY KEY CHECK (id = 1), cursor TEXT);"
            )

    @contextmanager
    def open(self) -> Iterator[sqlite3.Connection]:
        db = sqlite3.connect(self._file, timeout=30)
        try:
            with db:
                yield db
        finally:
            db.close()

    def take(self, events: list[dict[str, Any]], by: str, cursor: str | None = None) -> None:
        """Store the delivered events, mark the cases that they are about as to be read again, and store the feed's cursor, all in
        one transaction."""
        with self.open() as db:
            for event in events:
                db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (event["id"], by))
                for subject in _about(event):
                    db.execute(
                        "INSERT INTO dirty VALUES (?, 1) ON CONFLICT (subject) DO UPDATE SET since = since + 1", (subject,)
                    )
            if cursor:
                db.execute("INSERT INTO place VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET cursor = excluded.cursor", (cursor,))

    def cursor(self) -> str | None:
        with self.open() as db:
            row = db.execute("SELECT cursor FROM place").fetchone()
        return row[0] if row else None

    def dirty(self) -> list[tuple[str, int]]:
        with self.open() as db:
            return db.execute("SELECT subject, since FROM dirty").fetchall()

    def keep(self, subject: str, since: int, body: Any) -> None:
        """Store a case as it was read; `body` is None if this city may not, or may no longer, read the case. A case about which
        another event arrived during the reading stays marked, so that it is read again."""
        with self.open() as db:
            if body is not None:
                db.execute("INSERT OR REPLACE INTO things VALUES (?, ?)", (subject, json.dumps(body)))
            else:
                db.execute("DELETE FROM things WHERE subject = ?", (subject,))
            db.execute("DELETE FROM dirty WHERE subject = ? AND since = ?", (subject, since))


def _about(event: dict[str, Any]) -> list[str]:
    """Return the subjects of the cases that an event is about: the event's own subject, and the cases that the event's data
    name."""
    found = [event["subject"]] + [f"{kind}/{event['data'][kind]}" for kind in PATHS if isinstance(event["data"].get(kind), str)]
    return [subject for subject in dict.fromkeys(found) if subject.partition("/")[0] in PATHS]


class Api:
    """The platform's API, called at its public address with this portal's key."""

    def __init__(self, base: str, key: str) -> None:
        self._pool = urllib3.PoolManager(headers={"Authorization": f"Bearer {key}"}, retries=False, timeout=10)
        self._base = f"{base}/api/v1"

    def call(self, method: str, path: str, **more: Any) -> tuple[int, Any]:
        answer = self._pool.request(method, self._base + path, **more)
        return answer.status, json.loads(answer.data) if answer.data else None


def subscribe(api: Api, folder: Path, port: int) -> None:
    """Subscribe to all events, unless the secret of an earlier subscription exists. The API shows the secret only once, so this
    function writes it to disk before it does anything else."""
    if (folder / "secret").exists():
        return
    status, made = api.call("POST", "/webhooks", json={"url": f"http://127.0.0.1:{port}/in", "types": ["*"]})
    if status == 201:
        (folder / "secret.new").write_text(made["secret"])
        (folder / "secret.new").rename(folder / "secret")


def follow(api: Api, mirror: Mirror, folder: Path, port: int) -> None:
    """Repeat without end: read the next page of the feed, then read each case that is marked as changed. A request that fails is
    repeated in the next turn."""
    while True:
        try:
            subscribe(api, folder, port)
            cursor = mirror.cursor()
            status, page = api.call("GET", "/events", fields={"limit": "50"} | ({"cursor": cursor} if cursor else {}))
            if status == 200:
                mirror.take(page["items"], "feed", page["next_cursor"])
            for subject, since in mirror.dirty():
                kind, _, id = subject.partition("/")
                status, body = api.call("GET", PATHS[kind].format(id))
                if status in (200, 404):  # 404: the case is not submitted yet, or it now belongs to another city.
                    mirror.keep(subject, since, body if status == 200 else None)
        except (urllib3.exceptions.HTTPError, ValueError) as error:
            print(type(error).__name__, file=sys.stderr)
        time.sleep(0.3)


def main(base: str, key: str, folder: Path, port: int) -> None:
    mirror = Mirror(folder / "mirror.db")

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            text = self.rfile.read(int(self.headers["Content-Length"]))
            try:
                secret = (folder / "secret").read_text()
                mirror.take([Webhook(secret).verify(text, dict(self.headers))], "webhook")
                status = 204
            except (OSError, WebhookVerificationError):
                status = 401
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Log nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    threading.Thread(target=follow, args=(Api(base, key), mirror, folder, port), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), int(sys.argv[4]))
