"""One child process, started with a log and a pid file, and stopped only by its own id.

If a run is killed, its servers must not remain. The kernel sends each child its stop signal when the thread that started it ends
(`PR_SET_PDEATHSIG`), and that thread lives exactly as long as this process. An orderly exit stops the children first.
"""

from __future__ import annotations

import atexit
import contextlib
import json
import os
import queue
import shutil
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future
from pathlib import Path

#: The number of last lines of the log that an error message contains.
TAIL_LINES = 25


class LocalServiceFailed(Exception):
    """A server did not start or did not become ready; the message ends with the tail of its log."""


class Process:
    """A command that runs in its own session, with `<name>.log` and `<name>.pid` in `folder`.

    `stop` sends `stop_signal`, and SIGKILL if the process has not ended within `stop_seconds`. `as_user` is a command prefix that
    changes the user. The death signal is set after that change, because the kernel clears it when a process changes its user.
    """

    def __init__(
        self,
        name: str,
        folder: Path,
        *,
        stop_signal: signal.Signals = signal.SIGTERM,
        stop_seconds: float = 30.0,
        as_user: Sequence[str] = (),
    ) -> None:
        self.name = name
        self.folder = folder
        self.log = folder / f"{name}.log"
        self._pid_file = folder / f"{name}.pid"
        self._stop_signal = stop_signal
        self._stop_seconds = stop_seconds
        self._as_user = list(as_user)
        self._child: subprocess.Popen[bytes] | None = None

    @property
    def pid(self) -> int | None:
        """Return the process id while the process runs, even if another process of the platform started it; otherwise None."""
        if self._child is not None:
            self._child.poll()
        try:
            noted = json.loads(self._pid_file.read_text())
        except (FileNotFoundError, json.JSONDecodeError):
            return None
        return noted["pid"] if _born(noted["pid"]) == noted["born"] else None

    def start(self, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start the process. Raises LocalServiceFailed if it already runs."""
        if self.pid is not None:
            raise LocalServiceFailed(f"{self.name} runs already in {self.folder}, process {self.pid}")
        setpriv = shutil.which("setpriv")
        armed = [setpriv, "--pdeathsig", self._stop_signal.name.removeprefix("SIG"), "--"] if setpriv else []
        with open(self.log, "ab", opener=_private) as log:
            self._child = _started_by_lasting_thread(
                lambda: subprocess.Popen(
                    [*self._as_user, *armed, *command],
                    env=dict(environment),
                    cwd=self.folder,
                    stdin=subprocess.DEVNULL,
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                    umask=0o077,
                )
            )
        pid = self._child.pid
        self._pid_file.write_text(json.dumps({"pid": pid, "born": _born(pid)}))
        _RUNNING[id(self)] = self

    def stop(self) -> None:
        """Send the process its stop signal, and kill it if it has not ended after `stop_seconds`."""
        pid = self.pid
        if pid is not None:
            os.kill(pid, self._stop_signal)
            if not self._gone_within(self._stop_seconds):
                self.kill()
        self._forget()

    def kill(self) -> None:
        """Send SIGKILL to the process, its process group and all its descendants, as in a failure of the machine. Return when
        they have ended."""
        pid = self.pid
        if pid is not None:
            family = {member: _born(member) for member in (pid, *_descendants(pid))}
            with contextlib.suppress(ProcessLookupError):
                os.killpg(pid, signal.SIGKILL)
            for member in family:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(member, signal.SIGKILL)
            while self.pid is not None or any(_born(member) == born for member, born in family.items() if born):
                time.sleep(0.01)
        self._forget()

    def tail(self) -> str:
        """Return the end of the log."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-TAIL_LINES:])

    def wait_until(self, ready: Callable[[], bool], seconds: float) -> None:
        """Return when `ready` returns True. Raises LocalServiceFailed with the end of the log if the process ends or the time is
        over."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self.pid is None:
                raise LocalServiceFailed(f"{self.name} ended before it was ready; the end of {self.log}:\n{self.tail()}")
            if time.monotonic() > deadline:
                raise LocalServiceFailed(f"{self.name} was not ready in {seconds:g} s; the end of {self.log}:\n{self.tail()}")
            time.sleep(0.05)

    def _gone_within(self, seconds: float) -> bool:
        deadline = time.monotonic() + seconds
        while self.pid is not None:
            if time.monotonic() > deadline:
                return False
            time.sleep(0.01)
        return True

    def _forget(self) -> None:
        self._pid_file.unlink(missing_ok=True)
        self._child = None
        _RUNNING.pop(id(self), None)


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)


_RUNNING: dict[int, Process] = {}


@atexit.register
def _stop_what_runs() -> None:
    for process in reversed(list(_RUNNING.values())):
        process.stop()


_ORDERS: queue.SimpleQueue[tuple[Callable[[], subprocess.Popen[bytes]], Future[subprocess.Popen[bytes]]]] = queue.SimpleQueue()
_LASTING = threading.Thread(name="starts-processes", daemon=True, target=lambda: _obey_orders())


def _started_by_lasting_thread(start: Callable[[], subprocess.Popen[bytes]]) -> subprocess.Popen[bytes]:
    """Start the child from a thread that lasts as long as this process, because the death signal depends on the *thread* that
    started the child."""
    if not _LASTING.is_alive():
        _LASTING.start()
    started: Future[subprocess.Popen[bytes]] = Future()
    _ORDERS.put((start, started))
    return started.result()


def _obey_orders() -> None:
    while True:
        start, started = _ORDERS.get()
        try:
            started.set_result(start())
        except OSError as error:
            started.set_exception(error)


def _born(pid: int) -> str | None:
    """Return the start time of process `pid` in clock ticks since boot. The start time distinguishes the process from a later one
    with the same id."""
    fields = _stat(pid)
    return None if fields is None or fields[0] == "Z" else fields[19]


def _stat(pid: int) -> list[str] | None:
    try:
        text = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return None
    return text.rpartition(")")[2].split()


def _descendants(pid: int) -> list[int]:
    """Return all descendants of `pid`. Process groups do not suffice, because a server may give its workers sessions of their
    own."""
    children: dict[int, list[int]] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and (fields := _stat(int(entry.name))):
            children.setdefault(int(fields[1]), []).append(int(entry.name))
    found, new = [], children.get(pid, [])
    while new:
        found += new
        new = [child for parent in new for child in children.get(parent, [])]
    return found
