"""The cluster on one machine starts completely, repairs itself, keeps its data and leaves no process behind."""

from __future__ import annotations

import json
import os
import re
import signal
import urllib.request
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert, text

from deploy.cluster import topology
from deploy.cluster.local_cluster import CITY, LocalCluster
from deploy.demo.client import Server
from deploy.demo.formation import Formation, open_call
from deploy.demo.people import People
from deploy.demo.platform import accounts
from deploy.doctor import Finding, broker, databases, examine
from deploy.local_services import install
from deploy.local_services.local_service import free_ports
from services.kernel.amqp.connection import connected
from services.kernel.clock import real_now
from services.kernel.persistence.database import Database
from services.kernel.persistence.tables import outbox
from services.kernel.settings import Settings
from tests.architecture.exported import shown
from tests.integration.bus.buses import eventually
from tests.integration.collector import SOON, Collector, Seen, leading_to

#: The trace context that a portal sends with its requests: trace id, span id, sampled.
PORTAL = ("4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7", "01")
SUBMISSION = "POST /api/v1/applications/<id>/submission"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with Collector() as collector:
        yield collector


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory, collector: Collector) -> Iterator[LocalCluster]:
    install.ensure()
    port = free_ports(["http"])["http"]
    folder = tmp_path_factory.mktemp("var")
    machine = LocalCluster(Settings(http=f"127.0.0.1:{port}", var=str(folder), seed="demo", otlp=collector.url))
    with pytest.MonkeyPatch.context() as processes:
        for name, value in SOON.items():
            processes.setenv(name, value)
        with machine:
            yield machine


def ask(machine: LocalCluster, method: str, path: str, body: Any = None, token: str | None = None) -> Any:
    data = json.dumps(body).encode() if body is not None else None
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(f"http://{machine.settings.http}{path}", data, headers, method=method)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.load(answer)


def token(machine: LocalCluster, username: str) -> str:
    accounts = json.loads((Path(machine.settings.var) / "accounts.json").read_text())
    password = next(account["password"] for account in accounts if account["username"] == username)
    body = {"username": username, "password": password}
    return str(ask(machine, "POST", "/api/v1/auth/token", body)["access_token"])


def test_every_service_answers_and_a_citys_inbox_is_its_own_services(machine: LocalCluster) -> None:
    officer = token(machine, f"{CITY}-officer")
    # Given a city with its own review service, When that service's process is killed
    assert ask(machine, "GET", "/api/v1/reviews", token=officer)["items"] == []
    pid = machine.processes[f"review-{CITY}"].pid
    machine.processes[f"review-{CITY}"].kill()
    # Then the province's inbox can still be read
    province = token(machine, "450000-officer")
    assert ask(machine, "GET", "/api/v1/reviews", token=province)["items"] == []
    # and the cluster's supervisor starts the city's review service again
    eventually(lambda: machine.processes[f"review-{CITY}"].pid not in (None, pid))


def test_every_service_process_answers_its_keepers(machine: LocalCluster) -> None:
    def get(address: str, path: str) -> str:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=30) as answer:
            return str(answer.read().decode())

    def there(address: str) -> bool:
        try:
            parts = json.loads(get(address, "/readyz"))["parts"]
        except OSError:  # The supervisor is restarting the process.
            return False
        return set(parts) == {"bus", "database", "migrations"} and all(parts.values())

    for seat in machine.seats:
        # Given a running cluster, When the test asks each process whether it is ready, Then all its dependencies are available
        address = machine.probes[seat.name]
        eventually(lambda address=address: there(address))
        # and the process's metrics include those of its own database, and docs/operations/metrics.md lists every metric
        service, numbers = "gateway" if seat.service == "identity" else seat.service, get(address, "/metrics")
        assert f'guichuang_database_up{{service="{service}"}} 1.0' in numbers
        assert set(re.findall(r"^# TYPE (guichuang_\w+)", numbers, re.MULTILINE)) <= set(shown())


def test_the_gateways_workers_end_with_its_main_process(machine: LocalCluster) -> None:
    # Given a gateway with workers
    main = machine.processes["gateway"].pid
    assert main is not None
    workers = set(_children(main))
    assert workers
    # When only the gateway's main process is killed
    os.kill(main, signal.SIGKILL)
    # Then the workers end too, so that the port is free, and a new main process answers on the port
    eventually(lambda: not any(Path(f"/proc/{worker}").exists() for worker in workers))
    eventually(lambda: _answers(machine) and machine.processes["gateway"].pid not in (None, main))
    assert "Stop what listens there" not in machine.processes["gateway"].tail()


