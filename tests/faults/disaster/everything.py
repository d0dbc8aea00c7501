"""All processes and data of the platform are destroyed, and the platform is restored from archives on an empty machine."""

from __future__ import annotations

import shutil
from pathlib import Path

from sqlalchemy import create_engine, text

from bench.growth import REGISTER, REVIEW
from deploy.backup.archive import Archive
from deploy.backup.create import backup
from deploy.backup.restore import restore
from deploy.cluster.local_cluster import CITY, LocalCluster
from tests.faults.checker import Report
from tests.faults.disaster.crew import Crew, settings, timed


def lose_everything(folder: Path, cases: int = 0) -> Report:
    """Let people work, and back up; destroy everything; restore on an empty machine, submit and recommend one more application,
    and check the acknowledged changes. `cases` is the number of invented cases in the databases at the start.

    People stop before the archives are made. The archives of two deployments have different instants, so an application submitted
    between them would be in the city's archive and not in the province's. (tests/integration/backup makes an archive while people
    work.)"""
    one, other = folder / "one", folder / "other"
    with LocalCluster(settings(one)) as machine:
        _fill(machine, cases)
        crew = Crew(machine)
        crew.work()
        crew.finish()
        archives = _saved(machine)
        _put_aside_keys(one, other)
        shutil.copy(one / "accounts.json", other)
    shutil.rmtree(one / "cluster", ignore_errors=True)

    again = LocalCluster(settings(other))
    try:
        with timed("an empty broker, databases and store, prepared"):
            again.prepare()
        with timed("the province's archive restored"):
            restore(archives[0], again.province.operators())
        with timed("the city's archive restored"):
            restore(archives[1], again.cities[CITY].operators())
        with timed("all processes started"):
            again.serve()
        crew.go_to(again)
        crew.is_served()
        # The invented cases are not consistent between the services, so the checker cannot check a platform that contains them.
        return Report() if cases else crew.check()
    finally:
        again.stop()


def _fill(machine: LocalCluster, cases: int) -> None:
    settings = machine.province.operators()
    for service, statements in (("review", REVIEW), ("application", REGISTER)):
        with create_engine(settings.database(service)).begin() as connection:
            for statement in statements if cases else ():
                connection.execute(text(statement), {"cases": cases})


def _saved(machine: LocalCluster) -> list[Archive]:
    """Make the archives, first the province's and then the city's: the city's archive must contain every event that the
    province's archive shows as received from the city."""
    archives = []
    for deployment, services in ((machine.province, ()), (machine.cities[CITY], ("review",))):
        with timed(f"{deployment.name} saved"):
            archives.append(backup(deployment.operators(), services))
    with timed("both archives verified"):
        for archive in archives:
            archive.verify()
    return archives


def _put_aside_keys(one: Path, other: Path) -> None:
    for keys in ("keys", f"cluster/{CITY}/keys"):
        shutil.copytree(one / keys, other / keys)
