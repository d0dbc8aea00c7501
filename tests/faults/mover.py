"""A city moves to a review service of its own and back, repeatedly, while every process is killed, including the move itself."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter

from deploy.cluster.deployment import environment
from deploy.cluster.local_cluster import LocalCluster

#: The city that moves. The province's review service serves it at the beginning and at the end.
TRAVELLER = "450100"
#: The seconds between two moves of the city.
STAY = 6.0
#: The number of times that a move is tried, at intervals of a second. The killed processes that a move needs are down for seconds
#: only.
TRIES = 60


class Mover(threading.Thread):
    """A thread that acts as the operator who moves the city. `ends` counts completed moves and repetitions of the command;
    `error` is an exception that the kills do not explain."""

    def __init__(self, machine: LocalCluster, stop: threading.Event) -> None:
        super().__init__(name="move", daemon=True)
        self._machine = machine
        self._own = machine.add_city(TRAVELLER)
        self._stop_asked = stop
        self._command: subprocess.Popen[bytes] | None = None
        self._chance = random.Random(6)
        self.ends: Counter[str] = Counter()
        self.error: Exception | None = None

    def run(self) -> None:
        pooled, own = (str(self._machine.folder / name) for name in ("environment", f"environment-{TRAVELLER}"))
        try:
            while not self._stop_asked.wait(STAY):
                self._move(pooled, own)
                self._own.start()
                self._stop_asked.wait(STAY)
                self._move(own, pooled)
                self._own.stop()
        except Exception as error:
            self.error = error

    def kill(self) -> None:
        """Kill the command of the running move, or of the next one, at a random moment."""
        while not self._stop_asked.wait(0.05):
            command = self._command
            if command is not None:
                self._stop_asked.wait(self._chance.uniform(0.0, 2.0))
                command.kill()  # If the command has ended meanwhile, this does nothing.
                return

    def _move(self, source: str, target: str) -> None:
        """Run the command `guichuang move`, and repeat it until it succeeds. Each run continues where the last one was killed, or
        failed because a process that it needs was down."""
        words = [sys.executable, "-m", "deploy.cli", "move", TRAVELLER, "--from", source, "--to", target]
        told = os.environ | environment(self._machine.province.operators())
        log = self._machine.folder / "move.log"
        for _ in range(TRIES):
            with log.open("ab") as out:
                self._command = subprocess.Popen(words, env=told, stdout=out, stderr=subprocess.STDOUT)
                ended = self._command.wait()
                self._command = None
            if ended == 0:
                self.ends["move"] += 1
                return
            self.ends["move said again"] += 1
            time.sleep(1.0)
        raise TimeoutError(f"moving {TRAVELLER}: {log.read_text()[-2000:]}")
