"""The guarantees when parts of the real bus are killed under load, and the isolation of the broker's accounts."""

from __future__ import annotations

import json
import os
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import amqp
import pytest

from deploy.cluster.topology import bureau_permissions
from services.kernel.amqp.connection import connected
from services.kernel.errors import Unavailable
from services.kernel.ids import new_id
from services.kernel.relocation import fencing
from tests.integration.bus.buses import OFFICER, SERVED, AmqpBus, eventually


class Tellers:
    """Threads that send commands ("tell stories") as clients do: a request without an answer is repeated with the same key."""

    def __init__(self, bus: AmqpBus, story: str) -> None:
        self._bus = bus
        self.stories = [f"{story}-{n}" for n in range(4)]
        self.answered: dict[str, list[str]] = {of: [] for of in self.stories}
        self.refusals = 0
        self._ending = threading.Event()

    def tell(self, of: str) -> None:
        while not self._ending.is_set():
            word, key = str(len(self.answered[of])), new_id()
            while True:
                try:
                    self._bus.tell(of, word, key=key, timeout=2.0)
                    break
                except Unavailable:
                    self.refusals += 1
                    self._ending.wait(0.05)
            self.answered[of].append(word)

    @contextmanager
    def at_work(self) -> Iterator[None]:
        threads = [threading.Thread(target=self.tell, args=(of,)) for of in self.stories]
        for thread in threads:
            thread.start()
        try:
            yield
        finally:
            self._ending.set()
            for thread in threads:
                thread.join()

    def progress(self) -> int:
        return sum(map(len, self.answered.values()))

    def wait_for_more(self, words: int = 20) -> None:
        before = self.progress()
        eventually(lambda: self.progress() >= before + words)


def kill_the_broker(bus: AmqpBus) -> None:
    bus.broker.kill()
    bus.broker.start()
    bus.broker.wait_ready()


def kill_the_database(bus: AmqpBus) -> None:
    bus.postgres.kill()
    bus.postgres.start()
    bus.postgres.wait_ready()


def kill_the_bureau(bus: AmqpBus) -> None:
    bus.processes["review"].kill()
    bus.start("review", SERVED)


def kill_the_teller(bus: AmqpBus) -> None:
    bus.processes["application"].kill()
    bus.start("application")


@pytest.mark.parametrize("kill", [kill_the_broker, kill_the_database, kill_the_bureau, kill_the_teller])
def test_what_was_answered_has_its_effect_once_whatever_is_killed(
    amqp_bus: AmqpBus, story: str, kill: Callable[[AmqpBus], None]
) -> None:
    # Given services to which several clients send commands all the time
    others = {name: process.pid for name, process in amqp_bus.processes.items()}
    tellers = Tellers(amqp_bus, story)
    with tellers.at_work():
        tellers.wait_for_more()
        # When a part of the platform is killed and started again, Then the other parts continue by themselves
        kill(amqp_bus)
        tellers.wait_for_more()
    # and every acknowledged word exists once, at the service and at the bureau, in the order in which it was told
    for of, answered in tellers.answered.items():
        assert amqp_bus.told(of) == answered
        eventually(lambda of=of, answered=answered: len(amqp_bus.kept(of)) >= len(answered))
        assert amqp_bus.kept(of) == answered
        eventually(lambda of=of, answered=answered: amqp_bus.told(f"kept of {of}") == answered)
    # and no process except the killed one was restarted
    now = {name: process.pid for name, process in amqp_bus.processes.items()}
    assert sum(now[name] != pid for name, pid in others.items()) == (kill in (kill_the_bureau, kill_the_teller))


def test_with_the_broker_away_the_caller_is_told_at_once(amqp_bus: AmqpBus, story: str) -> None:
    # Given a broker that is down
    amqp_bus.broker.stop()
    try:
        # When services are called with a long timeout, Then the calls are refused immediately
        codes = set()
        for _ in range(3):
            with pytest.raises(Unavailable) as away:
                amqp_bus.caller.call("application", "told", {"story": story}, OFFICER, timeout=3600)
            codes.add(away.value.code)
        assert codes <= {"bus_unavailable", "connection_lost"}
    finally:
        amqp_bus.broker.start()
        amqp_bus.broker.wait_ready()
    # and when the broker is up again, calls are answered again
    amqp_bus.await_teller()
    assert amqp_bus.tell(story, "again") == {"told": 1}


