"""The guarantees on which services rely, tested on both buses."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from services.kernel import audit
from services.kernel.errors import Conflict, Invalid, Unavailable
from services.kernel.ids import new_id
from tests.integration.bus.buses import OFFICER, Bus, eventually


def test_a_command_is_answered_when_it_is_done(bus: Bus, story: str) -> None:
    assert bus.tell(story, "one") == {"told": 1}
    assert bus.tell(story, "二") == {"told": 2}
    assert bus.told(story) == ["one", "二"]


def test_a_refusal_arrives_as_the_error_it_is_and_nothing_was_done(bus: Bus, story: str) -> None:
    with pytest.raises(Conflict) as refused:
        bus.caller.call("application", "refuse", {"story": story}, OFFICER)
    assert (refused.value.code, refused.value.text.zh) == ("already_told", "已经讲过。")
    assert refused.value.details == {"status": "told"}
    assert bus.told(story) == []


def test_a_request_that_does_not_fit_is_invalid(bus: Bus, story: str) -> None:
    with pytest.raises(Invalid):
        bus.caller.call("application", "tell", {"story": story, "sentence": "?"}, OFFICER)


def test_a_repeated_command_is_answered_and_not_done_again(bus: Bus, story: str) -> None:
    key = new_id()
    # Given a command with an idempotency key that was executed and answered
    first = bus.tell(story, "once", key=key)
    bus.tell(story, "more")
    # When the command is repeated with its key, Then the caller gets the first answer, and the command does not run again
    assert bus.tell(story, "once", key=key) == first == {"told": 1}
    assert bus.told(story) == ["once", "more"]
    # and a different command with the same key is refused
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        bus.tell(story, "twice", key=key)


def test_a_request_whose_time_is_over_is_not_executed(bus: Bus, story: str) -> None:
    expired = bus.signed("tell", {"story": story, "word": "late"}, expired=True)
    assert b"request_expired" in bus.transport.send("rpc.application", expired, 60)
    in_time = bus.signed("tell", {"story": story, "word": "in time"}, expired=False)
    assert b"answer" in bus.transport.send("rpc.application", in_time, 60)
    assert bus.told(story) == ["in time"]


def test_where_nobody_serves_the_caller_is_told_at_once(bus: Bus) -> None:
    # Given a bureau that no process serves, When it is called with a long timeout
    with pytest.raises(Unavailable) as away:
        bus.caller.call("review", "told", {"story": ""}, OFFICER, bureau="450100", timeout=3600)
    # Then the refusal comes immediately, and says that nothing was done
    assert away.value.code == "service_unavailable"
    assert "unknown" not in away.value.details


def test_an_event_reaches_the_bureau_it_is_addressed_to_and_its_answer_comes_back(bus: Bus, story: str) -> None:
    bus.tell(story, "hello", bureau="450200")
    eventually(lambda: bus.kept(story) == ["hello"])
    eventually(lambda: bus.told(f"kept of {story}") == ["hello"])


def test_an_errand_is_carried_soon_after_its_commit_and_again_when_its_carrier_failed(bus: Bus, story: str) -> None:
    # Given two jobs, one that succeeds and one that fails at its first attempt
    for word in (f"plain-{story}", f"broken-{story}"):
        bus.caller.call("application", "shout", {"story": story, "word": word}, OFFICER)
    # Then both jobs are completed, the failed one after its lease has ended
    eventually(
        lambda: (
            sorted(bus.caller.call("application", "heard", {"story": story}, OFFICER))
            == [f"BROKEN-{story.upper()}", f"PLAIN-{story.upper()}"]
        )
    )


def test_an_event_has_its_effect_once_though_it_is_delivered_twice(bus: Bus, story: str) -> None:
    # Given two events that the bureau has processed
    bus.tell(story, "one")
    bus.tell(story, "two")
    eventually(lambda: bus.kept(story) == ["one", "two"])
    # When these events are published a second time, followed by a new event
    assert bus.publish_again(story) == 2
    bus.tell(story, "three")
    eventually(lambda: "three" in bus.kept(story))
    # Then only the new event has an effect
    assert bus.kept(story) == ["one", "two", "three"]
    assert len(bus.received(story)) == 3


def test_the_events_of_a_subject_keep_their_order(bus: Bus, story: str) -> None:
    # Given four stories (subjects of events), whose words are sent at the same time, the words of each story by one thread in
    # order
    stories = [f"{story}-{n}" for n in range(4)]
    words = [str(n) for n in range(25)]

    def tell_all(of: str) -> None:
        for word in words:
            bus.tell(of, word)

    with ThreadPoolExecutor(len(stories)) as tellers:
        list(tellers.map(tell_all, stories))
    # Then the bureau stores the words of each story in the order in which they were sent
    for of in stories:
        eventually(lambda of=of: len(bus.kept(of)) == len(words))
        assert bus.kept(of) == words


def test_a_failing_reaction_holds_back_its_own_subject_alone_and_completes_when_replayed(bus: Bus, story: str) -> None:
    # Given an event whose reaction fails, a later event of the same subject, and an event of another subject
    bad, other = f"bad-{story}", f"{story}-other"
    bus.tell(story, "good")
    bus.tell(story, bad)
    bus.tell(story, "after")
    bus.tell(other, "passes")
    # Then the other subject's event is processed, and the failing one is parked with its error after the last attempt
    eventually(lambda: bus.kept(other) == ["passes"])
    eventually(lambda: bus.parked(story))
    (parked,) = bus.parked(story)
    assert parked["attempts"] == 4
    assert f"cannot keep {bad}" in parked["error"]
    # and later events of the failing event's subject are processed
    eventually(lambda: bus.kept(story) == ["good", "after"])
    # When the cause of the failure is removed and the parked event is replayed
    bus.caller.call("review", "cure", {"word": bad}, OFFICER, bureau="450200")
    bus.replay_parked(story)
    # Then the replayed event takes effect
    eventually(lambda: bus.kept(story) == ["good", "after", bad])
    assert bus.parked(story) == []


def test_what_a_service_records_is_its_own_and_is_sealed(bus: Bus, story: str) -> None:
    def unsealed() -> int:
        with bus.databases["application"].read() as session:
            return audit.unsealed(session)

    bus.tell(story, "one")
    eventually(lambda: unsealed() == 0)
