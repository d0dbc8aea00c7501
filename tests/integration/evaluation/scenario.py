"""Functions that call the evaluation service and send it other services' events, and the accounts for the calls."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import count
from typing import Any

from services.contracts.application.events import EVENTS as APPLICATION
from services.kernel.identity import PROVINCE, SYSTEM, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.testing import ServiceHarness

EXAMPLE = APPLICATION["consortium.recognised"].example
ID = EXAMPLE["consortium"]
CITY = "450200"
LEAD = Actor("lead", ("applicant",), organisation=EXAMPLE["lead"]["uscc"])
OFFICER, CHIEF = Actor("officer", ("officer",), CITY), Actor("chief", ("chief",), CITY)
PROVINCE_OFFICER = Actor("province-officer", ("officer",), PROVINCE)
PROVINCE_CHIEF = Actor("province-chief", ("chief",), PROVINCE)

_sequence = count(1)


def say(bench: ServiceHarness, type: str, producer: str, subject: str, data: dict[str, Any]) -> None:
    """Let the evaluation service receive an event of another service."""
    event = Event(
        id=new_id(),
        type=type,
        version=1,
        occurred_at=bench.clock.now(),
        producer=producer,
        subject=subject,
        bureau=CITY,
        recommender=CITY,
        sequence=next(_sequence),
        actor=SYSTEM.stamp(),
        correlation_id="c",
        causation_id=None,
        data=data,
    )
    bench.react(event.to_json())


#: Each action of the province → the query by which a chief first reads the subject of the action, and the names of the query's
#: arguments.
READ_BEFORE = {
    "grade_participation": ("get_participant", ("id", "consortium")),
    "answer_deferral": ("get_participant", ("id", "consortium")),
    "publish_grades": ("get_evaluation", ("id",)),
    "accept_rectification": ("get_rectification", ("id",)),
    "confirm_revocation": ("get_revocation", ("id",)),
    "decide_revocation": ("get_revocation", ("id",)),
}


def read(bench: ServiceHarness, act: str, **payload: Any) -> str:
    """Read the subject of an action; return the subject's ETag."""
    query, names = READ_BEFORE[act]
    return str(bench.ask(query, PROVINCE_OFFICER, **{name: payload[name] for name in names})["etag"])


def approve(bench: ServiceHarness, act: str, actor: Actor = PROVINCE_CHIEF, **payload: Any) -> Any:
    """Read the subject of an action, then carry out the action on the version that was read."""
    return bench.tell(act, actor, **payload, if_match=read(bench, act, **payload))


def recognise_in(bench: ServiceHarness) -> Callable[..., str]:
    """Return a function that publishes the register's event that a consortium is recognised, and returns the consortium's id."""

    def said(**change: Any) -> str:
        data = EXAMPLE | {"consortium": new_id()} | change
        say(bench, "consortium.recognised", "application", f"consortium/{data['consortium']}", data)
        return str(data["consortium"])

    return said


def to(bench: ServiceHarness, day: date) -> None:
    """Move the clock forward to a date."""
    bench.clock.offset = bench.clock.offset_to(day)


def swept(bench: ServiceHarness, *names: str) -> list[tuple[str, str]]:
    """Run all sweeps; return what they did, as (name of the sweep, outcome). If `names` are given, return only these sweeps'
    outcomes."""
    return [(done["sweep"], done["did"]) for done in bench.runtime.sweep() if not names or done["sweep"] in names]


def told(bench: ServiceHarness, type: str) -> list[dict[str, Any]]:
    """Return the data of every event of this type that the service has published so far."""
    bench.settle()
    bodies = [row.body for row in bench.bus.published if row.routing_key.rpartition(".")[0] == type]
    return [Event.from_json(body).data for body in bodies]
