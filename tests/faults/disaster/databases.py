"""A database server is destroyed and recovered to its last instant; an operator's mistake is undone on all servers."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.cluster.local_cluster import LocalCluster
from deploy.local_services import RabbitMQ
from deploy.local_services.rabbitmq import VHOST
from tests.deploy.scenario import guichuang
from tests.faults.checker import Report
from tests.faults.disaster.crew import Crew, settings, timed
from tests.faults.disaster.logged import Apart
from tests.faults.ledger import Ledger


def lose_a_server(folder: Path) -> Report:
    """Destroy the province's database server with its disk, while the city's server keeps running and people work without a
    break."""
    with Apart(settings(folder / "var")) as machine:
        _copy(machine)
        crew = Crew(machine)
        crew.work()
        lost = datetime.now(UTC)
        machine.province.postgres.kill()
        with timed("the province's database server recovered, from its base backup and the log to its end"):
            machine.province.postgres.recover()
        _say_again(machine, lost - timedelta(hours=1))
        crew.work()
        crew.finish()
        return crew.check()


def undo_a_mistake(folder: Path) -> Report:
    """Undo an operator's mistake that was noticed late: recover all servers to the instant before the mistake, and check that the
    changes acknowledged before that instant are kept."""
    with Apart(settings(folder / "var")) as machine:
        _copy(machine)
        crew = Crew(machine)
        crew.work()
        promised = Ledger(list(crew.ledger.promises))
        before = datetime.now(UTC)
        crew.work()
        crew.finish()
        with timed("all processes stopped"):
            for city in machine.cities.values():
                city.stop()
            crew.hand_in()  # The city is stopped, so the event of this application waits on the broker.
            machine.province.stop()
        for server in machine.servers:
            server.note()
            server.stop()
        with timed("both database servers recovered to one instant"):
            for server in machine.servers:
                server.recover(before)
        with timed("the broker's queues emptied"):
            emptied = _emptied(machine.broker)
        _say_again(machine, before - timedelta(days=7), "--recovered")
        with timed("all processes started"):
            machine.serve()
        crew.is_served()
        report = crew.check(promised)
        report.see("queues emptied", emptied > 0, "nothing waited on the broker, so emptying it was not tried")
        return report


def _emptied(broker: RabbitMQ) -> int:
    """Empty all queues of the broker; return how many of them had messages."""
    queues = [line.split("\t") for line in broker.ctl("list_queues", "-p", VHOST, "name", "messages").splitlines()]
    full = [name for name, messages in queues if messages.isdigit() and int(messages)]
    for queue in full:
        broker.ctl("purge_queue", "-p", VHOST, queue)
    return len(full)


def _copy(machine: Apart) -> None:
    with timed("base backups made"):
        for server in machine.servers:
            server.copy()


def _say_again(machine: LocalCluster, since: datetime, *more: str) -> None:
    with timed("events published again, in every deployment"):
        for deployment in machine.deployments:
            guichuang(deployment, "events", "replay", "--since", since.isoformat(), *more)
