"""`make cluster`: the distributed shape on this machine, until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from types import FrameType

from deploy.cluster.machine import CITY, Machine
from deploy.parts import PartFailed, install
from services.kernel.settings import Settings
from services.policy.bureaus import BUREAUS, PROVINCE

#: Who may run a review service of its own beside the province.
APART = [code for code in BUREAUS if code != PROVINCE]


def main() -> int:
    """Exit status 1 when a package is missing or something does not come up."""
    parser = argparse.ArgumentParser(prog="make cluster")
    parser.add_argument(
        "cities",
        nargs="*",
        choices=APART,
        help="bureaus that run a review service of their own",
    )
    cities = parser.parse_args().cities or [CITY]
    stop = threading.Event()

    def ending(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ending)
    signal.signal(signal.SIGINT, ending)
    machine = Machine(Settings.from_environment(), cities)
    try:
        install.ensure()
        machine.start()
        print(f"Guichuang 桂创 serves http://{machine.settings.http}  (API: /docs); logs: {machine.folder}/*.log")
        print(f"For the operator's commands: . {machine.folder}/environment", flush=True)
        stop.wait()
        return 0
    except (PartFailed, install.NotInstalled) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        machine.stop()


if __name__ == "__main__":
    sys.exit(main())
