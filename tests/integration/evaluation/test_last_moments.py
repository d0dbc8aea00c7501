"""An action at the last moment of a period counts, even if the sweep that ends the period runs before the action is committed
(A13)."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import text

from services.evaluation.registry import registry
from services.kernel.clock import end_of_day, real_now
from services.kernel.errors import Conflict
from services.kernel.identity import Actor
from services.kernel.testing import FixedClock, ServiceHarness
from services.policy import Policies
from tests.integration.evaluation.played_rounds import led, notice, part
from tests.integration.evaluation.scenario import PROVINCE_CHIEF, swept, to, told
from tests.integration.evaluation.test_grades import publish, ready

MEMBER = Actor("member", ("applicant",), organisation="91450200MA5KA99999")


@pytest.fixture
def bench(request: pytest.FixtureRequest) -> ServiceHarness:
    name = f"evaluation_{request.node.name[-20:]}"
    url = request.getfixturevalue("postgres").create_database(name)
    clock = FixedClock(datetime(2026, 6, 9, 4, 0, tzinfo=UTC))
    return ServiceHarness(registry, url, policies=Policies.builtin(), clock=clock, signers=("documents",))


@contextmanager
def writes_wait(bench: ServiceHarness, table: str) -> Iterator[None]:
    """Make every transaction that writes to the table wait until the block ends; readers do not wait."""
    with bench.runtime.database.write() as session:
        session.execute(text(f"LOCK TABLE {table} IN SHARE MODE"))
        yield


def blocked(bench: ServiceHarness, act: Callable[[], Any], pool: ThreadPoolExecutor, before: int) -> Future[Any]:
    """Start an action in a thread; return when more than `before` sessions wait for a lock, or when the action has ended."""
    begun = pool.submit(act)
    end = time.monotonic() + 30
    while time.monotonic() < end and not begun.done():
        with bench.runtime.database.read() as session:
            if session.execute(text("SELECT count(*) FROM pg_locks WHERE NOT granted")).scalar_one() > before:
                break
        time.sleep(0.05)
    return begun


def test_a_grade_waits_for_an_objection_that_is_filed_at_the_last_moment(bench: ServiceHarness) -> None:
    # Given a public grade, and an objection that is being stored when the publicity period ends
    id, lead = led(bench, 0)
    round = notice(bench, caps={})["id"]
    ready(bench, round, id, lead)
    publish(bench, round)
    to(bench, date(2026, 6, 16))
    with ThreadPoolExecutor(2) as pool:
        with writes_wait(bench, "grade_objections"):
            objection = {"id": round, "consortium": id, "reason": "成果不实。"}
            filed = blocked(bench, lambda: bench.tell("object_to_grade", MEMBER, **objection), pool, 0)
            to(bench, date(2026, 6, 17))
            # When the sweep that puts grades into effect runs before the objection is committed
            done = blocked(bench, lambda: swept(bench, "grade_publicity"), pool, 1)
        filed.result(60)
        done.result(60)
    # Then the grade does not take effect while the objection is open
    assert part(bench, round, id)["status"] == "graded"
    assert told(bench, "evaluation.published") == []


def test_an_extension_at_the_last_moment_leaves_nobody_absent(bench: ServiceHarness) -> None:
    # Given a notice whose window the province extends at the moment at which the window closes
    id, _ = led(bench, 0)
    round = notice(bench)["id"]
    to(bench, date(2026, 8, 8))
    later = (datetime(2026, 8, 8, tzinfo=UTC) + timedelta(days=20)).isoformat()
    change = {"window": {"closes_at": later}, "reason": "延长。"}
    with ThreadPoolExecutor(2) as pool:
        with writes_wait(bench, "outbox"):
            extended = blocked(bench, lambda: bench.tell("change_notice", PROVINCE_CHIEF, id=round, change=change), pool, 0)
            to(bench, date(2026, 8, 9))
            # When the sweep that ends the window runs before the extension is committed
            done = blocked(bench, lambda: swept(bench, "evaluation_windows"), pool, 1)
        extended.result(60)
        done.result(60)
    # Then no participant becomes absent
    assert part(bench, round, id)["status"] == "invited"
    assert told(bench, "revocation.proposed") == []


def received(waited: float) -> dict[str, float]:
    """Return the arguments of a command whose request the gateway received `waited` seconds ago."""
    return {"received_at": real_now().timestamp() - waited}


def test_an_objection_to_a_grade_that_came_in_time_counts_however_long_it_queued(bench: ServiceHarness) -> None:
    # Given a grade whose publicity period ended twenty seconds ago, and no sweep since then
    id, lead = led(bench, 0)
    round = notice(bench, caps={})["id"]
    ready(bench, round, id, lead)
    publish(bench, round)
    bench.clock.instant = end_of_day(date(2026, 6, 16)) + timedelta(seconds=20)
    objection = {"id": round, "consortium": id, "reason": "成果不实。"}
    # When the gateway received one objection ten seconds ago and another forty seconds ago, then only the objection of forty
    # seconds ago was in time
    with pytest.raises(Conflict):
        bench.tell("object_to_grade", MEMBER, **objection, **received(10))
    bench.tell("object_to_grade", MEMBER, **objection, **received(40))
    # and the grade does not take effect while this objection is unanswered
    swept(bench, "grade_publicity")
    assert part(bench, round, id)["status"] == "graded"


def test_a_deferral_asked_for_in_time_counts_however_late_it_is_handled(bench: ServiceHarness) -> None:
    # Given a round's window that closed twenty seconds ago, and no sweep since then
    id, lead = led(bench, 0)
    round = notice(bench)
    bench.clock.instant = datetime.fromisoformat(round["window"]["closes_at"]) + timedelta(seconds=20)
    asked = {"id": round["id"], "consortium": id, "reason": "厂区搬迁", "documents": [], "documents_statement": None}
    # When the gateway received the request for deferral ten seconds ago, then the request is refused as too late; when it
    # received the request forty seconds ago, then the request counts, and the consortium is not absent
    with pytest.raises(Conflict):
        bench.tell("ask_deferral", lead, **asked, **received(10))
    bench.tell("ask_deferral", lead, **asked, **received(40))
    assert swept(bench, "evaluation_windows") == []