def test_nobody_waits_for_a_service_that_hangs_and_what_nobody_waits_for_is_not_done(amqp_bus: AmqpBus, story: str) -> None:
    # Given a service that hangs
    pid = amqp_bus.processes["application"].pid
    assert pid is not None

    os.kill(pid, signal.SIGSTOP)
    try:
        # When a command must run within half a second, Then the caller learns that it may or may not run
        with pytest.raises(Unavailable) as late:
            amqp_bus.tell(story, "too late", timeout=0.5)
        assert late.value.details["unknown"] is True
    finally:
        os.kill(pid, signal.SIGCONT)
    # and when the service continues, it does not run the expired command
    amqp_bus.tell(story, "in time")
    assert amqp_bus.told(story) == ["in time"]


def test_a_bureaus_events_wait_for_whoever_serves_it_next(amqp_bus: AmqpBus, story: str) -> None:
    # Given an event for a bureau that no process serves
    amqp_bus.tell(story, "patience", bureau="450100")
    eventually(amqp_bus.published)
    # When a process starts that serves this bureau
    process = amqp_bus.start("review", ("450100",), name="city")
    # Then the waiting event takes effect there, and requests for the bureau are answered
    eventually(lambda: amqp_bus.kept(story) == ["patience"])
    assert amqp_bus.caller.call("review", "told", {"story": story}, OFFICER, bureau="450100") == ["patience"]
    process.stop()
    with pytest.raises(Unavailable):
        amqp_bus.caller.call("review", "told", {"story": story}, OFFICER, bureau="450100", timeout=3600)


def test_another_process_takes_the_lead_when_the_leader_dies(amqp_bus: AmqpBus, story: str) -> None:
    # Given two processes of a service
    second = amqp_bus.start("application", name="application-2")
    # When the first, which is the leader, is killed
    amqp_bus.processes["application"].kill()
    # Then the second process answers requests and publishes events
    amqp_bus.await_teller()
    amqp_bus.tell(story, "heard")
    eventually(lambda: amqp_bus.kept(story) == ["heard"])
    amqp_bus.start("application")
    second.stop()


def test_four_processes_share_the_work_and_each_story_keeps_its_order(amqp_bus: AmqpBus, story: str) -> None:
    # Given four processes of each service
    more = [
        amqp_bus.start(service, bureaus, name=f"{service}-{number}")
        for service, bureaus in (("application", ()), ("review", SERVED))
        for number in (2, 3, 4)
    ]
    eventually(lambda: amqp_bus.takers("rpc.application") == amqp_bus.takers("rpc.review.450200") == 4)
    tellers = Tellers(amqp_bus, story)
    with tellers.at_work():
        # When stories are sent through all these processes, and in other stories the reaction to the second of three words fails
        # for a while
        tellers.wait_for_more()
        for of in tellers.stories:
            amqp_bus.tell(f"{of}-bad", "before")
            amqp_bus.tell(f"{of}-bad", f"bad {of}")
            amqp_bus.tell(f"{of}-bad", "after")
        for of in tellers.stories:
            amqp_bus.caller.call("review", "cure", {"word": f"bad {of}"}, OFFICER, bureau="450200", key=new_id())
        tellers.wait_for_more()
    # Then every word is stored once, in the order of its story
    for of, answered in tellers.answered.items():
        eventually(lambda of=of, answered=answered: len(amqp_bus.kept(of)) >= len(answered))
        assert amqp_bus.kept(of) == answered
        eventually(lambda of=of, answered=answered: amqp_bus.told(f"kept of {of}") == answered)
        eventually(lambda of=of: len(amqp_bus.kept(f"{of}-bad")) == 3)
        assert amqp_bus.kept(f"{of}-bad") == ["before", f"bad {of}", "after"]
    for process in more:
        process.stop()


