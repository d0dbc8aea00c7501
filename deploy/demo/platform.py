"""The platform on which the demonstration runs: one that is running, or a temporary embedded one."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from deploy.demo.client import Server
from deploy.demo.people import People
from deploy.local_services.local_service import LocalService
from services.contracts.payload import JsonObject
from services.kernel.settings import Settings


class Embedded(LocalService):
    """An embedded demonstration platform in a process of its own; `settings` are additional environment variables."""

    name = "platform"
    port_names = ("http",)

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder)
        self._settings = settings
        self.server = Server(f"http://127.0.0.1:{self.port('http')}")

    def command(self) -> Sequence[str]:
        return [sys.executable, "-m", "deploy.embedded"]

    def environment(self) -> Mapping[str, str]:
        variables = {
            "GUICHUANG_SEED": "demo",
            "GUICHUANG_VAR": str(self.folder),
            "GUICHUANG_HTTP": f"127.0.0.1:{self.port('http')}",
        }
        return {**os.environ, **variables, **self._settings}

    def ready(self) -> bool:
        return self.server.ready()


@contextmanager
def platform(settings: Settings) -> Iterator[People]:
    """Yield the participants on the platform of these settings if it answers; otherwise on an embedded one, which stops at the
    end of the block.

    Raises FileNotFoundError if a platform answers and its accounts file does not exist.
    """
    server = Server(f"http://{settings.http}")
    if server.ready():
        yield People(server, accounts(settings.folder))
        return
    with tempfile.TemporaryDirectory(prefix="guichuang-demo-") as folder, Embedded(Path(folder)) as embedded:
        yield People(embedded.server, accounts(embedded.folder))


def accounts(folder: Path) -> list[JsonObject]:
    """Return the accounts that the platform created at its first start. Raises FileNotFoundError if it created none."""
    file = folder / "accounts.json"
    if not file.exists():
        raise FileNotFoundError(
            f"{file} 不存在：演示需要以 GUICHUANG_SEED=demo 启动的平台，并以 GUICHUANG_VAR 指明其数据目录。\n"
            f"{file} is not there: start the platform with GUICHUANG_SEED=demo and name its folder in GUICHUANG_VAR."
        )
    listed: list[JsonObject] = json.loads(file.read_text(encoding="utf-8"))
    return listed
