"""Kills one process after another with SIGKILL. The supervisor starts killed services again; the killer starts all other
processes again."""

from __future__ import annotations

import random
import threading
import time
from collections import Counter
from collections.abc import Mapping, Sequence

from deploy.cluster.deployment import PROVINCE_SEATS, city_seats
from deploy.cluster.local_cluster import CITY, LocalCluster
from tests.faults.mover import TRAVELLER, Mover
from tests.faults.portal import Portal

#: All service processes that the killer may kill.
SEATS = (*city_seats(CITY), *city_seats(TRAVELLER), *PROVINCE_SEATS)
VICTIMS = (*(seat.name for seat in SEATS), "rabbitmq", "postgres", "portal", "move")


class Killer(threading.Thread):
    """Kills the victims in random order, each of them once before any is killed again. The random pauses between two kills are
    `pause` seconds on average, so that work resumes in between."""

    def __init__(
        self,
        machine: LocalCluster,
        others: Mapping[str, Portal | Mover],
        victims: Sequence[str],
        pause: float,
        stop: threading.Event,
    ) -> None:
        super().__init__(name="killer", daemon=True)
        self._machine = machine
        self._others = others
        self._victims = victims
        self._pause = pause
        self._stop_asked = stop
        self._chance = random.Random(4)
        self.kills: Counter[str] = Counter()
        self.all_hit = threading.Event()

    def run(self) -> None:
        while True:
            for victim in self._chance.sample(self._victims, k=len(self._victims)):
                if self._stop_asked.wait(self._pause * self._chance.uniform(0.5, 1.5)):
                    return
                print(f"  ✗ {victim}", flush=True)
                self._kill(victim)
                self.kills[victim] += 1
            self.all_hit.set()

    def _kill(self, victim: str) -> None:
        parts = {"rabbitmq": self._machine.broker, "postgres": self._machine.postgres}
        if victim in parts:
            part = parts[victim]
            part.kill()
            time.sleep(1.0)
            part.start()
            part.wait_ready()
        elif victim in self._others:
            self._others[victim].kill()
        else:
            self._machine.processes[victim].kill()
