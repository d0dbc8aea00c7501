"""The acknowledged changes: every change to which the platform answered 2xx."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import urllib3

from deploy.demo.client import Answer, Server

#: The seconds for which a client repeats a failed request, always with the same Idempotency-Key, before it gives up.
PATIENCE = 180.0


@dataclass(frozen=True, slots=True)
class Promise:
    """One acknowledged change, which must never be lost."""

    method: str
    path: str
    answer: Any


@dataclass
class Ledger:
    """All acknowledged changes, which the checker compares with the databases. `held`: the ids of approved applications that
    stopped fulfilling a mandatory rule before their recognition; `publicity_over`: the platform's date is past every publicity
    period."""

    promises: list[Promise] = field(default_factory=list)
    held: set[str] = field(default_factory=set)
    publicity_over: bool = False
    #: HTTP status → the number of answers with it, including those to repeated requests. The status 0 counts connections that
    #: ended without an answer.
    answers: Counter[int] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, status: int) -> None:
        with self._lock:
            self.answers[status] += 1


class Recording(Server):
    """An HTTP client that records every acknowledged change in a ledger, and counts all answers by status."""

    def __init__(self, base: str, ledger: Ledger) -> None:
        super().__init__(base, patience=PATIENCE)
        self._ledger = ledger

    def send(self, method: str, path: str, **what: Any) -> Answer:
        answer = super().send(method, path, **what)
        if method != "GET" and answer.status < 300:
            self._ledger.promises.append(Promise(method, path, answer.body))
        return answer

    def _once(self, method: str, url: str, data: bytes | None, headers: Mapping[str, str]) -> Answer:
        try:
            answer = super()._once(method, url, data, headers)
        except urllib3.exceptions.HTTPError:
            self._ledger.count(0)
            raise
        self._ledger.count(answer.status)
        return answer
