"""`python -m deploy.local_services.install`: ensure that the Debian packages of the servers are installed."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from services.kernel.settings import Settings

#: Debian's folder of RabbitMQ's own scripts. The scripts in /usr/sbin change to the service's user, which a private server does
#: not need.
RABBITMQ_SCRIPTS = Path("/usr/lib/rabbitmq/bin")
#: ClamAV's daemon.
CLAMD = Path("/usr/sbin/clamd")
#: The font for rare ideographs in generated documents.
WIDE_FONT = Path(Settings().fonts) / "HanaMinB.ttf"
#: A package calls this script before it starts its service; with exit code 101 the service is not started.
POLICY = Path("/usr/sbin/policy-rc.d")


class NotInstalled(Exception):
    """A server program is missing and this command cannot install it; the message names the packages to install."""


def postgres_programs() -> Path | None:
    """Return the folder of initdb and postgres: pg_config's, Debian's newest, or one in PATH; None if there is none."""
    folders = []
    if shutil.which("pg_config"):
        answer = subprocess.run(["pg_config", "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(answer.stdout.strip()))
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda folder: float(folder.parent.name), reverse=True)
    if on_path := shutil.which("initdb"):
        folders.append(Path(on_path).parent)
    return next((folder for folder in folders if (folder / "initdb").exists() and (folder / "postgres").exists()), None)


def missing_packages() -> list[str]:
    """Return the Debian names of the packages that are not installed."""
    missing = []
    if not (RABBITMQ_SCRIPTS / "rabbitmq-server").exists():
        missing.append("rabbitmq-server")
    if postgres_programs() is None:
        missing.append("postgresql")
    if not CLAMD.exists():
        missing.append("clamav-daemon")
    if not WIDE_FONT.exists():
        missing.append("fonts-hanazono")
    if shutil.which("chromium") is None:  # The browser tests need chromium.
        missing.append("chromium")
    if shutil.which("promtool") is None:  # The alerting rules are checked with promtool.
        missing.append("prometheus")
    return missing


def ensure(*packages: str) -> None:
    """Install those of these packages that are missing, by default of all, without starting any service.

    Raises NotInstalled if that is not possible: without root or without apt-get.
    """
    missing = [package for package in missing_packages() if not packages or package in packages]
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
    """Prevent packages from starting services in this block. If the machine already has a `policy-rc.d` script, that script stays
    in force."""
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
