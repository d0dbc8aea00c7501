"""`python -m tests`: every test except those of `make browser`, in two runs side by side. Arguments on the command line go to
both.

One run starts platforms of many processes and mostly waits for them, the other mostly computes in its own process. Together they
keep two processors busy; no two platforms run at once, and a platform has priority if both want a processor.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

#: Folders whose tests start platforms of several processes; every other folder belongs to the other run, new ones too. A platform
#: that lives until its run ends comes last, so that it does not idle beside others.
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
    """Run both; return exit status 0 if both pass. The output of the platforms' run is shown as it appears, that of the other
    when both are done."""
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
