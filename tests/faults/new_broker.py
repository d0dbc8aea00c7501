"""`python -m tests.faults.new_broker`: replace RabbitMQ by a newer release that runs beside it, by the procedure of
docs/operations/broker.md, while people work. Exit status 1 if there is any flaw.

The machine starts with Debian's installed server. The successor is the newer release that `RABBITMQ_ROOT` names.
"""

from __future__ import annotations

import os
import sys
import tempfile
import time
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.cluster.deployment import Deployment
from deploy.cluster.local_cluster import LocalCluster
from deploy.local_services import LocalServiceFailed, RabbitMQ, install
from deploy.local_services.rabbitmq import ADMINISTRATOR, ROOT_VARIABLE, VHOST
from services.kernel.settings import Settings
from tests.deploy.scenario import guichuang
from tests.faults.checker import Report
from tests.faults.disaster.crew import Crew, settings, timed

#: The seconds within which a process must become ready on the new broker.
READY_SECONDS = 120.0


class OnInstalled(LocalCluster):
    """A machine whose broker is Debian's installed RabbitMQ, even though `RABBITMQ_ROOT` names a newer one."""

    def __init__(self, settings: Settings) -> None:
        newer = os.environ.pop(ROOT_VARIABLE)
        try:
            super().__init__(settings)
        finally:
            os.environ[ROOT_VARIABLE] = newer


def change_brokers(folder: Path) -> Report:
    """Replace the broker while people work. Print each step with its duration, and the number of messages that were left on the
    old broker when all processes used the new one."""
    with OnInstalled(settings(folder / "var")) as machine, RabbitMQ(folder / "new-broker") as new:
        old = machine.broker
        crew = Crew(machine)
        crew.work()
        print(f"  from RabbitMQ {old.ctl('version').strip()} to {new.ctl('version').strip()}", flush=True)
        with timed("definitions exported, with accounts and passwords, and imported; then those of the platform"):
            _hand_on_definitions(machine, new)
        began = datetime.now(UTC)
        with timed("every process on the new broker, the gateway last"):
            for deployment in (*machine.cities.values(), machine.province):
                _switch(machine, deployment, old, new)
        machine.broker = new
        left = _messages(old)
        print(f"           {sum(left.values())} events left on the old broker: {left}", flush=True)
        with timed("events since an hour before published again, in every deployment"):
            since = (began - timedelta(hours=1)).isoformat()
            for deployment in machine.deployments:
                guichuang(deployment, "events", "replay", "--since", since)
        old.stop()
        crew.work()
        crew.finish()
        return crew.check()


def _hand_on_definitions(machine: LocalCluster, new: RabbitMQ) -> None:
    exported = machine.broker.folder / "exported.json"
    machine.broker.ctl("export_definitions", str(exported))
    taken = new.folder / "taken.json"
    taken.write_bytes(exported.read_bytes())
    new.ctl("import_definitions", str(taken))
    # The export contains the old administrator's password, but each server keeps its own.
    new.ctl("change_password", ADMINISTRATOR, new.secret(ADMINISTRATOR))
    printed = new.folder / "printed.json"
    printed.write_text(guichuang(machine.province, "broker", "definitions"))
    new.ctl("import_definitions", str(printed))


def _switch(machine: LocalCluster, deployment: Deployment, old: RabbitMQ, new: RabbitMQ) -> None:
    """Restart a deployment's processes, one after another, on the new broker. The accounts keep their passwords, so only the
    broker's address changes."""
    bus = deployment.settings.bus.replace(f":{old.port('amqp')}/", f":{new.port('amqp')}/")
    deployment.settings = replace(deployment.settings, bus=bus)
    for seat in deployment.seats:
        before, deadline = deployment.processes[seat.name].pid, time.monotonic() + READY_SECONDS
        deployment.processes[seat.name].stop()
        while not _ready(machine, deployment, seat.name, before):
            if time.monotonic() > deadline:
                raise LocalServiceFailed(f"{seat.name} did not come up:\n{deployment.processes[seat.name].tail()}")
            time.sleep(0.2)


def _ready(machine: LocalCluster, deployment: Deployment, name: str, before: int | None) -> bool:
    if deployment.processes[name].pid in (None, before):
        return False
    try:
        with urllib.request.urlopen(f"http://{machine.probes[name]}/readyz", timeout=5) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _messages(broker: RabbitMQ) -> dict[str, int]:
    lines = broker.ctl("list_queues", "-p", VHOST, "name", "messages").splitlines()[1:]
    counts = {name: int(count) for name, count in (line.split("\t") for line in lines)}
    return {name: count for name, count in counts.items() if count}


def main() -> int:
    if not os.environ.get(ROOT_VARIABLE):
        print(f"set {ROOT_VARIABLE} to the folder of a newer Debian release with rabbitmq-server: `make brokers` does")
        return 1
    install.ensure()
    with tempfile.TemporaryDirectory(prefix="guichuang-brokers-") as scratch:
        report = change_brokers(Path(scratch))
    print("".join(f"  checked {count:>6}  {what}\n" for what, count in report.checked.items()), end="")
    print("".join(f"  FLAW  {flaw}\n" for flaw in report.flaws) or "  nothing was lost", flush=True)
    return 1 if report.flaws else 0


if __name__ == "__main__":
    sys.exit(main())
