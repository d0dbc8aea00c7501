"""`make cluster`: run the distributed deployment on this machine until Ctrl-C."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Sequence
from types import FrameType

from deploy.cluster.local_cluster import CITY, LocalCluster
from deploy.local_services import LocalServiceFailed, install
from deploy.private_files import restrict_new_files, tighten
from services.kernel.settings import Settings
from services.policy.bureaus import BUREAUS, PROVINCE


def cities(arguments: Sequence[str]) -> list[str]:
    """Return the bureaus that run a review service of their own: those named as arguments, or one by default."""
    parser = argparse.ArgumentParser(prog="make cluster")
    parser.add_argument("city", nargs="*", type=_city, help="bureaus that run a review service of their own")
    return parser.parse_args(arguments).city or [CITY]


def _city(code: str) -> str:
    if code not in (apart := [code for code in BUREAUS if code != PROVINCE]):
        raise argparse.ArgumentTypeError(f"{code} is none of {', '.join(apart)}")
    return code


def main() -> int:
    """Run the cluster. Return exit status 1 if a package is missing or a process does not become ready."""
    restrict_new_files()
    apart = cities(sys.argv[1:])
    stop = threading.Event()

    def ending(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    signal.signal(signal.SIGTERM, ending)
    signal.signal(signal.SIGINT, ending)
    settings = Settings.from_environment()
    tighten(settings)
    machine = LocalCluster(settings, apart)
    try:
        install.ensure()
        machine.start()
        print(f"Guichuang 桂创 serves http://{machine.settings.http}  (API: /docs); logs: {machine.folder}/*.log")
        print(f"For the operator's commands: . {machine.folder}/environment", flush=True)
        stop.wait()
        return 0
    except (LocalServiceFailed, install.NotInstalled) as error:
        print(error, file=sys.stderr)
        return 1
    finally:
        machine.stop()


if __name__ == "__main__":
    sys.exit(main())
