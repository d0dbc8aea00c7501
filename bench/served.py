"""`python -m bench.served application|notification`: run the artificial service on the platform's own bus, in a process as the
cluster runs it."""

from __future__ import annotations

import os
import sys

from services.kernel.amqp import green


def main(name: str) -> None:
    green.patch()
    from bench import sample_service
    from bench.infrastructure import READY
    from services.kernel.amqp import service

    runtime = sample_service.runtime(name, os.environ[f"GUICHUANG_DB_{name.upper()}"], os.environ["GUICHUANG_VAR"])
    print(READY, flush=True)
    service.run(runtime, os.environ["GUICHUANG_BUS"], sample_service.AT_ONCE)


if __name__ == "__main__":
    main(sys.argv[1])
