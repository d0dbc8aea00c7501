"""`make versions`: the tests on other versions than this machine's, those of the next Debian release (`newer_debian`).

Its Python, PostgreSQL and RabbitMQ run the unit tests and the tests of bus, databases, faults and federation; then the broker is
changed from the installed server to RabbitMQ 4 while people work. If that is not possible here, one line says why and nothing is
run.
"""

from __future__ import annotations

import os
import subprocess
import sys

from deploy.local_services.rabbitmq import ROOT_VARIABLE
from tests import brokers, newer_debian

#: The tests that depend on the version of Python or of a server.
TESTS = ("tests/unit", "tests/integration/kernel", *brokers.TESTS)


def main() -> int:
    if reason := newer_debian.fetch():
        print(f"skipped: other versions cannot be run here: {reason}")
        return 0
    make = ["make", "setup-dev", f"PYTHON={newer_debian.PYTHON}"]
    if subprocess.run(newer_debian.view(make), cwd=newer_debian.ROOT, check=False).returncode != 0:
        return 1
    pytest = [str(newer_debian.ROOT / ".venv/bin/python"), "-m", "pytest", "-q", "-m", "not browser", *TESTS]
    without = {name: value for name, value in os.environ.items() if name != ROOT_VARIABLE}
    tests = subprocess.run(newer_debian.view(pytest), cwd=newer_debian.ROOT, env=without, check=False)
    return int(tests.returncode != 0 or not brokers.changed())


if __name__ == "__main__":
    sys.exit(main())
