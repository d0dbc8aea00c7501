"""`make brokers`: run the tests of bus, faults and federation on RabbitMQ 4, and the test that changes from the installed server
to it.

RabbitMQ 4 is that of the next Debian release, run by chroot. If that is not possible, one line says why and nothing is run.
"""

from __future__ import annotations

import os
import subprocess
import sys

from deploy.local_services.rabbitmq import ROOT_VARIABLE
from tests import newer_debian

#: The tests that depend on the broker's version.
TESTS = (
    "tests/integration/bus",
    "tests/integration/local_services/test_rabbitmq.py",
    "tests/integration/local_services/test_topology.py",
    "tests/deploy/test_supported_versions.py",
    "tests/deploy/test_documented_pipes.py",
    "tests/deploy/test_independence.py",
    "tests/faults/test_short.py",
)


def main() -> int:
    if reason := newer_debian.fetch():
        print(f"skipped: RabbitMQ 4 cannot be run here: {reason}")
        return 0
    tests = _on_newer_broker("pytest", "-q", "-m", "not browser", *TESTS)
    return int(not tests or not changed())


def changed() -> bool:
    """Change from the installed server to the newer one while people work; return whether nothing was lost."""
    return _on_newer_broker("tests.faults.new_broker")


def _on_newer_broker(*module: str) -> bool:
    surroundings = os.environ | {ROOT_VARIABLE: str(newer_debian.FOLDER)}
    return subprocess.run([sys.executable, "-m", *module], env=surroundings, check=False).returncode == 0


if __name__ == "__main__":
    sys.exit(main())
