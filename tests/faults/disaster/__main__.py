"""`make disaster`: destroy a part of the platform on purpose while people work, and recover it by the procedures of
docs/operations/disaster.md. The arguments name the parts; without arguments all are tested. It prints how long each step took;
exit status 1 if there is any flaw."""

from __future__ import annotations

import argparse
import sys
import tempfile
from functools import partial
from pathlib import Path

from deploy.local_services import install
from tests.faults.disaster.broker import lose_the_broker
from tests.faults.disaster.databases import lose_a_server, undo_a_mistake
from tests.faults.disaster.everything import lose_everything
from tests.faults.disaster.store import lose_the_store

LOSSES = {
    "broker": lose_the_broker,
    "server": lose_a_server,
    "mistake": undo_a_mistake,
    "store": lose_the_store,
    "everything": lose_everything,
}

parser = argparse.ArgumentParser(prog="python -m tests.faults.disaster", description=__doc__)
parser.add_argument("loss", nargs="*", metavar="LOSS", help=f"any of {', '.join(LOSSES)}; all when none is named")
parser.add_argument("--cases", type=int, default=0, help="fill the databases first, to see what size costs (everything)")
options = parser.parse_args()
if unknown := set(options.loss) - LOSSES.keys():
    parser.error(f"no such loss: {', '.join(sorted(unknown))}")
install.ensure()
flaws: list[str] = []
for name in options.loss or LOSSES:
    print(f"\n{name}", flush=True)
    lose = partial(lose_everything, cases=options.cases) if name == "everything" else LOSSES[name]
    with tempfile.TemporaryDirectory(prefix="guichuang-disaster-") as scratch:
        report = lose(Path(scratch))
    print("".join(f"  checked {count:>6}  {what}\n" for what, count in report.checked.items()), end="")
    print("".join(f"  FLAW  {flaw}\n" for flaw in report.flaws) or "  as it should be", flush=True)
    flaws += report.flaws
sys.exit(1 if flaws else 0)
