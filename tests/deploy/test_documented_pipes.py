"""Each command of docs/operations that imports definitions into a broker works exactly as it is written there.

In place of `kubectl` and `docker` the test runs scripts that run the given command as the broker's own user, with the same
standard input; `install`, `rm` and `rabbitmqctl` are those of the broker's Debian release."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from deploy.cluster.topology import EVENTS_POLICY
from deploy.local_services import RabbitMQ, install
from deploy.local_services.rabbitmq import VHOST
from tests.integration.bus.buses import eventually

PAGES = Path(__file__).parents[2] / "docs/operations"
#: Matches a fenced block of code in the documentation. `documented` uses those that import the broker's definitions.
BLOCK = re.compile(r"```\w*\n(?P<fenced>.*?)```", re.DOTALL)
#: Seconds after which a command counts as hanging.
PATIENCE = 120


def documented() -> list[tuple[str, str]]:
    """Return (page, script) of each block of code in the documentation that imports the broker's definitions."""
    return [
        (page.name, block["fenced"])
        for page in sorted(PAGES.glob("*.md"))
        for block in BLOCK.finditer(page.read_text(encoding="utf-8"))
        if "import_definitions" in block["fenced"]
    ]


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitMQ]:
    install.ensure("rabbitmq-server", "postgresql")
    with RabbitMQ(tmp_path_factory.mktemp("broker")) as broker:
        broker.enable("rabbitmq_federation")
        for account in ("link-450000", "link-450300"):
            broker.add_user(account)
        yield broker


@pytest.fixture(scope="module")
def programs(broker: RabbitMQ, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the scripts that replace `kubectl`, `docker` and the other programs. It must come first on PATH."""
    folder = tmp_path_factory.mktemp("bin")
    surroundings = dict(broker.environment())
    del surroundings["HOME"]  # Removed from the environment, so that the new user's own home folder is used.
    surroundings |= {
        "RABBITMQ_ERLANG_COOKIE": (broker.folder / ".erlang.cookie").read_text(),
        "PATH": "/usr/sbin:/usr/bin:/sbin:/bin",
    }
    there = [*broker.within(["env"]), *(f"{name}={value}" for name, value in surroundings.items())]
    as_its_user = [*there, "setpriv", "--reuid=rabbitmq", "--regid=rabbitmq", "--init-groups"]
    _program(folder / "guichuang", [sys.executable, "-m", "deploy.cli"])
    _program(folder / "rabbitmqctl", [*there, "/usr/sbin/rabbitmqctl"])
    for program in ("install", "rm"):
        _program(folder / program, [*there, program])
    _program(folder / "kubectl", as_its_user, after="--")
    _program(folder / "docker", as_its_user, after="broker")
    return folder


def _program(file: Path, command: Sequence[str], *, after: str = "") -> None:
    """Write a script `file` that runs `command` with those of its own arguments that follow the word `after`; with all of them if
    `after` is empty."""
    skip = f'while [ "$1" != {shlex.quote(after)} ]; do shift; done; shift\n' if after else ""
    file.write_text(f'#!/bin/sh\n{skip}exec {shlex.join(command)} "$@"\n')
    file.chmod(0o755)


def test_every_way_of_running_a_broker_is_documented() -> None:
    pages = [page for page, _ in documented()]
    assert pages.count("broker.md") == 3, "Debian's packages, Kubernetes, Docker Compose"
    assert {"disaster.md", "federation.md"} <= set(pages)
    # and no page of the documentation has a pipe that ends in rabbitmqctl
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES.glob("**/*.md"))
    assert re.findall(r"\| *rabbitmqctl", text) == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may become the broker's user")
@pytest.mark.parametrize(("page", "script"), documented(), ids=lambda value: value if value.endswith(".md") else "")
def test_a_documented_pipe_ends_and_the_broker_has_the_definitions(
    broker: RabbitMQ, programs: Path, page: str, script: str, tmp_path: Path
) -> None:
    # Given a broker into which the platform's definitions (exchanges, queues, policies) were not imported
    for policy in (EVENTS_POLICY, "from-450000", "from-450300"):
        if policy in broker.ctl("list_policies", "-p", VHOST):
            broker.ctl("clear_policy", "-p", VHOST, policy)
    surroundings = os.environ | {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "GUICHUANG_BUS": broker.uri(),
        "GUICHUANG_VAR": str(tmp_path / "var"),
    }
    # When the block of code in the documentation runs unchanged as a script
    done = subprocess.run(
        ["sh", "-e", "-c", script], env=surroundings, cwd=tmp_path, capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    # Then the script succeeds, and the broker has the definitions that the script printed
    assert done.returncode == 0, done.stdout + done.stderr
    wanted = "from-450" if page == "federation.md" else "bureau-450200"
    eventually(lambda: EVENTS_POLICY in (printed := _printed(broker)) and wanted in printed)


def _printed(broker: RabbitMQ) -> str:
    return broker.ctl("list_policies", "-p", VHOST) + broker.ctl("list_permissions", "-p", VHOST)
