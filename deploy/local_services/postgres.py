"""A private PostgreSQL, durable as in production (fsync on), reachable over loopback and only with passwords."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

import psycopg
from psycopg import sql

from deploy.local_services.install import postgres_programs
from deploy.local_services.local_service import LocalService
from deploy.local_services.process import LocalServiceFailed

SUPERUSER = "postgres"


class Postgres(LocalService):
    """A PostgreSQL server. `create_database(name)` returns a SQLAlchemy URL. Each database has an owner of its own and accepts no
    other user."""

    name = "postgres"
    port_names = ("sql",)
    #: "Fast" shutdown: it ends the sessions, then the server. SIGTERM would wait for the clients.
    stop_signal = signal.SIGINT

    def create_database(self, name: str) -> str:
        """Return the URL of the database `name`, which is created if it does not exist yet."""
        owner, database, password = sql.Identifier(name), sql.Identifier(name), sql.Literal(self.secret(name))
        with self._connect() as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(owner, password))
            if not connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, owner))
                connection.execute(sql.SQL("REVOKE ALL ON DATABASE {} FROM PUBLIC").format(database))
        return f"postgresql+psycopg://{name}:{self.secret(name)}@127.0.0.1:{self.port('sql')}/{name}"

    def as_user(self) -> Sequence[str]:
        """Return the command prefix that changes the user, if this process runs as root: PostgreSQL refuses to run as root. The
        new user is `postgres` or the unprivileged user of the system, with the capability to enter the folders of root. (Its data
        files must belong to the user itself, so the capability has no other effect.)"""
        if os.geteuid() != 0:
            return ()
        if shutil.which("setpriv") is None:
            raise LocalServiceFailed("setpriv is missing: install util-linux, or run as an ordinary user")
        user = _unprivileged()
        may_look = "-all,+dac_override"
        return [
            "setpriv",
            f"--reuid={user.pw_uid}",
            f"--regid={user.pw_gid}",
            "--clear-groups",
            f"--inh-caps={may_look}",
            f"--ambient-caps={may_look}",
        ]

    def prepare(self) -> None:
        if (self._data / "PG_VERSION").exists():
            return
        # An interrupted start leaves a folder that initdb would refuse.
        shutil.rmtree(self._data, ignore_errors=True)
        self._data.mkdir(mode=0o700)
        password_file = self.folder / "password"
        password_file.touch(mode=0o600)
        password_file.write_text(self.secret(SUPERUSER))
        if os.geteuid() == 0:
            shutil.chown(self._data, _unprivileged().pw_uid, _unprivileged().pw_gid)
        command = [
            *self.as_user(),
            str(self._programs / "initdb"),
            f"--pgdata={self._data}",
            f"--username={SUPERUSER}",
            f"--pwfile={password_file}",
            "--auth=scram-sha-256",
            "--encoding=UTF8",
            "--locale=C.UTF-8",
        ]
        done = subprocess.run(command, env=self.environment(), cwd=self.folder, capture_output=True, text=True, check=False)
        password_file.unlink()
        if done.returncode != 0:
            raise LocalServiceFailed(f"initdb: {done.stdout}{done.stderr}")

    def command(self) -> Sequence[str]:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": str(self.port("sql")),
            # No sockets in the file system: a socket's path may have only about a hundred characters, and the path of the folder
            # may be longer. Loopback suffices for all clients.
            "unix_socket_directories": "",
            "max_connections": "200",
            "fsync": "on",
            # Versions and verdicts are large JSON values; the default method takes several times as long to compress them.
            "default_toast_compression": "lz4",
        }
        flags = [word for key, value in settings.items() for word in ("-c", f"{key}={value}")]
        return [str(self._programs / "postgres"), "-D", str(self._data), *flags]

    def environment(self) -> Mapping[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "LANG": "C.UTF-8", "HOME": str(self.folder)}

    def ready(self) -> bool:
        try:
            self._connect().close()
        except psycopg.OperationalError:
            return False
        return True

    def _connect(self) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host="127.0.0.1",
            port=self.port("sql"),
            user=SUPERUSER,
            password=self.secret(SUPERUSER),
            dbname="postgres",
            autocommit=True,
            connect_timeout=5,
        )

    @property
    def _data(self) -> Path:
        return self.folder / "data"

    @property
    def _programs(self) -> Path:
        programs = postgres_programs()
        if programs is None:
            raise LocalServiceFailed("PostgreSQL's server programs are missing: install postgresql")
        return programs


def _unprivileged() -> pwd.struct_passwd:
    try:
        return pwd.getpwnam("postgres")
    except KeyError:
        return pwd.getpwnam("nobody")
