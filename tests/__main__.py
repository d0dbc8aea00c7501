"""`python -m tests`: run every test except those of `make browser`, in two runs at the same time. Arguments on the command line
are passed to both.

One run starts platforms of many processes and mostly waits for them; the other mostly computes in its own process. Together they
keep two processors busy, and take about the same time. No two platforms of many processes run at once, and such a platform has
priority if both runs want a processor.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

#: Tests that start several processes; every other test, including new ones, belongs to the other run.
PLATFORMS = (
    "tests/faults",
    "tests/deploy/test_cluster.py",
    "tests/deploy/test_console_apart.py",
    "tests/deploy/test_doctor.py",
    "tests/deploy/test_doctor_one_process.py",
    "tests/deploy/test_doctor_symptoms.py",
    "tests/deploy/test_documented_pipes.py",
    "tests/deploy/test_independence.py",
    "tests/deploy/test_own_console.py",
    "tests/deploy/test_private_files.py",
    "tests/integration/backup",
    "tests/integration/local_services",
    "tests/integration/bus",
    "tests/browser",
)
#: The stories that run on a platform of either shape. Each run takes one shape. They come last, because their platform lives
#: until its run ends.
STORIES = "tests/acceptance"


def main(words: Sequence[str]) -> int:
    """Run both. Return exit status 0 if both pass. The output of the platforms' run is shown as it appears, that of the other run
    after both have ended."""
    pytest = [sys.executable, "-m", "pytest", "-q", *words]
    with tempfile.TemporaryFile() as said:
        folders = sorted(
            str(path) for path in Path("tests").iterdir() if path.is_dir() and str(path) not in (*PLATFORMS, STORIES)
        )
        ignored = [f"--ignore={path}" for path in PLATFORMS]
        others = ["nice", "-n", "5", *pytest, "-m", "not cluster", *ignored, *folders, STORIES]
        beside = subprocess.Popen(others, stdout=said, stderr=subprocess.STDOUT)
        try:
            slow = [*pytest, "-m", "not browser and not embedded", *PLATFORMS, STORIES]
            platforms = subprocess.run(slow, check=False).returncode
        finally:
            rest = beside.wait()
            print("\nThe run beside it:", flush=True)
            said.seek(0)
            shutil.copyfileobj(said, sys.stdout.buffer)
            sys.stdout.flush()
    return int(platforms != 0 or rest != 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
