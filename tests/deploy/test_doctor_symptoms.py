"""A test causes each fault that an operator can meet on a running cluster: the doctor reports it, and finds no fault after the
cure."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from deploy.cli.move import move
from deploy.cluster import topology
from deploy.cluster.deployment import Deployment
from deploy.cluster.local_cluster import CITY, LocalCluster
from deploy.demo.client import Server
from deploy.demo.people import People
from deploy.demo.platform import accounts
from deploy.doctor import Finding, answers, checks, examine, gateway
from deploy.local_services import LocalService, install
from deploy.local_services.local_service import free_ports
from services.kernel.amqp.connection import connected
from services.kernel.settings import Settings
from tests.deploy import symptom_table
from tests.integration.bus.buses import eventually

Fault = Callable[[LocalCluster], AbstractContextManager[object]]


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    install.ensure()
    port = free_ports(["http"])["http"]
    folder = tmp_path_factory.mktemp("var")
    with (
        pytest.MonkeyPatch.context() as shorter,
        LocalCluster(Settings(http=f"127.0.0.1:{port}", var=str(folder), seed="demo")) as machine,
    ):
        # The faults of these tests last until a test ends them. So the doctor need not wait long before it looks a second time,
        # nor for the answer of a process that hangs.
        shorter.setattr(checks, "LOOK_AGAIN", 0.2)
        for part in (answers, gateway):
            shorter.setattr(part, "PATIENCE", 2.0)
        eventually(lambda: not symptom_table.told(examine(machine.operators())))
        yield machine


@contextmanager
def stopped(deployment: Deployment, name: str) -> Iterator[None]:
    deployment.pause(name)
    try:
        yield
    finally:
        deployment.go_on(name)


@contextmanager
def gateway_looping(machine: LocalCluster) -> Iterator[None]:
    """Occupy the gateway's port, so that the gateway ends immediately whenever it is started."""
    host, _, port = machine.settings.http.rpartition(":")
    with stopped(machine.province, "gateway"), socket.create_server((host, int(port))):
        machine.province.go_on("gateway")
        yield


@contextmanager
def hanging(machine: LocalCluster, name: str) -> Iterator[None]:
    pid = machine.processes[name].pid
    assert pid
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@contextmanager
def without(part: LocalService) -> Iterator[None]:
    part.stop()
    try:
        yield
    finally:
        part.start()
        part.wait_ready()


@contextmanager
def given_back(machine: LocalCluster) -> Iterator[None]:
    """Move the city's cases back to the province's database, although the province's jurisdictions still exclude the city."""
    pool, own = machine.province.operators(), machine.cities[CITY].operators()
    assert move(pool, CITY, own.database("review"), pool.database("review")) == 0
    try:
        yield
    finally:
        assert move(pool, CITY, pool.database("review"), own.database("review")) == 0


@contextmanager
def queue_deleted(machine: LocalCluster) -> Iterator[None]:
    """Delete a city's queue. (A service of the province would declare its own queue again by itself.)"""
    with connected(machine.broker.uri()) as connection:
        connection.channel().queue_delete(f"review.{CITY}")
    try:
        yield
    finally:
        topology.declare_all(machine.operators())


@contextmanager
def broker_full(machine: LocalCluster) -> Iterator[None]:
    machine.broker.ctl("set_vm_memory_high_watermark", "0.000001")
    try:
        yield
    finally:
        machine.broker.ctl("set_vm_memory_high_watermark", "0.4")


@contextmanager
def signature_refused(machine: LocalCluster) -> Iterator[None]:
    """In the city's folder of keys, replace the gateway's public key by one that does not match the gateway's private key."""
    public = Path(machine.cities[CITY].settings.keys_folder) / "gateway.pub"
    right, other = public.read_text(), public.with_name("review.pub").read_text()
    public.write_text(other)
    try:
        yield
    finally:
        public.write_text(right)


FAULTS: dict[str, tuple[str, Fault]] = {
    "the gateway is stopped": ("gateway", lambda machine: stopped(machine.province, "gateway")),
    "the gateway starts and ends again and again": ("gateway", gateway_looping),
    "a service is stopped (`application`)": ("queues", lambda machine: stopped(machine.province, "application")),
    "the process `identity` is stopped": ("queues", lambda machine: stopped(machine.province, "identity")),
    "a service hangs (`evaluation`)": ("requests", lambda machine: hanging(machine, "evaluation")),
    "the `review` of a city that serves itself is stopped": (
        "bureaus",
        lambda machine: stopped(machine.cities[CITY], f"review-{CITY}"),
    ),
    "a city was moved back, and the province's jurisdictions leave it out": ("bureaus", given_back),
    "a city's `review` has a wrong public half of the gateway's key": ("requests", signature_refused),
    "the queue of a city was deleted": ("queues", queue_deleted),
    "the broker is short of memory": ("bus", broker_full),
    "the broker is stopped": ("bus", lambda machine: without(machine.broker)),
    "the object store is stopped": ("store", lambda machine: without(machine.store)),
    "the database server is stopped": ("application", lambda machine: without(machine.postgres)),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_and_gone_after_its_cure(machine: LocalCluster, fault: str) -> None:
    settings = machine.operators()
    where, provoke = FAULTS[fault]

    # Given a fault, When the doctor runs, Then the first line of its report is about this fault and contains advice
    looks: list[list[Finding]] = []

    def told() -> bool:
        looks.append(symptom_table.told(examine(settings)))
        return bool(looks[-1]) and looks[-1][0].where == where

    with provoke(machine):
        eventually(told)
        symptom_table.check(fault, looks[-1])
        assert looks[-1][0].advice

    # and after the cause of the fault is removed, the doctor finds no fault
    eventually(lambda: [symptom.what for symptom in symptom_table.told(examine(settings))] == [])


def test_the_settings_about_a_citys_review_find_a_running_cluster_well(machine: LocalCluster) -> None:
    assert [symptom.what for symptom in symptom_table.told(examine(machine.operators(CITY)))] == []


def test_a_date_moved_ahead_is_no_reason_for_alarm(machine: LocalCluster) -> None:
    # Given a running demonstration, When its date is moved one year ahead, and the doctor runs immediately afterwards
    people = People(Server(f"http://{machine.settings.http}"), accounts(machine.settings.folder))
    people.operator.post("/sweeps", {"as_of": "2028-01-05"})
    # Then the doctor does not report rows written a moment ago as one year late
    assert [symptom.what for symptom in symptom_table.told(examine(machine.operators()))] == []


def test_the_page_has_no_other_faults_than_these() -> None:
    from tests.deploy.test_doctor_one_process import FAULTS as OF_ONE_PROCESS

    assert symptom_table.faults() == {*FAULTS, *OF_ONE_PROCESS}
