"""`make postgres`: change from the installed PostgreSQL to the next Debian release's by both procedures of
docs/operations/upgrades.md, with the data of people at work. Exit status 1 if there is any flaw.

In the first procedure, in place, `pg_upgrade` copies the data while the platform runs. In the second, by archive, the platform
stops, and `guichuang restore` fills the new server."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from deploy.backup import rows
from deploy.backup.create import backup
from deploy.backup.restore import restore
from deploy.cluster.local_cluster import CITY, LocalCluster
from deploy.cluster.topology import events_waiting
from deploy.demo.client import until
from deploy.local_services import Postgres, install
from deploy.local_services.local_service import free_ports
from deploy.local_services.postgres import SUPERUSER
from services.kernel.persistence.database import Database
from tests import newer_debian
from tests.faults.checker import Report
from tests.faults.disaster.crew import Crew, settings, timed

#: Table → its number of rows, the checksum of the rows, and the last number of each of its sequences.
Content = Mapping[str, tuple[int, str, Mapping[str, int]]]


class Newer(Postgres):
    """A server of the next Debian release, with the passwords and the port of the server that it replaces."""

    def __init__(self, folder: Path, replaced: Postgres, programs: Path) -> None:
        folder.mkdir()
        shutil.copy(replaced.folder / "part.json", folder / "part.json")
        super().__init__(folder)
        self._own_programs = programs

    @property
    def _programs(self) -> Path:
        return self._own_programs

    def take_over(self, replaced: Postgres) -> None:
        """Copy the data of the replaced server with `pg_upgrade`. The replaced server must be stopped; its data stay
        unchanged."""
        self.prepare()
        between = {
            "--old-bindir": replaced._programs,
            "--new-bindir": self._programs,
            "--old-datadir": replaced._data,
            "--new-datadir": self._data,
            "--username": SUPERUSER,
        }
        words = [word for option, value in between.items() for word in (option, str(value))]
        with self._scratch() as scratch:
            self._run("pg_upgrade", "--check", *words, cwd=scratch)
            self._run("pg_upgrade", *words, cwd=scratch)

    def analyze(self) -> None:
        """Compute the statistics of the query planner, which pg_upgrade does not copy."""
        self._run("vacuumdb", "--all", "--analyze-in-stages", "-h", "127.0.0.1", "-p", str(self.port("sql")), "-U", SUPERUSER)

    def version(self) -> str:
        with self._connect() as connection:
            [version] = connection.execute("SHOW server_version").fetchone() or ("",)
        return str(version)

    def _run(self, program: str, *words: str, cwd: Path | None = None) -> None:
        command = [*self.as_user(), str(self._programs / program), *words]
        environment = {**self.environment(), "PGPASSWORD": self.secret(SUPERUSER)}
        done = subprocess.run(command, env=environment, cwd=cwd or self.folder, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"{program}: {done.stdout}{done.stderr}")

    @contextmanager
    def _scratch(self) -> Iterator[Path]:
        """Yield a folder that belongs to the server's user. Its path is short, because pg_upgrade creates sockets in it."""
        with tempfile.TemporaryDirectory(prefix="pg-") as name:
            shutil.chown(name, self._data.owner(), self._data.group())
            yield Path(name)


def upgrade_in_place(folder: Path, programs: Path) -> Report:
    """Stop the old server, copy its data and start the new server, while the platform runs and people work. Before the platform
    can reach the new server, both copies of the data are compared."""
    with LocalCluster(settings(folder / "var")) as machine:
        old = machine.postgres
        crew = Crew(machine)
        crew.work()
        with timed("the old server stopped"):
            old.stop()
        new = Newer(folder / "new", old, programs)
        with timed("its data checked and taken over by pg_upgrade, by copy"):
            new.take_over(old)
        before, after = (_read_apart(machine, server) for server in (old, new))
        _serve(machine, new)
        with timed("the new server started"):
            new.start()
            new.wait_ready()
        print(f"           PostgreSQL {new.version()}", flush=True)
        with timed("statistics made while people work"):
            new.analyze()
        crew.work()
        crew.finish()
        report = crew.check()
        _compare(before, after, report)
        return report


