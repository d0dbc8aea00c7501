"""The running broker: whether it accepts messages, and whether every queue of every bureau on it has a process that consumes
it."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from typing import ClassVar

import amqp

from deploy import composition
from deploy.doctor import answers
from deploy.doctor.answers import Asked
from deploy.doctor.finding import Finding, first_line, listed, soon, wrong
from deploy.embedded import instance_lock
from services.kernel.amqp.connection import Connection, connected
from services.kernel.messaging.rpc import queue_of
from services.kernel.runtime.queues import bindings_of
from services.kernel.settings import Settings
from services.policy.bureaus import BUREAUS

#: The number of messages in a queue that counts as a backlog, and the seconds between two readings of that number.
BACKLOG, LOOK_AGAIN = 1000, 2.0
#: Seconds within which a broker confirms a message or reports that it accepts none.
SAYS_SO = 5.0


class _Listening(Connection):
    """A connection that is notified when the broker accepts no more messages."""

    negotiate_capabilities: ClassVar[dict[str, bool]] = {**Connection.negotiate_capabilities, "connection.blocked": True}


class _TakesNothing(Exception):
    """The broker refuses messages."""


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue as the broker describes it; `waiting` is None if it does not exist."""

    name: str
    waiting: int | None
    consumers: int


def check(
    settings: Settings,
    services: Sequence[str],
    fenced: Set[str],
    moved_bureaus: Set[str] = frozenset(),
    answering_services: Set[str] | None = None,
) -> Iterator[Finding]:
    """Yield the findings about the broker. The check declares nothing and consumes nothing.

    `fenced` are the bureaus on whose cases these databases do not work, `moved_bureaus` those of them whose cases are in another
    database now. A bureau whose move is in progress is left out. Requests are sent to the services in `answering_services`, whose
    databases answer; by default to all.
    """
    if composition.console_alone(settings):
        return
    if settings.bus == "embedded://":
        yield _embedded(settings)
        return
    if not services:
        yield wrong("bus", "no database is set, so nothing is known to run here", "Set GUICHUANG_DB_… of the services here.")
        return
    served: list[Asked] = []
    accepts_messages = True
    try:
        for symptom in _alarm(settings.bus):
            accepts_messages = accepts_messages and not symptom.wrong
            yield symptom
        with connected(settings.bus) as connection:
            for service in services:
                yield from _service(connection, service, settings, fenced, served)
                if composition.registry_of(service).per_bureau:
                    yield from _others(connection, service, others(settings, fenced, moved_bureaus), served)
    except (OSError, amqp.AMQPError) as error:
        advice = "Start RabbitMQ, or correct GUICHUANG_BUS: host, account and virtual host."
        yield wrong("bus", f"the broker does not answer: {first_line(error)}", advice)
        return
    if accepts_messages:
        yield from answers.check(
            settings,
            [
                service_and_bureau
                for service_and_bureau in served
                if answering_services is None or service_and_bureau[0] in answering_services
            ],
        )


def others(settings: Settings, fenced: Set[str], moved_bureaus: Set[str]) -> list[str]:
    """Return the bureaus on this broker that other deployments should serve. Only a deployment that serves several bureaus may
    inspect the queues of others; the account of a single bureau's deployment may not."""
    if "*" not in (entry.strip() for entry in settings.jurisdictions.split(",")):
        return []
    own_bureaus = set(composition.jurisdictions(settings)) - moved_bureaus
    return sorted(set(BUREAUS) - composition.federated(settings) - own_bureaus - (fenced - moved_bureaus))


def _embedded(settings: Settings) -> Finding:
    if instance_lock.is_locked(settings.folder):
        return Finding("bus", "embedded: it lives in the process, which runs")
    return wrong("bus", "the platform does not run: no request is served", "Start it: `guichuang run`. All else was looked at.")


def _alarm(uri: str) -> Iterator[Finding]:
    """Yield a finding if the broker is short of memory or disk. Such a broker answers, but accepts no messages, and reports this
    only to a connection that publishes. Therefore this check publishes a message that no queue receives."""
    try:
        with connected(uri, _Listening) as connection:
            if _leaves_unconfirmed(connection):
                # The broker reads nothing more from this connection, not even a close handshake, so the connection is dropped
                # without one.
                raise _TakesNothing
    except _TakesNothing:
        advice = "Give it memory or disk (`rabbitmq-diagnostics alarms`); it goes on by itself, nothing is lost."
        yield wrong("bus", "the broker takes no messages: it is short of memory or disk", advice)
    else:
        yield Finding("bus", "the broker answers and takes messages")


def _leaves_unconfirmed(connection: Connection) -> bool:
    """Return whether the broker leaves a message unconfirmed, as it does when it is short of memory or disk. Two messages are
    sent: the broker may confirm the first one, by which it notices that this connection publishes; the second one counts."""
    alarms: list[str] = []
    confirmed: list[int] = [0]
    connection.on_blocked = alarms.append
    channel = connection.channel()
    channel.confirm_select()
    channel.events["basic_ack"].add(lambda tag, _multiple: confirmed.append(tag))
    for _ in range(2):
        channel.basic_publish(amqp.Message(b"", delivery_mode=1), routing_key="doctor")
    until = time.monotonic() + SAYS_SO
    while not alarms and confirmed[-1] < 2 and (seconds_left := until - time.monotonic()) > 0:
        try:
            connection.drain_events(timeout=seconds_left)
        except TimeoutError:
            break
    return confirmed[-1] < 2


