"""`make brokers`: run the tests of bus, faults and federation on RabbitMQ 4, and the test that changes from the installed server
to it.

RabbitMQ 4 comes from Debian trixie, which debootstrap puts into a folder; it runs by chroot. If that is not possible, one line
says why and nothing is run.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

from deploy.local_services import install
from deploy.local_services.rabbitmq import ROOT_VARIABLE

ROOT = Path(__file__).parents[1]
RELEASE = "trixie"
#: The folder in which the newer release is kept between runs.
FOLDER = ROOT / "build" / RELEASE
#: The tests that depend on the broker's version.
TESTS = (
    "tests/integration/bus",
    "tests/integration/local_services/test_rabbitmq.py",
    "tests/integration/local_services/test_topology.py",
    "tests/deploy/test_documented_pipes.py",
    "tests/deploy/test_independence.py",
    "tests/faults/test_short.py",
)


def newer_release() -> Path | str:
    """Return the folder of the newer Debian release, which is created if it does not exist; or the reason why it cannot be
    created."""
    if (FOLDER / install.RABBITMQ_SCRIPTS.relative_to("/") / "rabbitmq-server").exists():
        return FOLDER
    if os.geteuid() != 0:
        return "chroot needs root"
    if subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0:
        return "this machine allows no mounts"
    if shutil.which("debootstrap") is None:
        for command in (["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", "debootstrap"]):
            if subprocess.run(command, capture_output=True, check=False).returncode != 0:
                return "debootstrap is not installed, and apt-get cannot install it"
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.parent.mkdir(exist_ok=True)
    print(f"fetching Debian {RELEASE} with RabbitMQ into {FOLDER}", flush=True)
    fetch = ["debootstrap", "--variant=minbase", "--include=rabbitmq-server", RELEASE, str(FOLDER)]
    done = subprocess.run(fetch, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        shutil.rmtree(FOLDER, ignore_errors=True)
        return f"debootstrap failed: {(done.stdout + done.stderr).strip().splitlines()[-1]}"
    return FOLDER


def main() -> int:
    found = newer_release()
    if isinstance(found, str):
        print(f"skipped, RabbitMQ 4 cannot be run here: {found}")
        return 0
    surroundings = os.environ | {ROOT_VARIABLE: str(found)}
    tests = subprocess.run([sys.executable, "-m", "pytest", "-q", "-m", "not browser", *TESTS], env=surroundings, check=False)
    change = subprocess.run([sys.executable, "-m", "tests.faults.new_broker"], env=surroundings, check=False)
    return int(tests.returncode != 0 or change.returncode != 0)


if __name__ == "__main__":
    sys.exit(main())
