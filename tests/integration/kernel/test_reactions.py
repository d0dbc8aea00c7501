"""An event takes effect exactly once, in the order of its subject; a failing one delays only its own subject."""

from collections.abc import Callable

import pytest

from services.kernel.errors import Forbidden
from services.kernel.messaging import inbox
from services.kernel.worklist import parked_events, worklist
from tests.integration.kernel.sample_service import OFFICER, OPERATOR, Made


def seen(made: Made) -> list[str]:
    return [event.data["n"] for event in made.seen]


def drain(made: Made) -> None:
    while made.bench.runtime.process():
        pass


def test_an_event_delivered_twice_has_one_effect(made: Made, arriving: Callable[..., str]) -> None:
    body = arriving("a")
    made.bench.runtime.receive([body, body])
    drain(made)
    made.bench.runtime.receive([body])
    drain(made)
    assert seen(made) == ["a"]


def test_a_subject_is_taken_in_the_order_of_its_sequence(made: Made, arriving: Callable[..., str]) -> None:
    made.bench.runtime.receive([arriving(str(n), sequence=n) for n in (3, 1, 2)])
    drain(made)
    assert seen(made) == ["1", "2", "3"]


def test_a_late_event_is_still_processed(made: Made, arriving: Callable[..., str]) -> None:
    made.bench.runtime.receive([arriving("2", sequence=2)])
    drain(made)
    made.bench.runtime.receive([arriving("1", sequence=1)])
    drain(made)
    assert seen(made) == ["2", "1"]


def test_a_failing_reaction_is_tried_again_then_parked_while_others_pass(made: Made, arriving: Callable[..., str]) -> None:
    made.trouble = {"bad"}
    made.bench.runtime.receive([arriving("bad"), arriving("behind", sequence=2), arriving("other", subject="thing/2")])
    drain(made)
    with made.bench.database.read() as session:
        [parked] = inbox.parked(session)
        waiting = worklist(session, made.bench.clock, [parked_events(lambda type: {"zh": type, "en": type})])
    assert parked["attempts"] == 3
    assert "RuntimeError: trouble" in parked["error"]
    # And the parked event waits for the operator, who sees its type and not its content
    [item] = waiting["items"]
    assert (item["kind"], item["subject"], item["title"]) == (
        "parked_event",
        {"kind": "event", "id": parked["id"]},
        {"zh": "thing.done", "en": "thing.done"},
    )
    assert sorted(set(seen(made))) == ["behind", "other"]


def test_while_it_is_retried_it_holds_back_its_own_subject(made: Made, arriving: Callable[..., str]) -> None:
    made.trouble = {"bad"}
    made.bench.runtime.settings = made.bench.runtime.settings.__class__(retry_delays="3600")
    made.bench.runtime.receive([arriving("bad"), arriving("behind", sequence=2), arriving("other", subject="thing/2")])
    drain(made)
    assert set(seen(made)) == {"other"}


def test_replay_completes_a_parked_event(made: Made, arriving: Callable[..., str]) -> None:
    made.trouble = {"bad"}
    made.bench.runtime.receive([arriving("bad")])
    drain(made)
    made.trouble = set()
    with made.bench.database.write() as session:
        assert inbox.unpark(session, [row["id"] for row in inbox.parked(session)]) == 1
    drain(made)
    assert seen(made) == ["bad"]


def test_what_a_failed_batch_did_is_undone_and_done_again_once(made: Made, arriving: Callable[..., str]) -> None:
    made.trouble = {"bad"}
    made.bench.runtime.receive([arriving("good", subject="thing/9"), arriving("bad")])
    drain(made)
    assert set(seen(made)) == {"good"}  # The reaction ran once with the batch, and once for the event alone.
    assert made.bench.settle() == ["thing.noted"]  # The reaction took effect once.


def test_an_operator_lists_what_was_parked_without_its_content_and_has_it_processed_again(
    made: Made, arriving: Callable[..., str]
) -> None:
    made.trouble = {"bad"}
    made.bench.runtime.receive([arriving("bad")])
    drain(made)
    [parked] = made.bench.ask("parked_events", OPERATOR, limit=50, cursor=None)["items"]
    assert (parked["type"], parked["error"], parked["attempts"]) == ("thing.done", "RuntimeError", 3)
    assert "trouble" not in str(parked)
    # When the event is replayed after the cause is removed, then it takes effect
    made.trouble = set()
    assert made.bench.tell("replay_parked", OPERATOR, ids=[parked["id"], "unknown"]) == {"replayed": 1}
    drain(made)
    assert seen(made) == ["bad"]
    assert made.bench.ask("parked_events", OPERATOR, limit=50, cursor=None)["items"] == []
    with pytest.raises(Forbidden):
        made.bench.ask("parked_events", OFFICER, limit=50, cursor=None)
