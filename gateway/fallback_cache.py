"""The last answers to what the public reads, for the minutes in which the service or the bus is away."""

from __future__ import annotations

import json
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from services.kernel.identity import Actor

#: Queries whose last answer may stand in: the calls, the public register, what is being publicised, grades, the
#: policy's words and text.
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
#: Seconds an answer may stand in.
LONGEST = 600
#: Answers kept.
MOST = 500


@dataclass(frozen=True, slots=True)
class CachedAnswer:
    """An answer, and how many seconds ago it was given."""

    answer: Any
    age: int


class FallbackCache:
    """By query, payload and what kind of reader it was for: never by guess, never another kind's."""

    def __init__(self) -> None:
        self._answers: OrderedDict[tuple[Any, ...], tuple[float, str]] = OrderedDict()
        self._lock = threading.Lock()

    def keep(self, service: str, name: str, payload: dict[str, Any], reader: Actor, answer: Any) -> None:
        if (service, name) not in KEPT:
            return
        key = self._key(service, name, payload, reader)
        with self._lock:
            self._answers[key] = (time.monotonic(), json.dumps(answer))
            self._answers.move_to_end(key)
            if len(self._answers) > MOST:
                self._answers.popitem(last=False)

    def find(self, service: str, name: str, payload: dict[str, Any], reader: Actor) -> CachedAnswer | None:
        """None when there is none, or it is too old to be shown."""
        if (service, name) not in KEPT:
            return None
        found = self._answers.get(self._key(service, name, payload, reader))
        if found is None or time.monotonic() - found[0] > LONGEST:
            return None
        return CachedAnswer(json.loads(found[1]), int(time.monotonic() - found[0]))

    @staticmethod
    def _key(service: str, name: str, payload: dict[str, Any], reader: Actor) -> tuple[Any, ...]:
        # Calls and the register show the same to every account of a kind: what differs is role and bureau.
        return service, name, json.dumps(payload, sort_keys=True), reader.roles, reader.bureau
