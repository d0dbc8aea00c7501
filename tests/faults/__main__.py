"""`make faults`: kill every process in turn for some minutes and check that nothing was lost. Exit status 1 if there is any
flaw."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from tests.faults.run import run

parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
parser.add_argument("--minutes", type=float, default=4.0)
options = parser.parse_args()
with tempfile.TemporaryDirectory(prefix="guichuang-faults-") as folder:
    sys.exit(1 if run(Path(folder), options.minutes * 60).flaws else 0)