def test_the_cluster_starts_its_broker_database_and_store_again_and_logs_each_outage_once(machine: LocalCluster) -> None:
    eventually(lambda: ill(examine(machine.operators())) == [])
    for part, code in zip(machine.parts, ("bus_unavailable", "database_unavailable", None), strict=True):
        before = {name: process.log.stat().st_size for name, process in machine.processes.items()}
        # Given the machine's broker, database or object store, When the test kills its process
        pid = part.process.pid
        assert pid is not None
        os.kill(pid, signal.SIGKILL)
        # Then the cluster starts the killed server again, and the doctor finds no fault
        eventually(lambda part=part, pid=pid: part.process.pid not in (None, pid) and part.ready())
        eventually(lambda: ill(examine(machine.operators())) == [])
        # and each service has logged the outage's beginning and end once, under the error code that the service's callers got
        for seat in machine.seats if code else ():
            if seat.service != "gateway":
                said = _logged(machine.processes[seat.name].log, before[seat.name], code)
                assert [line["level"] for line in said] == ["WARNING", "INFO"], (seat.name, said)


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _answers(machine: LocalCluster) -> bool:
    try:
        return ask(machine, "GET", "/readyz") is not None
    except OSError:
        return False


def _logged(log: Path, since: int, code: str) -> list[dict[str, Any]]:
    """Return the lines about one problem that a process has logged after the first `since` bytes of its log."""
    lines = log.read_bytes()[since:].decode().splitlines()
    return [line for line in map(json.loads, lines) if line.get("code") == code]


def test_what_is_due_is_done_by_every_service(machine: LocalCluster) -> None:
    done = ask(machine, "POST", "/api/v1/sweeps", {"as_of": "2026-01-01"}, token(machine, "operator"))
    assert done is not None


def ill(found: Iterable[Finding]) -> list[tuple[str, str]]:
    return [(symptom.where, symptom.what) for symptom in found if symptom.wrong]


def test_the_doctor_finds_a_running_cluster_well(machine: LocalCluster) -> None:
    city = machine.cities[CITY].operators()
    eventually(lambda: ill(examine(machine.operators())) == [])
    eventually(lambda: ill(examine(city)) == [])
    parts = {symptom.where for symptom in examine(city)}
    assert "review" in parts
    assert not parts & {"application", "gateway", "store"}, "it looks at what this deployment has, and at nothing else"


def test_the_doctor_says_what_it_means_that_a_service_is_not_there(machine: LocalCluster) -> None:
    city = machine.cities[CITY]
    settings = city.operators()
    database = Database(settings.database("review"))
    old = real_now() - timedelta(minutes=5)
    event = {"id": "a", "type": "review.opened", "producer": f"review.{CITY}", "subject": "review/a", "body": "{}"}
    # Given a city's review service that is stopped, with an unpublished event in its outbox, When its queue on the broker is
    # deleted too
    city.stop()
    with database.write() as session:
        session.execute(insert(outbox).values(**event, routing_key=f"review.opened.{CITY}", occurred_at=old))
    stopped = ill(examine(settings))
    with connected(machine.broker.uri()) as connection:
        connection.channel().queue_delete(f"review.{CITY}")
    gone = ill(broker.check(settings, ("review",), frozenset()))
    # Then the doctor reports each of these faults, and each cause before its consequences
    assert [where for where, _ in stopped] == ["queues", "review", "review"]
    nobody, leads, waits = (what for _, what in stopped)
    assert nobody == f"no process takes events from review.{CITY} (0 wait), and none answers requests at rpc.review.{CITY}"
    assert leads == "no process of it leads: nothing is published, sealed or swept"
    assert waits.startswith("1 events wait to be published, the oldest for 30")
    assert waits.endswith(": no process of it leads")
    assert gone[0] == ("queues", f"not on the broker: review.{CITY}; events for it are lost meanwhile")
    # When the operator follows the doctor's advice, Then the doctor finds no fault
    with database.write() as session:
        session.execute(outbox.delete().where(outbox.c.id == "a"))
    database.close()
    topology.declare_all(machine.operators())
    city.start()
    eventually(lambda: ill(examine(settings)) == [])


