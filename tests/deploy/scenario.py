"""Code that the tests of separate deployments share: a province and cities that each have a deployment of their own."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from datetime import date
from typing import Any

from sqlalchemy import text

from deploy.cluster.deployment import Deployment, environment
from deploy.cluster.local_cluster import LocalCluster
from deploy.cluster.topology import shape
from deploy.demo.client import Answer, Server
from deploy.demo.formation import Formation, open_call, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.oversight import AnnualReport, Member
from deploy.demo.people import People
from deploy.demo.platform import accounts
from deploy.local_services import RabbitMQ
from services.kernel.amqp.connection import connected
from services.kernel.persistence.database import Database
from services.kernel.settings import Settings
from services.kernel.testing import is_consumer_of
from tests.integration.bus.buses import eventually

Rows = list[tuple[Any, ...]]
#: Seconds for which clients repeat a request whose answer asks them to try again later.
PATIENCE = 120.0
_LEFT = "SELECT id, routing_key FROM outbox ORDER BY position"


class World:
    """A local cluster with the deployments of the province and of some cities, the accounts at the province's gateway, and an
    open call."""

    def __init__(self, machine: LocalCluster) -> None:
        self.machine = machine
        self.people = People(Server(f"http://{machine.settings.http}", patience=PATIENCE), accounts(machine.settings.folder))
        self.call = str(open_call(self.people)["id"])

    def report(self, city: str) -> AnnualReport:
        """Create a consortium of that city, and its annual report for this year, ready to be submitted."""
        today = date.today()
        member = Member.imported(self.people, consortium(EIGHT, region=city))
        report = AnnualReport(member, today.year)
        report.write()
        return report

    def application(self, city: str) -> Formation:
        """Create an application of that city, ready to be submitted."""
        units = consortium(EIGHT, region=city)
        register(self.people, units)
        return Formation.complete(self.people, self.call, units)

    def is_served(self, city: str) -> bool:
        """Return whether a service answers for the bureau's inbox; this sends one request."""
        return self.inbox(city).status == 200

    def inbox(self, city: str) -> Answer:
        return self.people.officer(city).send("GET", "/reviews", patience=0)


def accept(report: AnnualReport) -> None:
    """Let the bureau's officer and chief accept the report, and wait until the evaluation service has received their
    acceptance."""
    report.opine(report.recommender, "acceptance")
    report.reaches("accepted")


def handle(report: AnnualReport) -> None:
    """Submit the report and let its bureau accept it. Each step of the acceptance is repeated after a timeout, because the
    deployment that it waits for may be down for some time."""
    report.submit()
    for step in (lambda: report.opine(report.recommender, "acceptance"), lambda: report.reaches("accepted")):
        for _ in range(5):
            with contextlib.suppress(TimeoutError):
                step()
                break
        else:
            step()


def guichuang(deployment: Deployment, *words: str, given: str = "", **more: str) -> str:
    """Run an operator's command in a deployment's own environment, and return its output."""
    surroundings = os.environ | environment(deployment.operators()) | more
    command = [sys.executable, "-m", "deploy.cli", *words]
    done = subprocess.run(command, env=surroundings, input=given, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def rows(settings: Settings, service: str, statement: str, **values: Any) -> Rows:
    """Return the rows that an SQL statement selects in a service's database."""
    database = Database(settings.database(service), pool=1)
    try:
        with database.read() as session:
            return [tuple(row) for row in session.execute(text(statement), values)]
    finally:
        database.close()


def waiting(broker: RabbitMQ, queue: str) -> int:
    """Return how many messages in a queue are ready for a consumer."""
    with connected(broker.uri()) as connection:
        return int(connection.channel().queue_declare(queue, passive=True).message_count)


def settled(*looks: Callable[[], int]) -> None:
    """Wait until each of these functions, one after the other, returns zero."""
    for look in looks:
        eventually(lambda look=look: look() == 0)


def sent_to(city: str, settings: Settings) -> dict[str, list[str]]:
    """Return the province's events to which a city's review service subscribes: producer → event ids in the order of their
    publication."""
    [binding] = shape("review", settings, [city]).bindings()
    return {
        producer: heard
        for producer in ("application", "evaluation", "gateway")
        if (heard := [id for id, key in rows(settings, producer, _LEFT) if is_consumer_of(binding, producer, key)])
    }


def received(settings: Settings) -> dict[str, list[str]]:
    """Return the events in a review service's inbox: producer → event ids in the order of their arrival."""
    found: dict[str, list[str]] = {}
    for id, producer in rows(settings, "review", "SELECT id, producer FROM inbox ORDER BY position"):
        found.setdefault(producer, []).append(id)
    return found


def heard_from(city: str, theirs: Settings, service: str, settings: Settings) -> bool:
    """Return whether a service of the province has received every event to which it subscribes from a city's review service, each
    exactly once. There must be at least one such event."""
    [binding] = shape(service, settings, []).bindings()
    producer = f"review.{city}"
    sent = Counter(id for id, key in rows(theirs, "review", _LEFT) if is_consumer_of(binding, producer, key))
    came = Counter(id for (id,) in rows(settings, service, "SELECT id FROM inbox WHERE producer = :producer", producer=producer))
    return bool(sent) and sent == came
