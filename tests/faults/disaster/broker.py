"""The broker loses its disk, with all queues, accounts and messages, and is replaced by an empty broker."""

from __future__ import annotations

import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from deploy.cluster import topology
from deploy.cluster.local_cluster import LocalCluster
from tests.deploy.scenario import guichuang
from tests.faults.checker import Report
from tests.faults.disaster.crew import Crew, settings, timed


def lose_the_broker(folder: Path) -> Report:
    """Destroy and replace the broker while people work without a break."""
    with LocalCluster(settings(folder / "var")) as machine:
        crew = Crew(machine)
        crew.work()
        lost = datetime.now(UTC)
        machine.broker.kill()
        _empty(machine)
        with timed("an empty broker started"):
            machine.broker.start()
            machine.broker.wait_ready()
        with timed("queues, accounts and permissions on it"):
            machine.broker.import_definitions(json.loads(guichuang(machine.province, "broker", "definitions", "--accounts")))
            for account in (topology.PROVINCE_ACCOUNT, *map(topology.bureau_account, machine.cities)):
                machine.broker.ctl("change_password", account, machine.broker.secret(account))
        with timed("events of the hour before published again, in every deployment"):
            since = (lost - timedelta(hours=1)).isoformat()
            for deployment in machine.deployments:
                guichuang(deployment, "events", "replay", "--since", since)
        crew.work()
        crew.finish()
        return crew.check()


def _empty(machine: LocalCluster) -> None:
    """Delete the broker's data: the node's database and its feature flags. The configuration, which is in other files, stays."""
    shutil.rmtree(machine.broker.folder / "mnesia")
    (machine.broker.folder / "feature_flags").unlink(missing_ok=True)
