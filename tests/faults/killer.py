"""Kills one thing after another with SIGKILL. Services are begun again by their keeper, the parts by us."""

from __future__ import annotations

import itertools
import threading
import time
from collections import Counter
from collections.abc import Sequence

from deploy.cluster.deployment import PROVINCE_SEATS, city_seats
from deploy.cluster.machine import CITY, Machine

#: Everything that may die.
VICTIMS = (*(seat.name for seat in (*city_seats(CITY), *PROVINCE_SEATS)), "rabbitmq", "postgres")


class Killer(threading.Thread):
    """Kills in turn, with a pause (seconds) for work to get under way again."""

    def __init__(self, machine: Machine, victims: Sequence[str], pause: float, stop: threading.Event) -> None:
        super().__init__(name="killer", daemon=True)
        self._machine = machine
        self._victims = victims
        self._pause = pause
        self._stop_asked = stop
        self.kills: Counter[str] = Counter()

    def run(self) -> None:
        for victim in itertools.cycle(self._victims):
            if self._stop_asked.wait(self._pause):
                return
            print(f"  ✗ {victim}", flush=True)
            self._kill(victim)
            self.kills[victim] += 1

    def _kill(self, victim: str) -> None:
        parts = {"rabbitmq": self._machine.broker, "postgres": self._machine.postgres}
        if victim in parts:
            part = parts[victim]
            part.kill()
            time.sleep(1.0)
            part.start()
            part.wait_ready()
        else:
            self._machine.processes[victim].kill()
