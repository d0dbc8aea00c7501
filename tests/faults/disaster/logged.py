"""Database servers whose write-ahead log is copied to a second place while it is written, and a machine on which each deployment
has such a server of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path

from deploy.cluster.deployment import Deployment
from deploy.cluster.local_cluster import LocalCluster
from deploy.local_services import LocalService, Postgres, Process
from deploy.local_services.postgres import SUPERUSER

#: The name by which the log receiver (`pg_receivewal`) identifies itself to the server.
KEEPER = "log"
#: The seconds within which a recovery must end.
RECOVERY_SECONDS = 120.0


class Logged(Postgres):
    """A server that acknowledges a commit only when the commit's log is in two places: on the server's disk, and in the folder
    `kept`, where `pg_receivewal` writes it. (On Kubernetes the second place is a second instance of the server; the archive of
    the log lacks the segment that is being written.)"""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self._kept_log, self._base = self.folder / "kept", self.folder / "base"
        self._keeper = Process("pg_receivewal", self.folder)

    def command(self) -> Sequence[str]:
        return [*super().command(), "-c", f"synchronous_standby_names={KEEPER}"]

    def environment(self) -> Mapping[str, str]:
        return {**super().environment(), "PGPASSWORD": self.secret(SUPERUSER)}

    def wait_ready(self, seconds: float = RECOVERY_SECONDS) -> None:
        """Return when the server accepts connections and its log is being received."""
        super().wait_ready(seconds)
        self._kept_log.mkdir(exist_ok=True)
        self._keeper.start([*self._client("pg_receivewal"), "--synchronous", "-D", str(self._kept_log)], self.environment())
        self._keeper.wait_until(self._is_kept, seconds)

    def stop(self) -> None:
        super().stop()
        self._keeper.stop()

    def kill(self) -> None:
        """Kill only the server. The log receiver is stopped without force, so that it keeps all that it has received."""
        super().kill()
        self._keeper.stop()

    def copy(self) -> None:
        """Make a base backup: the copy of all data from which a recovery starts before it replays the log."""
        self._base.mkdir(mode=0o700)
        owner = self._data.stat()
        os.chown(self._base, owner.st_uid, owner.st_gid)
        command = [*self.as_user(), *self._client("pg_basebackup"), "-D", str(self._base), "-X", "none", "--checkpoint=fast"]
        subprocess.run(command, env=self.environment(), cwd=self.folder, capture_output=True, check=True)

    def note(self) -> None:
        """Write a transaction, so that the log has an entry after the instant of a later recovery. PostgreSQL refuses to recover
        to an instant after which its log has no entry."""
        with self._connect() as connection:
            connection.execute("SELECT pg_current_xact_id()")

    def recover(self, to: datetime | None = None) -> None:
        """Replace the destroyed data: start from the base backup and replay the received log, up to the instant `to`, or to its
        end if `to` is None."""
        log = self._kept_log.rename(self.folder / "log")
        shutil.rmtree(self._data)
        subprocess.run(["cp", "-a", str(self._base), str(self._data)], check=True)
        lines = [
            f"restore_command = 'cp {log}/%f %p || cp {log}/%f.partial %p'",
            "hot_standby = off",  # The server accepts no connections before it is recovered.
            "recovery_target_action = promote",
            *([f"recovery_target_time = '{to.isoformat()}'"] if to else []),
        ]
        with (self._data / "postgresql.auto.conf").open("a") as file:
            file.write("".join(f"{line}\n" for line in lines))
        (self._data / "recovery.signal").touch()
        self.start()
        self.wait_ready()

    def _is_kept(self) -> bool:
        with self._connect() as connection:
            return bool(connection.execute("SELECT 1 FROM pg_stat_replication WHERE sync_state = 'sync'").fetchone())

    def _client(self, program: str) -> Sequence[str]:
        where = f"host=127.0.0.1 port={self.port('sql')} user={SUPERUSER} application_name={KEEPER}"
        return [str(self._programs / program), "-d", where]


class Apart(LocalCluster):
    """A machine on which the province and each city have a database server of their own."""

    server = Logged

    @property
    def servers(self) -> tuple[Logged, ...]:
        return tuple(part for part in self.parts if isinstance(part, Logged))

    @property
    def parts(self) -> tuple[LocalService, ...]:
        return (*super().parts, *(city.postgres for city in self.cities.values()))

    def _city(self, code: str) -> Deployment:
        city = super()._city(code)
        city.postgres = self.server(self.folder / f"postgres-{code}")
        return city