def upgrade_by_archive(folder: Path, programs: Path) -> Report:
    """Stop the platform, back it up, and restore it into empty databases of the new server. Broker and object store are kept."""
    with LocalCluster(settings(folder / "var")) as machine:
        old = machine.postgres
        crew = Crew(machine)
        crew.work()
        crew.finish()
        with timed("the gateway stopped, and every event received"):
            machine.province.pause("gateway")
            until(lambda: not any(events_waiting(machine.operators()).values()), "the queues running empty")
        with timed("all processes stopped"):
            for deployment in machine.deployments:
                deployment.stop()
        with timed("province and city saved"):
            archives = [backup(machine.province.operators()), backup(machine.cities[CITY].operators(), ["review"])]
        old.stop()
        new = Newer(folder / "new", old, programs)
        _serve(machine, new)
        with timed("the new server started, with empty databases"):
            new.start()
            new.wait_ready()
            for seat in machine.seats:
                new.create_database(seat.database)
        print(f"           PostgreSQL {new.version()}", flush=True)
        with timed("both archives restored, rows compared by checksum"):
            restore(archives[0], machine.province.operators(), keep_store=True)
            restore(archives[1], machine.cities[CITY].operators())
        with timed("all processes started"):
            machine.province.go_on("gateway")
            machine.serve()
        crew.is_served()
        crew.work()
        crew.finish()
        return crew.check()


def _serve(machine: LocalCluster, new: Postgres) -> None:
    """Let the machine use this database server instead of its own. The addresses of the databases do not change."""
    machine.postgres = new
    for deployment in machine.deployments:
        deployment.postgres = new


def _read_apart(machine: LocalCluster, server: Postgres) -> dict[str, Content]:
    """Return the content of each of the server's databases. While it is read, the server has a different port, so that no process
    of the platform can change anything."""
    kept = (server.folder / "part.json").read_text()
    part = json.loads(kept)
    part["ports"] = free_ports(server.port_names)
    (server.folder / "part.json").write_text(json.dumps(part))
    try:
        with server:
            return {name: _content(server.create_database(name)) for name in sorted({seat.database for seat in machine.seats})}
    finally:
        (server.folder / "part.json").write_text(kept)


def _content(url: str) -> Content:
    database = Database(url, pool=1)
    found = {}
    with database.engine.connect() as connection:
        for table in rows.tables_of(connection):
            summed = rows.Sum()
            for _ in summed.over(rows.read(connection, table)):
                pass
            found[table.name] = summed.rows, summed.hex, rows.positions_of(connection, table)
    database.close()
    return found


def _compare(before: Mapping[str, Content], after: Mapping[str, Content], report: Report) -> None:
    for name, tables in before.items():
        for table, content in tables.items():
            report.see("tables, row by row", after[name].get(table) == content, f"{name}.{table} is not the same")
            report.checked["rows"] += content[0]
        report.see("databases", after[name].keys() == tables.keys(), f"{name} has other tables")


@contextmanager
def _programs() -> Iterator[Path]:
    """Yield a folder with the newer PostgreSQL's programs. Every user may enter it, because PostgreSQL checks the folder's
    permissions only, and ignores that the server's user has the capability to enter the folders of root."""
    with tempfile.TemporaryDirectory(prefix="guichuang-programs-") as name:
        Path(name).chmod(0o755)
        yield newer_debian.postgres_programs(Path(name))


def main() -> int:
    if reason := newer_debian.fetch():
        print(f"skipped: a newer PostgreSQL cannot be run here: {reason}")
        return 0
    install.ensure()
    flaws: list[str] = []
    for upgrade in (upgrade_in_place, upgrade_by_archive):
        print(f"\n{upgrade.__name__.replace('_', ' ')}", flush=True)
        with _programs() as programs, tempfile.TemporaryDirectory(prefix="guichuang-postgres-") as scratch:
            report = upgrade(Path(scratch), programs)
        print("".join(f"  checked {count:>6}  {what}\n" for what, count in report.checked.items()), end="")
        print("".join(f"  FLAW  {flaw}\n" for flaw in report.flaws) or "  as it should be", flush=True)
        flaws += report.flaws
    return 1 if flaws else 0


if __name__ == "__main__":
    sys.exit(main())
