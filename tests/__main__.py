"""`python -m tests`: every test but those of `make browser`, in two runs side by side. Words on the command line go to both.

One run starts platforms of many processes and mostly waits for them, the other mostly computes in its own process. Together
they keep two processors busy, no two platforms are at work at once, and a platform goes first where both want a processor.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence

#: Where platforms of several processes are started; every other folder belongs to the other run, new ones too. What lasts until
#: its run is over comes last, so that it is not idle beside others.
PLATFORMS = (
    "tests/faults",
    "tests/deploy",
    "tests/integration/keeping",
    "tests/integration/parts",
    "tests/integration/bus",
    "tests/browser",
    "tests/acceptance",
)


def main(words: Sequence[str]) -> int:
    """Exit status 0 when both runs are green. The platforms' run is shown as it goes, the other when both are done."""
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
