"""A process of ours is stopped by its own id, with all processes that it started, and never outlives the run that started it."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from deploy.local_services import LocalServiceFailed, Process

#: A program that starts a child in its own session, as database servers do, prints the child's id, and ignores SIGTERM.
STUBBORN_PARENT = """
import signal, subprocess, sys, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
child = subprocess.Popen([sys.executable, "-c", "import time; print('up', flush=True); time.sleep(600)"],
                         start_new_session=True, stdout=subprocess.PIPE)
child.stdout.readline()
print(child.pid, flush=True)
time.sleep(600)
"""

RUN_THAT_STARTS_A_SERVER = """
import sys, time
from pathlib import Path
from deploy.local_services import Process
server = Process("server", Path(sys.argv[1]))
server.start(["sleep", "600"], {"PATH": "/usr/bin:/bin"})
print(server.pid, flush=True)
time.sleep(600)
"""


def gone(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat")
    return not stat.exists() or stat.read_text().rpartition(")")[2].split()[0] == "Z"


def started(folder: Path, program: str, stop_seconds: float = 30.0) -> Process:
    process = Process("server", folder, stop_seconds=stop_seconds)
    process.start([sys.executable, "-c", program], os.environ)
    return process


def test_a_process_that_ignores_its_stop_signal_is_killed_with_everything_it_started(tmp_path: Path) -> None:
    # Given a server that ignores SIGTERM and has a child outside its process group
    process = started(tmp_path, STUBBORN_PARENT, stop_seconds=0.2)
    process.wait_until(lambda: process.log.read_text().endswith("\n"), seconds=60)
    pid, child = process.pid, int(process.log.read_text())
    # When the server is stopped
    process.stop()
    # Then the server and its child are gone
    assert pid is not None
    assert gone(pid)
    assert gone(child)
    assert process.pid is None


def test_servers_end_when_the_run_that_started_them_is_killed(tmp_path: Path) -> None:
    # Given a program (such as a test run) that has started a server
    command = [sys.executable, "-c", RUN_THAT_STARTS_A_SERVER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": "."}) as run:
        assert run.stdout is not None
        server = int(run.stdout.readline())
        # When the program is killed by SIGKILL, so that it cannot stop the server
        run.send_signal(signal.SIGKILL)
    # Then the server ends too
    watch = Process("watch", tmp_path)
    watch.start(["sleep", "60"], os.environ)
    watch.wait_until(lambda: gone(server), seconds=30)
    watch.stop()


def test_a_server_that_ends_before_it_is_ready_is_an_error_that_shows_its_log(tmp_path: Path) -> None:
    process = started(tmp_path, "raise SystemExit('no space left on this invented disk')")
    with pytest.raises(LocalServiceFailed, match="no space left on this invented disk"):
        process.wait_until(lambda: False, seconds=60)


def test_a_server_that_runs_is_not_started_again_from_its_folder(tmp_path: Path) -> None:
    # Given a running server
    process = started(tmp_path, STUBBORN_PARENT)
    # When a second server is started in the same folder, Then the start is refused, and the first server keeps running
    with pytest.raises(LocalServiceFailed, match="runs already"):
        started(tmp_path, STUBBORN_PARENT)
    assert process.pid is not None
    process.kill()
