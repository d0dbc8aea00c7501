"""Send one request through every service. Counting consumers would not show that a service answers: a process that takes messages
without answering is also a consumer of its queues."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

from deploy import composition
from deploy.doctor.finding import Finding, listed, wrong
from services.kernel.amqp.client import Client
from services.kernel.errors import DomainError, NotFound, Unavailable
from services.kernel.identity import Actor
from services.kernel.messaging import rpc
from services.kernel.messaging.signing import Signer
from services.kernel.relocation import fencing
from services.kernel.settings import Settings

#: Seconds within which a service must answer.
PATIENCE = 5.0
#: The actor in whose name the doctor sends requests.
DOCTOR = Actor("doctor", ("operator",))

#: A service, and, if it runs per bureau, the bureau whose queue gets the request.
Asked = tuple[str, str | None]


def check(settings: Settings, queries: Sequence[Asked]) -> Iterator[Finding]:
    """Ask each service for its parked events. Every service offers this query, and must read its database to answer it.

    The gateway's key signs the requests. A deployment without that key signs with its own: its services then refuse the request,
    and the refusal shows that they answer.
    """
    if not queries:
        return
    as_gateway = (settings.keys_folder / "gateway.key").exists()
    client = Client(settings.bus)
    # The findings report the client's errors, so the client need not log them.
    logging.getLogger(Client.__module__).setLevel(logging.ERROR)
    try:
        signers = {service: composition.signer("gateway" if as_gateway else service, settings) for service, _ in queries}
        with ThreadPoolExecutor(len(queries)) as threads:
            answers = list(threads.map(lambda query: _fault(client, signers[query[0]], *query, as_gateway=as_gateway), queries))
    except (OSError, ValueError):  # The findings about keys report this error.
        return
    finally:
        client.close()
    faults: dict[tuple[str, str], list[str]] = {}
    for (service, bureau), fault in zip(queries, answers, strict=True):
        if fault:
            faults.setdefault(fault, []).append(rpc.queue_of(service, bureau).removeprefix("rpc."))
    for (problem, advice), names in faults.items():
        yield wrong("requests", f"{listed(names)} {problem}", advice, passing=f"{names} {problem}")
    if not faults:
        services = sorted({service for service, _ in queries})
        yield Finding("requests", f"{', '.join(services)} {'answer' if len(services) > 1 else 'answers'}")


def _fault(client: Client, signer: Signer, service: str, bureau: str | None, *, as_gateway: bool) -> tuple[str, str] | None:
    """Send one request. Return the fault of the service's answer and the remedy; None if there is no fault."""
    send = partial(rpc.Caller(client, signer).call, service, "parked_events", {"limit": 1, "cursor": None}, DOCTOR)
    name = "identity" if service == "gateway" else service
    try:
        send(bureau=bureau, timeout=PATIENCE)
    except NotFound:  # A service of an earlier version does not have the query.
        return None
    except Unavailable as error:
        if error.code == fencing.MOVING:
            return (
                "refuses requests: the bureau is being moved, or has moved to another database",
                "See docs/operations/moving.md.",
            )
        if error.details.get("unknown"):
            advice = f"Look at the log and the load of `{name}`, and restart it if it hangs; the gateway answers 503 meanwhile."
            return f"takes requests and answers none within {PATIENCE:.0f} s", advice
        return f"answers requests with an error: {error.text.en}", f"The log of `{name}` has the cause."
    except DomainError as error:
        if error.code == "bad_signature" and as_gateway:
            advice = "Give it the public half of the gateway's key: gateway.pub, docs/operations/keys.md."
            return "refuses the gateway's signature, and so every request", advice
    return None