def test_the_doctor_says_that_the_broker_takes_nothing(machine: LocalCluster) -> None:
    def told() -> str:
        return str(ill(broker.check(machine.operators(), ("documents",), frozenset())))

    machine.broker.ctl("set_vm_memory_high_watermark", "0.000001")
    try:
        eventually(lambda: "the broker takes no messages" in told())
    finally:
        machine.broker.ctl("set_vm_memory_high_watermark", "0.4")
    eventually(lambda: told() == "[]")


def test_the_doctor_says_that_a_databases_clock_is_another(machine: LocalCluster) -> None:
    settings = machine.cities[CITY].operators()
    database = Database(settings.database("review"))
    # Given a database whose clock is nine seconds ahead in every new connection
    ahead = "SELECT pg_catalog.clock_timestamp() + make_interval(secs => 9)"
    with database.write() as session:
        session.execute(text(f"CREATE FUNCTION clock_timestamp() RETURNS timestamptz LANGUAGE sql AS $$ {ahead} $$"))
        session.execute(text("ALTER ROLE CURRENT_USER SET search_path = public, pg_catalog"))
    known = databases.Databases(settings)
    try:
        assert ill(known.reach("review")) == [("review", "the clock of review's database is 9 s ahead of the one here")]
    finally:
        known.close()
        with database.write() as session:
            session.execute(text("ALTER ROLE CURRENT_USER RESET search_path"))
            session.execute(text("DROP FUNCTION public.clock_timestamp()"))
        database.close()


def test_a_submission_is_one_trace_through_gateway_and_four_services(machine: LocalCluster, collector: Collector) -> None:
    # Given a city with its own review service, and an application that is ready to be submitted
    people = People(Server(f"http://{machine.settings.http}"), accounts(machine.settings.folder))
    case = Formation.complete(people, open_call(people)["id"])
    # When a city's portal that records traces submits the application
    answer = case.lead.send("POST", f"{case.path}/submission", headers={"traceparent": f"00-{'-'.join(PORTAL)}"})
    assert answer.body["status"] == "submitted"

    # Then the submission is one trace, with the portal's trace id, which contains every call over the broker and the reactions
    # that followed
    heard = {("review", "react to application.submitted"), ("notification", "react to review.opened")}

    def whole(trace: list[Seen]) -> bool:
        return heard <= {(span.service, span.name) for span in trace}

    trace = collector.trace_of(SUBMISSION, whole)
    assert {span.trace for span in trace} == {PORTAL[0]}
    assert {span.service for span in trace} >= {"gateway", "documents", "application", "review", "notification"}
    assert [(span.service, span.name) for span in trace if span.parent == PORTAL[1]] == [("gateway", SUBMISSION)]

    def way(service: str, name: str) -> list[tuple[str, str]]:
        return leading_to(next(span for span in trace if (span.service, span.name) == (service, name)), trace)

    gateway = [("gateway", SUBMISSION)]
    submitted = [("application", "submit_application"), ("gateway", "ask application submit_application"), *gateway]
    assert way("documents", "document_states")[1:] == [("gateway", "ask documents document_states"), *gateway]
    assert way("application", "submit_application") == submitted
    assert way("review", "react to application.submitted")[1:] == submitted
    assert way("notification", "react to review.opened")[1:] == [("review", "react to application.submitted"), *submitted]
    # and the trace contains no personal data
    assert {name for span in trace for name in span.attributes} <= {
        "guichuang.correlation_id",
        "guichuang.event",
        "guichuang.producer",
        "guichuang.outcome",
        "http.route",
        "http.response.status_code",
    }


def test_after_a_stop_nothing_runs_and_a_start_finds_all_as_it_was(machine: LocalCluster) -> None:
    # Given a running cluster, When it is stopped
    pids = [process.pid for process in machine.processes.values()]
    again = LocalCluster(machine.settings)
    machine.stop()
    # Then none of the cluster's processes runs
    assert [pid for pid in pids if pid and Path(f"/proc/{pid}").exists()] == []
    # and when the cluster is started again, it still has its accounts
    with again:
        assert ask(again, "GET", "/api/v1/me", token=token(again, "auditor"))["username"] == "auditor"
