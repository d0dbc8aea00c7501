"""`make versions`: the tests on other versions than this machine's, those of the next Debian release (`newer_debian`).

Its Python, PostgreSQL and RabbitMQ run the unit tests and the tests of bus and databases. `make brokers` and `make postgres` run
faults, federation and the changes to the newer servers. If that is not possible here, one line says why and nothing is run.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time

from deploy.local_services.rabbitmq import ROOT_VARIABLE
from tests import newer_debian

#: The tests that depend on the version of Python or of a server.
TESTS = (
    "tests/unit",
    "tests/integration/kernel",
    "tests/integration/bus",
    "tests/integration/local_services/test_rabbitmq.py",
    "tests/integration/local_services/test_topology.py",
    "tests/deploy/test_supported_versions.py",
    "tests/deploy/test_documented_pipes.py",
)


def main() -> int:
    began = time.monotonic()
    if reason := newer_debian.fetch():
        print(f"skipped: other versions cannot be run here: {reason}")
        return 0
    make = ["make", "setup-dev", f"PYTHON={newer_debian.PYTHON}"]
    if subprocess.run(newer_debian.view(make), cwd=newer_debian.ROOT, check=False).returncode != 0:
        return 1
    print(f"Debian {newer_debian.RELEASE} and its environment were ready after {time.monotonic() - began:.0f} s", flush=True)
    pytest = [str(newer_debian.ROOT / ".venv/bin/python"), "-m", "pytest", "-q", *TESTS]
    without = {name: value for name, value in os.environ.items() if name != ROOT_VARIABLE}
    return subprocess.run(newer_debian.view(pytest), cwd=newer_debian.ROOT, env=without, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
