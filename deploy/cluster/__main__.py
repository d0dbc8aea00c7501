"""`make cluster`: the distributed shape on this machine, until Ctrl-C."""

from __future__ import annotations

import signal
import sys
import threading
from types import FrameType

from deploy.cluster.machine import Machine
from deploy.parts import PartFailed, install
from services.kernel.settings import Settings


def main() -> int:
    """Exit status 1 when a package is missing or something does not come up."""
    stop = threading.Event()

    def ending(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ending)
    signal.signal(signal.SIGINT, ending)
    machine = Machine(Settings.from_environment())
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
