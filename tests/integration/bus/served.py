"""Run one sample service as a process on RabbitMQ. Arguments: the service, its bureaus (separated by commas), the folder of keys,
the URL of its database, and the address of the broker."""

import sys
from pathlib import Path

from services.kernel.amqp import green


def main(service: str, bureaus: str, folder: str, url: str, bus: str) -> None:
    green.patch()
    from services.kernel import observability
    from services.kernel.amqp.service import run
    from services.kernel.settings import Settings
    from tests.integration.bus import sample_services

    observability.start(Settings.from_environment())
    run(sample_services.runtime(service, tuple(bureaus.split(",")), Path(folder), url), bus, at_once=8)


if __name__ == "__main__":
    main(*sys.argv[1:])
