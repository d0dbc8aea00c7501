"""Sees to it that the Debian packages of the parts are there: `python -m deploy.local_services.install`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.kernel.settings import Settings

#: Where Debian puts RabbitMQ's own scripts; those in /usr/sbin change to the service's user, which a private one isn't.
RABBITMQ_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
#: ClamAV's daemon.
CLAMD = Path("/usr/sbin/clamd")
#: The font for rare ideographs in papers.
WIDE_FONT = Path(Settings().fonts) / "HanaMinB.ttf"
#: A package that starts its service asks this script first; exit code 101 says no.
POLICY = Path("/usr/sbin/policy-rc.d")


class NotInstalled(Exception):
    """A server program is missing and may not be installed from here; the message says what to install."""


def postgres_programs() -> Path | None:
    """The folder of initdb and postgres: pg_config's, Debian's newest, or what PATH has; None when there is none."""
    folders = []
    if shutil.which("pg_config"):
        answer = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(answer.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def missing_packages() -> list[str]:
    """Debian names of what is not installed."""
    missing = []
    if not (RABBITMQ_SCRIPTS / "rabbitmq-server").exists():
        missing.append("rabbitmq-server")
    if postgres_programs() is None:
        missing.append("postgresql")
    if not CLAMD.exists():
        missing.append("clamav-daemon")
    if not WIDE_FONT.exists():
        missing.append("fonts-hanazono")
    if shutil.which("chromium") is None:  # the browser tests drive it
        missing.append("chromium")
    if shutil.which("promtool") is None:  # it checks the alerting rules
        missing.append("prometheus")
    return missing


def ensure() -> None:
    """Install what is missing where that is possible, without starting any service.

    NotInstalled when it is not possible: not root, or no apt-get.
    """
    missing = missing_packages()
    if not missing:
        return
    install = ["apt-get", "install", "-y", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or shutil.which("apt-get") is None:
        raise NotInstalled(f"缺少软件包，请安装 / missing packages, please install: sudo {' '.join(install)}")
    print(f"安装 / installing: {' '.join(missing)}", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with _services_stay_off():
        for command in (["apt-get", "update"], install):
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            if done.returncode != 0:
                raise NotInstalled(f"{' '.join(command)}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


@contextmanager
def _services_stay_off() -> Iterator[None]:
    """Where the machine has a policy of its own already, that one holds."""
    ours = not POLICY.exists()
    if ours:
        POLICY.write_text("#!/bin/sh\nexit 101\n")
        POLICY.chmod(0o755)
    try:
        yield
    finally:
        if ours:
            POLICY.unlink()


if __name__ == "__main__":
    try:
        ensure()
    except NotInstalled as error:
        sys.exit(str(error))
