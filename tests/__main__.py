"""`python -m tests`: run every test except those of `make browser`, in two runs at the same time. Arguments on the command line
are passed to both.

One run starts platforms of many processes and mostly waits for them; the other mostly computes in its own process. Together they
keep two processors busy. No two platforms run at once, and a platform has priority if both runs want a processor.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

#: Folders whose tests start platforms of several processes; every other folder, including new ones, belongs to the other run. A
#: platform that lives until its run ends comes last, so that it does not idle beside others.
PLATFORMS = (
    "tests/faults",
    "tests/deploy",
    "tests/integration/backup",
    "tests/integration/local_services",
    "tests/integration/bus",
    "tests/browser",
    "tests/acceptance",
)


def main(words: Sequence[str]) -> int:
    """Run both. Return exit status 0 if both pass. The output of the platforms' run is shown as it appears, that of the other run
    after both have ended."""
    pytest = [sys.executable, "-m", "pytest", "-q", *words]
    with tempfile.TemporaryFile() as said:
        others = ["nice", "-n", "5", *pytest, "tests", *(f"--ignore={folder}" for folder in PLATFORMS)]
        beside = subprocess.Popen(others, stdout=said, stderr=subprocess.STDOUT)
        try:
            platforms = subprocess.run([*pytest, "-m", "not browser", *PLATFORMS], check=False).returncode
        finally:
            rest = beside.wait()
            print("\nThe run beside it:", flush=True)
            said.seek(0)
            shutil.copyfileobj(said, sys.stdout.buffer)
            sys.stdout.flush()
    return int(platforms != 0 or rest != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
