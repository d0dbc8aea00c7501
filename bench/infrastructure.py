"""The processes with which the figures are measured: a private broker and database server, further processes with their logs, and
clients on threads."""

from __future__ import annotations

import itertools
import os
import statistics
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from deploy.local_services import Postgres, Process, RabbitMQ

CHECKOUT = Path(__file__).parent.parent
#: Seconds within which a started process must become ready.
READY_SECONDS = 60.0
#: The line that a process prints when it is ready.
READY = "ready"


class Ground:
    """RabbitMQ and PostgreSQL, whose data are in a folder of their own. They run as `make cluster` runs them: with fsync, on
    loopback only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.broker = RabbitMQ(folder / "rabbitmq")
        self.postgres = Postgres(folder / "postgres")
        self._numbers = itertools.count()

    def fresh_database(self) -> str:
        """Create an empty database and return its URL."""
        return self.postgres.create_database(f"bench{next(self._numbers)}")

    @contextmanager
    def process(self, name: str, arguments: Sequence[str], environment: Mapping[str, str]) -> Iterator[Process]:
        """Run `python -m <arguments>` until the block ends. The block begins when the process has reported that it is ready."""
        process = Process(name, self.folder)
        process.log.unlink(missing_ok=True)
        process.start([sys.executable, "-m", *arguments], {**os.environ, "PYTHONPATH": str(CHECKOUT), **environment})
        try:
            process.wait_until(lambda: READY in process.log.read_text().splitlines(), READY_SECONDS)
            yield process
        finally:
            process.stop()


@contextmanager
def ground() -> Iterator[Ground]:
    """Start the servers with new data, which is deleted at the end of the block."""
    with TemporaryDirectory(prefix="guichuang-bench-") as name:
        parts = Ground(Path(name))
        with parts.broker, parts.postgres:
            yield parts


def rate(clients: Sequence[Callable[[], object]], seconds: float, warm_up: float = 1.0) -> float:
    """Return the calls per second that these clients complete together, each on its own thread, one call after the other.

    A call that raises an error ends the measurement with that error, so that failed calls are never counted.
    """
    counting, ending = threading.Event(), threading.Event()
    counts, errors = [0] * len(clients), []

    def work(number: int) -> None:
        try:
            while not ending.is_set():
                clients[number]()
                if counting.is_set():
                    counts[number] += 1
        except Exception as error:
            errors.append(error)
            ending.set()

    threads = [threading.Thread(target=work, args=(number,), daemon=True) for number in range(len(clients))]
    for thread in threads:
        thread.start()
    time.sleep(warm_up)
    counting.set()
    started = time.monotonic()
    ending.wait(seconds)
    counting.clear()
    took = time.monotonic() - started
    ending.set()
    for thread in threads:
        thread.join(timeout=30)
    if errors:
        raise errors[0]
    return sum(counts) / took


def spread(values: Sequence[float]) -> str:
    """Return a text with the lowest and the highest value, which shows how much the measurements vary."""
    return f"{min(values):,.0f}–{max(values):,.0f}"


median = statistics.median
