"""Compare a command on our bus with the same command over stock nameko RPC with its EventDispatcher."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import nameko
from nameko.standalone.rpc import ClusterRpcClient

from bench import sample_service
from bench.infrastructure import READY_SECONDS, Ground, median, rate, spread
from bench.table import Line
from deploy import composition
from services.kernel.amqp.client import Client
from services.kernel.errors import Unavailable
from services.kernel.ids import new_id
from services.kernel.messaging import rpc
from services.kernel.settings import Settings

CLIENTS = (1, 16)
RUNS = 5
SECONDS = 4.0
#: The factor by which the rate of commands on our bus must exceed the rate on stock nameko.
BAR = 3.0
TITLE = "关于组建广西某某创新联合体的申请"


def measure(ground: Ground) -> list[Line]:
    """Measure the rates of commands on stock nameko and on our bus alternately, several times, and compare the medians."""
    rates: dict[tuple[str, int], list[float]] = {}
    for _ in range(RUNS):
        for name, served in (("stock", stock), ("ours", ours)):
            with served(ground) as clients:
                for number in CLIENTS:
                    rates.setdefault((name, number), []).append(rate(clients[:number], SECONDS))
    return [_line(number, rates["ours", number], rates["stock", number]) for number in CLIENTS]


def _line(clients: int, ours: list[float], stock: list[float]) -> Line:
    ratio = median(ours) / median(stock)
    return Line(
        what=f"command on the bus, {clients} client{'s' if clients > 1 else ''}",
        ours=f"{median(ours):,.0f}/s ({spread(ours)})",
        yardstick=f"stock nameko RPC + EventDispatcher: {median(stock):,.0f}/s ({spread(stock)})",
        measured=f"{ratio:.1f} ×",
        bar=f"≥ {BAR:g} ×",
        met=ratio >= BAR,
    )


@contextmanager
def stock(ground: Ground) -> Iterator[list[Callable[[], object]]]:
    """Run the stock service; yield functions that each send it one command. Each has a client of its own that stays connected,
    for a thread of its own."""
    url = ground.fresh_database()
    sample_service.prepare(url)
    nameko.config.update({"AMQP_URI": ground.broker.uri()})
    var = str(ground.folder / "var")
    composition.make_keys(Settings(var=var))
    environment = {"GUICHUANG_BUS": ground.broker.uri(), "GUICHUANG_DB_APPLICATION": url, "GUICHUANG_VAR": var}
    with ground.process("stock", ["bench.stock"], environment), ExitStack() as stack:
        proxies = [stack.enter_context(ClusterRpcClient(timeout=20)) for _ in range(max(CLIENTS))]
        yield [lambda proxy=proxy: proxy.stock.hand_in(new_id(), TITLE) for proxy in proxies]


@contextmanager
def ours(ground: Ground) -> Iterator[list[Callable[[], object]]]:
    """Run our service; yield functions that each send it one command. All threads share one client, as in the gateway."""
    url = ground.fresh_database()
    sample_service.prepare(url)
    environment = {
        "GUICHUANG_BUS": ground.broker.uri(),
        "GUICHUANG_DB_APPLICATION": url,
        "GUICHUANG_VAR": str(ground.folder / "var"),
    }
    with ground.process("ours", ["bench.served", "application"], environment):
        client = Client(ground.broker.uri())
        caller = rpc.Caller(client, composition.signer("gateway", Settings(var=environment["GUICHUANG_VAR"])))

        def hand_in() -> object:
            return caller.call("application", "hand_in", {"title": TITLE}, sample_service.APPLICANT, key=new_id())

        _wait_for(hand_in)
        yield [hand_in] * max(CLIENTS)
        client.close()


def _wait_for(call: Callable[[], object]) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while True:
        try:
            call()
            return
        except Unavailable:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.1)
