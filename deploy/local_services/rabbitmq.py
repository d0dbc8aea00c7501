"""A private RabbitMQ node from Debian's rabbitmq-server, with a port mapper (epmd) and an Erlang cookie of its own.

It runs the machine's own server or, by chroot, that of another Debian release in a folder (`root`).
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
import socket
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from deploy.local_services.install import RABBITMQ_SCRIPTS
from deploy.local_services.local_service import LocalService
from deploy.local_services.process import LocalServiceFailed, Process

#: The only virtual host. It has a name of its own, because clients write the default host "/" in different ways.
VHOST = "guichuang"
ADMINISTRATOR = "administrator"
#: Erlang's distribution listens on loopback only, both the node's distribution port and those of the command line tools.
LOOPBACK_ONLY = "-kernel inet_dist_use_interface {127,0,0,1}"
#: The environment variable that names the folder of the Debian release whose server is run. If it is empty, the machine's own
#: server is run.
ROOT_VARIABLE = "RABBITMQ_ROOT"
#: Lines of rabbitmq.conf with which RabbitMQ 4 refuses what 4.3 refuses by default.
AS_4_3 = (
    "deprecated_features.permit.transient_nonexcl_queues = false",
    "deprecated_features.permit.global_qos = false",
)
#: The shell script that runs a command below the root ($0), with the server's folder ($1) mounted under its usual path. The
#: mounts end with the process.
_BELOW_ROOT = (
    'mkdir -p "$0$1" && mount --rbind /proc "$0/proc" && mount --rbind /dev "$0/dev" && mount --bind "$1" "$0$1" || exit 1; '
    'root=$0; shift; exec chroot "$root" "$@"'
)


class RabbitMQ(LocalService):
    """A RabbitMQ node. `uri()` is an AMQP URI. Queues, users and persistent messages survive stop, start and kill."""

    name = "rabbitmq"
    port_names = ("amqp", "distribution", "epmd")

    def __init__(self, folder: Path, *, root: str | None = None) -> None:
        """`root` is the folder of another Debian release, by default the one that the environment variable `RABBITMQ_ROOT` names.
        "" is the machine's own server. A server of version 4 is configured to refuse what 4.3 refuses by default."""
        super().__init__(folder)
        self._root = os.environ.get(ROOT_VARIABLE, "") if root is None else root
        self._port_mapper = Process("epmd", self.folder)

    def start(self) -> None:
        self._start_port_mapper()
        super().start()

    def keep(self) -> bool:
        """Start the node and its port mapper again if they have ended although `stop` and `kill` were not called."""
        with self._lock:
            if self._wanted:
                self._start_port_mapper()
            return super().keep()

    def _start_port_mapper(self) -> None:
        if self._port_mapper.pid is None:
            epmd = "/usr/bin/epmd" if self._root else shutil.which("epmd")
            if epmd is None:
                raise LocalServiceFailed("epmd is missing: install rabbitmq-server")
            address = ["-address", "127.0.0.1", "-port", str(self.port("epmd"))]
            self._port_mapper.start(self.within([epmd, *address]), self.environment())
            self._port_mapper.wait_until(lambda: _listens(self.port("epmd")), seconds=60)

    def stop(self) -> None:
        super().stop()
        self._port_mapper.stop()

    def uri(self, user: str | None = None) -> str:
        """Return the AMQP URI of `user` (see `add_user`), by default the administrator's."""
        user = user or ADMINISTRATOR
        return f"amqp://{user}:{self.secret(user)}@127.0.0.1:{self.port('amqp')}/{VHOST}"

    def ctl(self, *arguments: str) -> str:
        """Run `rabbitmqctl` and return its output without headers. Raises LocalServiceFailed with its message if it fails."""
        return self._tool("rabbitmqctl", "--quiet", *arguments)

    def import_definitions(self, definitions: Mapping[str, Any]) -> None:
        """Import what `guichuang broker definitions` or `guichuang broker federation` writes. A file is used, because rabbitmqctl
        of RabbitMQ 3.12 to 4.1 never finishes reading a pipe."""
        file = self.folder / "definitions.json"
        file.touch(mode=0o600)
        file.write_text(json.dumps(definitions))
        self.ctl("import_definitions", str(file))
        file.unlink()

    def enable(self, plugin: str) -> None:
        """Enable a plugin while the node runs; it stays enabled after the next start."""
        self._tool("rabbitmq-plugins", "--quiet", "enable", plugin)

    def add_user(self, user: str) -> str:
        """Create a user with its own password and no permissions yet, and return its URI. Repeating it changes nothing."""
        if user not in {line.split("\t")[0] for line in self.ctl("list_users").splitlines()}:
            self.ctl("add_user", user, self.secret(user))
        return self.uri(user)

    def set_permissions(self, user: str, *, configure: str, write: str, read: str) -> None:
        """Set what `user` may configure, write and read: regular expressions over the names of exchanges and queues."""
        self.ctl("set_permissions", "-p", VHOST, user, configure, write, read)

    def _tool(self, program: str, *arguments: str) -> str:
        command = self.within([str(RABBITMQ_SCRIPTS / program), *arguments])
        done = subprocess.run(command, env=self.environment(), capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise LocalServiceFailed(f"{program} {' '.join(arguments[1:2])}: {done.stdout}{done.stderr}")
        return done.stdout

    def prepare(self) -> None:
        cookie = self.folder / ".erlang.cookie"
        if not cookie.exists():
            cookie.touch(mode=0o600)
            cookie.write_text(secrets.token_hex(20))
            cookie.chmod(0o400)
        plugins = self.folder / "enabled_plugins"
        if not plugins.exists():
            plugins.write_text("[].\n")
        (self.folder / "rabbitmq.conf").write_text(
            f"listeners.tcp.1 = 127.0.0.1:{self.port('amqp')}\n"
            f"default_vhost = {VHOST}\n"
            f"default_user = {ADMINISTRATOR}\n"
            f"default_pass = {self.secret(ADMINISTRATOR)}\n"
            "disk_free_limit.absolute = 100MB\n"
            "log.file = false\n"
            "log.console = true\n" + "".join(f"{line}\n" for line in (AS_4_3 if not self.version.startswith("3.") else ()))
        )

    def command(self) -> Sequence[str]:
        return self.within([str(RABBITMQ_SCRIPTS / "rabbitmq-server")])

    def environment(self) -> Mapping[str, str]:
        here = self.folder
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "LANG": "C.UTF-8",
            "HOME": str(here),
            "ERL_EPMD_PORT": str(self.port("epmd")),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": self._node,
            "RABBITMQ_DIST_PORT": str(self.port("distribution")),
            "RABBITMQ_MNESIA_BASE": str(here / "mnesia"),
            "RABBITMQ_LOG_BASE": str(here),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(here / "enabled_plugins"),
            "RABBITMQ_CONFIG_FILE": str(here / "rabbitmq.conf"),
            # No configuration file of the system's own installation is read.
            "RABBITMQ_CONFIG_FILES": str(here / "conf.d"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(here / "advanced.config"),
            "RABBITMQ_CONF_ENV_FILE": str(here / "rabbitmq-env.conf"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(here / "generated"),
            "RABBITMQ_FEATURE_FLAGS_FILE": str(here / "feature_flags"),
            # The start script stays the parent of the node unless input is allowed. With input it becomes the node itself, so
            # that this object has the node's pid. No input is sent.
            "RABBITMQ_ALLOW_INPUT": "1",
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": f"-noinput {LOOPBACK_ONLY}",
            "RABBITMQ_CTL_ERL_ARGS": LOOPBACK_ONLY,
            # From 0 to 0 means any free port, so that several command line tools can run at the same time.
            "RABBITMQ_CTL_DIST_PORT_MIN": "0",
            "RABBITMQ_CTL_DIST_PORT_MAX": "0",
        }

    def ready(self) -> bool:
        """Return whether the node answers an AMQP client; opening its listener is the last step of its start."""
        try:
            with socket.create_connection(("127.0.0.1", self.port("amqp")), timeout=2) as connection:
                connection.sendall(b"AMQP\x00\x00\x09\x01")
                return connection.recv(1) == b"\x01"
        except OSError:
            return False

    def within(self, command: Sequence[str]) -> list[str]:
        """Return the command in the form in which it must be run to use this broker's own programs."""
        if not self._root:
            return list(command)
        return ["unshare", "--mount", "sh", "-c", _BELOW_ROOT, self._root, str(self.folder), *command]

    @property
    def version(self) -> str:
        """Return the version of this broker's programs, taken from the name of Debian's folder, such as
        `rabbitmq_server-3.10.8`."""
        programs = Path(self._root or "/") / RABBITMQ_SCRIPTS.parent.relative_to("/") / "lib"
        [folder] = programs.glob("rabbitmq_server-*")
        return folder.name.rpartition("-")[2]

    @property
    def _node(self) -> str:
        return f"guichuang-{self.port('amqp')}@localhost"


def _listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=1).close()
    except OSError:
        return False
    return True
