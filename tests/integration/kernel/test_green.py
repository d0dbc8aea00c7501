"""Nothing blocks the one thread all green threads share."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

#: Looks a name up at a name server that takes its time, and says what came first.
PROGRAM = """
import socket, time
rest = time.sleep
socket.getaddrinfo = lambda *_: rest(0.5) or ["found"]
from services.kernel.amqp import green
green.patch()
import threading
said = []
looking = threading.Thread(target=lambda: said.extend(socket.getaddrinfo("slow.example", 443)))
looking.start()
time.sleep(0.01)
said.append("meanwhile")
looking.join()
print(*said)
"""


def test_a_name_server_that_takes_its_time_stops_no_other_work() -> None:
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-W", "ignore", "-c", PROGRAM]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["meanwhile", "found"]