def test_an_event_counts_only_by_the_exchange_of_its_producer(amqp_bus: AmqpBus, story: str) -> None:
    # Given an accepted event, and two copies of it with other ids: one with another word, and one whose subject is too long for
    # the inbox
    amqp_bus.tell(story, "true")
    eventually(lambda: amqp_bus.kept(story) == ["true"])
    with amqp_bus.databases["application"].read() as session:
        from services.kernel.persistence.tables import outbox

        body = json.loads(session.execute(outbox.select().where(outbox.c.subject == f"story/{story}")).one().body)
    forged = json.dumps(body | {"id": new_id(), "sequence": 2, "data": {"word": "forged"}})
    oversized = json.dumps(body | {"id": new_id(), "sequence": 3, "subject": "story/" + "x" * 1000})
    # When a city's account puts the first copy, and a message that is no event, directly into a bureau's queue (through the
    # default exchange, which every account may use), and the event's own producer publishes the second copy
    city = amqp_bus.broker.add_user("city")
    amqp_bus.broker.set_permissions("city", configure="^$", write="^amq\\.default$", read="^$")
    with connected(city) as connection:
        channel = connection.channel()
        for text in (forged, "no event"):
            channel.basic_publish(amqp.Message(text), routing_key="review.450200")
    with connected(amqp_bus.broker.uri()) as connection:
        connection.channel().basic_publish(amqp.Message(oversized), exchange="application", routing_key="word.told.450200")
    # Then none of these messages has an effect, and events that arrive later take effect
    amqp_bus.tell(story, "and on")
    eventually(lambda: amqp_bus.kept(story) == ["true", "and on"])
    assert len(amqp_bus.received(story)) == 2


def test_a_bureaus_account_reaches_its_own_queue_and_no_other(amqp_bus: AmqpBus, story: str) -> None:
    # Given a city that runs its own review, with an account for its own queues and exchange
    account = amqp_bus.broker.add_user("own-city")
    amqp_bus.broker.set_permissions("own-city", **asdict(bureau_permissions("450100")))
    process = amqp_bus.start("review", ("450100",), name="own-city", uri=account)
    # When a word is told to the city, Then the city's review answers, and the teller receives the city's own events
    amqp_bus.tell(story, "mine", bureau="450100")
    eventually(lambda: amqp_bus.told(f"kept of {story}") == ["mine"])
    assert amqp_bus.caller.call("review", "told", {"story": story}, OFFICER, bureau="450100") == ["mine"]
    process.stop()
    # and the city's account can neither consume another bureau's events nor publish as another bureau
    with connected(account) as connection:
        with pytest.raises(amqp.AccessRefused):
            connection.channel().basic_consume("review.450200")
        channel = connection.channel()
        channel.basic_publish(amqp.Message("{}"), exchange="review.450200", routing_key="word.kept.450200")
        with pytest.raises(amqp.AccessRefused):
            connection.drain_events(timeout=60)


def test_a_bureaus_messages_wait_while_it_is_fenced_and_nobody_else_notices(amqp_bus: AmqpBus, story: str) -> None:
    def ask(bureau: str) -> Any:
        return amqp_bus.caller.call("review", "told", {"story": story}, OFFICER, bureau=bureau)

    def refused() -> bool:
        try:
            ask("450200")
        except Unavailable as error:
            return error.code == "service_unavailable"
        return False

    def waiting() -> int:
        with connected(amqp_bus.broker.uri()) as connection:
            return int(connection.channel().queue_declare("review.450200", passive=True).message_count)

    # Given a process that serves two bureaus, When one of them is fenced, and words are then sent to it
    amqp_bus.tell(story, "0")
    eventually(lambda: amqp_bus.kept(story) == ["0"])
    with amqp_bus.databases["review"].write() as session:
        fencing.raise_fence(session, "450200", fencing.LEAVING, "a move")
    words = [str(number) for number in range(1, 6)]
    for word in words:
        amqp_bus.tell(story, word)
    # Then the process no longer consumes the fenced bureau's queues: requests find no consumer, and events wait
    eventually(refused)
    eventually(lambda: waiting() == len(words))
    assert amqp_bus.kept(story) == ["0"]
    # and the process serves the other bureau as before
    amqp_bus.tell(f"{story}-province", "hello", bureau="450000")
    eventually(lambda: amqp_bus.kept(f"{story}-province") == ["hello"])
    assert ask("450000") is not None
    # When the fence is lifted, Then the process consumes these queues again, and each event takes effect once and in order
    with amqp_bus.databases["review"].write() as session:
        fencing.lift_fence(session, "450200")
    eventually(lambda: amqp_bus.kept(story) == ["0", *words])
    eventually(lambda: not refused())
    assert ask("450200") == ["0", *words]
