"""The last answers to public queries. They are served while the service or the bus is unavailable."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from services.contracts.payload import JsonObject
from services.kernel.identity import Actor

#: The queries whose last answer may be served: calls, the public register, publicity, grades, the names of codes, and the
#: policy's text.
KEPT = frozenset(
    {
        ("application", "list_calls"),
        ("application", "get_call"),
        ("application", "public_consortia"),
        ("application", "public_consortium"),
        ("application", "public_publicity"),
        ("application", "public_statistics"),
        ("application", "policy_words"),
        ("application", "policy_articles"),
        ("evaluation", "public_evaluations"),
    }
)
#: The number of seconds for which an answer may be served after it was stored.
LONGEST = 600
#: The largest number of answers that are stored.
MOST = 500


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer and its age in seconds."""

    answer: Any
    age: int


class FallbackCache:
    """Stores answers by query, payload and kind of reader. An answer is served only for the same three, so that no reader gets an
    answer for another kind of reader."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[Any, ...], tuple[float, str]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, service: str, name: str, payload: JsonObject, reader: Actor, answer: Any) -> None:
        if (service, name) not in KEPT:
            return
        key = self._key(service, name, payload, reader)
        with self._lock:
            self._answers[key] = (time.monotonic(), json.dumps(answer))
            self._answers.move_to_end(key)
            if len(self._answers) > MOST:
                self._answers.popitem(last=False)

    def find(self, service: str, name: str, payload: JsonObject, reader: Actor) -> CachedAnswer | None:
        """Return the cached answer to a query of this reader; None if there is none or it is too old."""
        if (service, name) not in KEPT:
            return None
        entry = self._answers.get(self._key(service, name, payload, reader))
        if entry is None or time.monotonic() - entry[0] > LONGEST:
            return None
        return CachedAnswer(json.loads(entry[1]), int(time.monotonic() - entry[0]))

    @staticmethod
    def _key(service: str, name: str, payload: JsonObject, reader: Actor) -> tuple[Any, ...]:
        # For these queries, accounts get the same answer if they have the same roles and bureau.
        return service, name, json.dumps(payload, sort_keys=True), reader.roles, reader.bureau