def _service(
    connection: Connection, service: str, settings: Settings, fenced: Set[str], served: list[Asked]
) -> Iterator[Finding]:
    """Yield the findings about the queues of a service of this deployment. Services and bureaus whose request queues have
    consumers are added to `served`."""
    registry = composition.registry_of(service)
    bureaus = [bureau for bureau in composition.jurisdictions(settings) if bureau not in fenced]
    names = [binding.queue for binding in bindings_of(registry, bureaus, tuple(BUREAUS))]
    request_queues: list[Asked] = [(service, bureau) for bureau in bureaus] if registry.per_bureau else [(service, None)]
    events = [_queue(connection, name) for name in names]
    requests = {service_and_bureau: _queue(connection, queue_of(*service_and_bureau)) for service_and_bureau in request_queues}
    served += [service_and_bureau for service_and_bureau, queue in requests.items() if queue.consumers]
    missing = _missing(events)
    yield from missing
    silent = [queue for queue in events if queue.waiting is not None and not queue.consumers]
    mute = [queue.name for queue in requests.values() if not queue.consumers]
    serve = f"guichuang serve {'identity' if service == 'gateway' else service}"
    advice = f"Start it: `{serve}`; where it runs, see its log and GUICHUANG_JURISDICTIONS."
    if silent:
        waiting = sum(queue.waiting or 0 for queue in silent)
        problem = f"no process takes events from {listed([queue.name for queue in silent])} ({waiting} wait)"
        problem += f", and none answers requests at {listed(mute)}" if mute else ""
        yield wrong("queues", problem, advice, passing=f"{service} is not there")
    elif mute:
        problem = f"no process answers requests at {listed(mute)}: the gateway refuses them with 503"
        yield wrong("queues", problem, advice, passing=f"{service} is not there")
    growing = list(_growing(connection, events))
    yield from growing
    if not (missing or silent or mute or growing):
        yield Finding("queues", f"{service}'s are served")


def _others(connection: Connection, service: str, bureaus: Sequence[str], served: list[Asked]) -> Iterator[Finding]:
    """Yield the findings about a service's queues for the bureaus that other deployments serve. Bureaus whose request queues have
    consumers are added to `served`."""
    bindings = bindings_of(composition.registry_of(service), bureaus, tuple(BUREAUS))
    events = {binding.bureau or "": _queue(connection, binding.queue) for binding in bindings}
    requests = {bureau: _queue(connection, queue_of(service, bureau)) for bureau in bureaus}
    served += [(service, bureau) for bureau in bureaus if requests[bureau].consumers]
    yield from _missing(list(events.values()))
    unserved = [bureau for bureau in bureaus if not requests[bureau].consumers or not events[bureau].consumers]
    if unserved:
        waiting = sum(events[bureau].waiting or 0 for bureau in unserved)
        problem = f"no {service} serves the bureau {listed(unserved)}: {waiting} events wait, requests are refused with 503"
        advice = (
            f"Start the bureau's own {service}. After it was given back: add it to GUICHUANG_JURISDICTIONS here, and restart "
            f"{service} (docs/operations/moving.md)."
        )
        yield wrong("bureaus", problem, advice, passing=str(unserved))
    yield from _growing(connection, list(events.values()))
    if bureaus and not unserved:
        yield Finding("bureaus", f"{len(bureaus)} are served by deployments of their own")


def _missing(events: Sequence[Queue]) -> list[Finding]:
    names = [queue.name for queue in events if queue.waiting is None]
    if not names:
        return []
    problem = f"not on the broker: {listed(names)}; events for it are lost meanwhile"
    advice = "Run `guichuang broker declare`, then `guichuang events replay --since` the time it went."
    return [wrong("queues", problem, advice)]


def _growing(connection: Connection, events: Sequence[Queue]) -> Iterator[Finding]:
    heavy = [queue for queue in events if queue.consumers and (queue.waiting or 0) > BACKLOG]
    if heavy:
        time.sleep(LOOK_AGAIN)
        yield from (backlog(before, _queue(connection, before.name)) for before in heavy)


def backlog(before: Queue, now: Queue) -> Finding:
    """Return the finding for a queue that has consumers and many messages."""
    waiting, growth = now.waiting or 0, (now.waiting or 0) - (before.waiting or 0)
    if growth < 0:
        return soon("queues", f"{waiting} events wait in {now.name}, fewer than before: it catches up", "Wait, and look again.")
    advice = "See the log of the service that takes them and the load of its database; more processes help with requests only."
    return wrong("queues", f"{waiting} events wait in {now.name} and become no fewer", advice)


def _queue(connection: Connection, name: str) -> Queue:
    channel = connection.channel()
    try:
        declared = channel.queue_declare(name, passive=True)
    except amqp.NotFound:  # Asking for a missing queue raises NotFound, and the broker then closes the channel.
        return Queue(name, None, 0)
    channel.close()
    return Queue(name, declared.message_count, declared.consumer_count)
