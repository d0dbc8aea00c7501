"""On RabbitMQ a service's green threads share one thread of the system, and no call of one green thread blocks the others."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from deploy.local_services.postgres import Postgres

#: A program that looks up a name at a slow name server, and prints the order of events.
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


#: A program with two green threads. The first waits for a lock that the second holds. Before the second releases the lock, it
#: sends an SQL statement that is too long for one write to the socket.
STATEMENTS = """
import sys
from services.kernel.amqp import green
green.patch()
import threading
import psycopg
said = []
with psycopg.connect(sys.argv[1], autocommit=True) as slow, psycopg.connect(sys.argv[1], autocommit=True) as other:
    def wait():
        said.append(slow.execute("SELECT 'answered' FROM pg_advisory_lock(1)").fetchone()[0])
        try:
            slow.execute("SELECT pg_sleep(60)")
        except psycopg.OperationalError:
            said.append("ended")
    other.execute("SELECT pg_advisory_lock(1)")
    waiting = threading.Thread(target=wait)
    waiting.start()
    said.append(other.execute("SELECT length(%s)", ["x" * 30_000_000]).fetchone()[0])
    other.execute("SELECT pg_advisory_unlock(1)")
    while "answered" not in said:
        other.execute("SELECT 1")
    other.execute("SELECT pg_terminate_backend(%s)", [slow.info.backend_pid])
    waiting.join()
print(*said)
"""


def test_a_statement_that_takes_its_time_stops_no_other_and_ends_with_its_connection(postgres: Postgres) -> None:
    url = postgres.create_database("green").replace("+psycopg", "")
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[3])}
    command = [sys.executable, "-W", "ignore", "-c", STATEMENTS, url]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.split() == ["30000000", "answered", "ended"]
