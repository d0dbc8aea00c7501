"""The cluster on one machine comes up whole, mends itself, keeps its data and leaves nothing behind."""

from __future__ import annotations

import json
import re
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from deploy.cluster.machine import CITY, Machine
from deploy.parts import install
from deploy.parts.part import free_ports
from services.kernel.settings import Settings
from tests.architecture.exported import shown
from tests.integration.bus.buses import eventually


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    install.ensure()
    port = free_ports(["http"])["http"]
    folder = tmp_path_factory.mktemp("var")
    machine = Machine(Settings(http=f"127.0.0.1:{port}", var=str(folder), seed="demo"))
    with machine:
        yield machine


def ask(machine: Machine, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"http://{machine.settings.http}{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def token(machine: Machine, username: str) -> str:
    accounts = json.loads((Path(machine.settings.var) / "accounts.json").read_text())
    password = next(account["password"] for account in accounts if account["username"] == username)
    body = {"username": username, "password": password}
    return str(ask(machine, "POST", "/api/v1/auth/token", body)["access_token"])


def test_every_service_answers_and_a_citys_inbox_is_its_own_services(machine: Machine) -> None:
    officer = token(machine, f"{CITY}-officer")
    # Given a city whose review service is its own, When that service is stopped
    assert ask(machine, "GET", "/api/v1/reviews", token=officer)["items"] == []
    pid = machine.processes[f"review-{CITY}"].pid
    machine.processes[f"review-{CITY}"].kill()
    # Then the province's inbox goes on answering
    province = token(machine, "450000-officer")
    assert ask(machine, "GET", "/api/v1/reviews", token=province)["items"] == []
    # and the keeper begins the city's again
    eventually(lambda: machine.processes[f"review-{CITY}"].pid not in (None, pid))


def test_every_service_process_answers_its_keepers(machine: Machine) -> None:
    def get(address: str, path: str) -> str:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def there(address: str) -> bool:
        try:
            parts = json.loads(get(address, "/readyz"))["parts"]
        except OSError:  # it is being begun again
            return False
        return set(parts) == {"bus", "database", "migrations"} and all(parts.values())

    for seat in machine.seats:
        # Given a running cluster, When a process is asked whether it is ready, Then it has all it needs
        address = machine.probes.get(seat.name, machine.settings.http)
        eventually(lambda address=address: there(address))
        # and when its numbers are asked for, those of its own database are among them, and none that operators are not told of
        service, numbers = "gateway" if seat.service == "identity" else seat.service, get(address, "/metrics")
        assert f'guichuang_database_up{{service="{service}"}} 1.0' in numbers
        assert set(re.findall(r"^# TYPE (guichuang_\w+)", numbers, re.MULTILINE)) <= set(shown())


def test_what_is_due_is_done_by_every_service(machine: Machine) -> None:
    done = ask(machine, "POST", "/api/v1/sweeps", {"as_of": "2026-01-01"}, token(machine, "operator"))
    assert done is not None


def test_after_a_stop_nothing_runs_and_a_start_finds_all_as_it_was(machine: Machine) -> None:
    # Given a running cluster, When it is stopped
    pids = [process.pid for process in machine.processes.values()]
    again = Machine(machine.settings)
    machine.stop()
    # Then none of its processes is left
    assert [pid for pid in pids if pid and Path(f"/proc/{pid}").exists()] == []
    # and started again it knows its accounts
    with again:
        assert ask(again, "GET", "/api/v1/me", token=token(again, "auditor"))["username"] == "auditor"
