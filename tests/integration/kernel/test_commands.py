"""A command with an idempotency key takes effect once, and either completely or not at all."""

import json

import pytest

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound, Unavailable
from services.kernel.messaging import rpc
from services.kernel.messaging.signing import Signer, new_key
from tests.integration.kernel.sample_service import OFFICER, OPERATOR, Made


def test_a_repeated_key_gets_the_first_answer_and_nothing_happens_again(made: Made) -> None:
    first = made.bench.tell("put", OFFICER, key="k", thing="1")
    again = made.bench.tell("put", OFFICER, key="k", thing="1")
    assert first == again
    assert made.bench.settle() == ["thing.put"]


def test_a_key_used_for_another_body_is_refused(made: Made) -> None:
    made.bench.tell("put", OFFICER, key="k", thing="1")
    with pytest.raises(Invalid, match="idempotency_key_reused"):
        made.bench.tell("put", OFFICER, key="k", thing="2")


def test_another_account_may_use_the_same_key(made: Made) -> None:
    made.bench.tell("put", OFFICER, key="k", thing="1")
    assert made.bench.tell("put", OPERATOR, key="k", thing="2") == {"thing": "2"}


def test_a_refused_command_leaves_no_event_and_its_key_is_free_again(made: Made) -> None:
    with pytest.raises(Conflict):
        made.bench.tell("put", OFFICER, key="k", thing="1", refuse=True)
    assert made.bench.settle() == []
    assert made.bench.tell("put", OFFICER, key="k", thing="1") == {"thing": "1"}


def test_what_nobody_offers_is_not_found(made: Made) -> None:
    with pytest.raises(NotFound):
        made.bench.tell("nothing", OFFICER)


def test_arguments_that_do_not_fit_are_refused_before_anything_runs(made: Made) -> None:
    with pytest.raises(Invalid, match="bad_request"):
        made.bench.tell("put", OFFICER, wrong=1)


def test_an_expired_request_is_not_executed(made: Made) -> None:
    with pytest.raises(Unavailable, match="request_expired"):
        made.bench.caller.call("application", "put", {"thing": "1"}, OFFICER, timeout=-1)
    assert made.bench.settle() == []


def test_only_the_gateway_may_ask(made: Made) -> None:
    stranger = rpc.Caller(made.bench, Signer("gateway", new_key()))
    with pytest.raises(Forbidden):
        stranger.call("application", "put", {"thing": "1"}, OFFICER)
    service = rpc.Caller(made.bench, made.bench.signers["application"])
    with pytest.raises(Forbidden):
        service.call("application", "put", {"thing": "1"}, OFFICER)


def test_events_of_one_subject_are_numbered_without_gaps(made: Made) -> None:
    for thing in ("1", "2", "1"):
        made.bench.tell("put", OFFICER, thing=thing)
    made.bench.settle()
    numbers = [(body["subject"], body["sequence"]) for body in (json.loads(row.body) for row in made.bench.bus.published)]
    assert numbers == [("thing/1", 1), ("thing/2", 1), ("thing/1", 2)]
