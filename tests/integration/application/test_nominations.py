"""A nomination belongs to an open call for young talents, which it names by id. The province can replace a nomination that was
made by mistake (A9(3)2)."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from services.contracts.application.support_requests import SupportReplacement, SupportRequest
from services.kernel.clock import real_now
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.persistence.tables import audit
from tests.integration.application.scenario import CHIEF, OFFICER, World, applicant, bureau, new_enterprise, refused
from tests.integration.application.test_quotas import imported


def call(world: World, kind: str = "young_talent", **data: Any) -> str:
    return str(world.open_call(kind=kind, rubric=[], **data)["id"])


def consortium(world: World) -> dict[str, Any]:
    return imported(world, "甲", new_enterprise(), recognised_on="2023-12-29")


def ask(world: World, consortium: dict[str, Any], measure: str, **body: Any) -> dict[str, Any]:
    wanted = SupportRequest().load({"measure": measure, "reason": "需要"} | body)
    lead = applicant(consortium["lead"]["uscc"])
    answer: dict[str, Any] = world.tell("request_support", lead, id=consortium["id"], request=wanted, documents_statement=None)
    return answer


def person(consortium: dict[str, Any], name: str) -> dict[str, str]:
    return {"name": name, "organisation": consortium["lead"]["uscc"]}


def nominate(world: World, consortium: dict[str, Any], round: str, name: str) -> dict[str, Any]:
    return ask(world, consortium, "young_talent", round=round, person=person(consortium, name))


def replace(world: World, consortium: dict[str, Any], request: str, name: str, actor: Any = OFFICER) -> dict[str, Any]:
    body = SupportReplacement().load({"person": person(consortium, name), "reason": "填写有误"})
    answer: dict[str, Any] = world.tell(
        "replace_nomination", actor, id=consortium["id"], request=request, replacement=body, documents_statement=None
    )
    return answer


def left(world: World, consortium: dict[str, Any]) -> int:
    items = world.ask("entitlements", CHIEF, id=consortium["id"])["items"]
    return int(next(item["left"] for item in items if item["measure"] == "young_talent"))


@pytest.mark.parametrize("spelling", ["{id} ", " {id}", "{title}", "第一批", "\u3000{id}"])
def test_anything_but_the_id_of_a_call_names_no_round(world: World, spelling: str) -> None:
    world.open_call(kind="young_talent", rubric=[], title="推荐通知")
    round, of = call(world, title="推荐通知"), consortium(world)
    error = refused(Invalid, lambda: nominate(world, of, spelling.format(id=round, title="推荐通知"), "甲"), "invalid_input")
    assert [(wrong.pointer, wrong.code) for wrong in error.errors] == [("/round", "unknown_call")]
    assert "编号" in error.errors[0].text.zh
    assert left(world, of) == 5


@pytest.mark.parametrize("measure", ["special_project_new", "young_talent", "programme"])
@pytest.mark.parametrize("kind", ["formation", "special_project", "young_talent"])
def test_a_call_is_of_the_kind_that_the_measure_names(world: World, measure: str, kind: str) -> None:
    of = consortium(world)
    body: dict[str, Any] = {"round": world.open_call(kind=kind)["id"]}
    body |= {"amount": "1.00"} if measure == "special_project_new" else {}
    body |= {"person": person(of, "甲")} if measure == "young_talent" else {}
    if (measure, kind) in (("special_project_new", "special_project"), ("young_talent", "young_talent")):
        assert ask(world, of, measure, **body)["round"] == body["round"]
    else:
        error = refused(Invalid, lambda: ask(world, of, measure, **body), "invalid_input")
        assert [wrong.code for wrong in error.errors] == ["no_round" if measure == "programme" else "wrong_call"]


def test_a_call_that_is_not_open_takes_no_nomination(world: World) -> None:
    of, round = consortium(world), call(world)
    cancelled, upcoming = call(world), call(world, opens_at="2026-03-03T00:00:00+08:00")
    world.tell("cancel_call", CHIEF, id=cancelled, reason="调整")
    refused(Conflict, lambda: nominate(world, of, cancelled, "甲"), "call_cancelled")
    refused(Conflict, lambda: nominate(world, of, upcoming, "甲"), "call_not_open")
    world.clock.advance(days=90)
    refused(Conflict, lambda: nominate(world, of, round, "甲"), "call_closed")


def test_the_province_alone_replaces_a_nomination_and_the_first_one_stays_readable(world: World) -> None:
    # Given two nominations of one consortium, each in its own call
    of, first, second = consortium(world), call(world), call(world)
    wrong, right = nominate(world, of, first, "填错的人"), nominate(world, of, second, "乙")
    lead = applicant(of["lead"]["uscc"])
    # When the lead or a city replaces the first nomination, then the replacement is refused
    for actor in (lead, bureau("450200")):
        refused(Forbidden, lambda actor=actor: replace(world, of, wrong["id"], "甲", actor), "province_only")
    refused(NotFound, lambda: replace(world, of, wrong["id"], "甲", bureau("450100")), "consortium_not_found")
    # and the province cannot replace the first nomination by a person who is nominated already
    refused(Conflict, lambda: replace(world, of, wrong["id"], "乙"), "person_already")
    # When the province replaces the first nomination, then the new nomination counts in the same round, and the replaced one no
    # longer counts
    new = replace(world, of, wrong["id"], "甲")
    assert (new["person"]["name"], new["round"], new["replaces"]) == ("甲", first, wrong["id"])
    assert left(world, of) == 3
    old = world.ask("get_support_request", lead, id=of["id"], request=wrong["id"])
    assert (old["status"], old["replaced_by"], old["person"]["name"]) == ("replaced", new["id"], "填错的人")
    assert old["decision"]["reason"] == "填写有误"
    refused(Conflict, lambda: nominate(world, of, first, "丙"), "round_used")
    (told,) = world.told("support.replaced")
    assert (told["support"], told["replaces"], told["reason"]) == (new["id"], wrong["id"], "填写有误")
    assert "填错的人" not in str(told)
    # and neither a replaced nomination nor a request for another support measure can be replaced
    refused(Conflict, lambda: replace(world, of, wrong["id"], "丁"), "not_replaceable")
    other = ask(world, of, "programme")
    refused(Conflict, lambda: replace(world, of, other["id"], "丁"), "not_replaceable")
    # When the calls have closed, then the nomination in the second call can no longer be replaced
    world.clock.advance(days=90)
    refused(Conflict, lambda: replace(world, of, right["id"], "丁"), "call_closed")


def test_of_many_that_replace_one_nomination_at_once_exactly_one_does(world: World) -> None:
    of, round = consortium(world), call(world)
    wrong = nominate(world, of, round, "填错的人")

    def attempt(place: int) -> str | None:
        try:
            replace(world, of, wrong["id"], f"人选{place}")
        except Conflict as refusal:
            return refusal.code
        return None

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(attempt, range(16)))
    assert sorted(answers, key=str) == [None] + ["not_replaceable"] * 15
    assert left(world, of) == 4


def test_a_cancelled_call_frees_what_was_asked_for_in_it(world: World) -> None:
    # Given a nomination in one call, and a request for the special project in another call
    of, round, special = consortium(world), call(world), call(world, "special_project")
    nomination = nominate(world, of, round, "甲")
    project = ask(world, of, "special_project_new", amount="1.00", round=special)
    # When the province cancels both calls, then the nomination and the request end, and both support measures can be used again
    for id in (round, special):
        world.tell("cancel_call", CHIEF, id=id, reason="调整")
    lead = applicant(of["lead"]["uscc"])
    for request in (nomination, project):
        assert world.ask("get_support_request", lead, id=of["id"], request=request["id"])["status"] == "withdrawn"
    assert [told["reason"] for told in world.told("support.withdrawn")] == ["call_cancelled"] * 2
    # And the event about each ended request cites the article of that request's support measure
    assert [told["article"] for told in world.told("support.withdrawn")] == ["A9(3)2", "A9(1)1"]
    assert left(world, of) == 5
    assert ask(world, of, "special_project_new", amount="1.00")["status"] == "requested"


def test_a_replacement_has_no_state_before_it_in_the_audit_log(world: World) -> None:
    of, round = consortium(world), call(world)
    wrong = nominate(world, of, round, "填错的人")
    new = replace(world, of, wrong["id"], "甲")
    with world.bench.database.read() as session:
        entries = session.execute(select(audit).where(audit.c.action == "support.replaced")).all()
    first, second = (next(entry for entry in entries if entry.subject == f"support/{id}") for id in (wrong["id"], new["id"]))
    assert first.before is not None
    assert second.before is None


def test_a_nomination_that_came_in_time_counts_however_long_it_queued(world: World) -> None:
    # Given two calls that closed twenty seconds ago, and a nomination that was made in the first call while it was open
    of, first, second = consortium(world), call(world), call(world)
    wrong = nominate(world, of, first, "填错的人")
    closes = datetime.fromisoformat(world.ask("get_call", CHIEF, id=second)["closes_at"])
    world.clock.instant = closes + timedelta(seconds=20)

    def send(waited: float) -> dict[str, Any]:
        body = {"measure": "young_talent", "reason": "需要", "round": second, "person": person(of, "甲")}
        lead, at = applicant(of["lead"]["uscc"]), real_now().timestamp() - waited
        answer: dict[str, Any] = world.tell(
            "request_support", lead, id=of["id"], request=SupportRequest().load(body), documents_statement=None, received_at=at
        )
        return answer

    # When the gateway received one nomination for the second call ten seconds ago and another forty seconds ago, then only the
    # nomination of forty seconds ago was in time
    refused(Conflict, lambda: send(10), "call_closed")
    assert send(40)["status"] == "recorded"
    # and of two replacements of the earlier nomination, only the one that the gateway received forty seconds ago was in time
    body = SupportReplacement().load({"person": person(of, "乙"), "reason": "填写有误"})
    said: dict[str, Any] = {"id": of["id"], "request": wrong["id"], "replacement": body, "documents_statement": None}
    late, in_time = (real_now().timestamp() - waited for waited in (10, 40))
    refused(Conflict, lambda: world.tell("replace_nomination", OFFICER, **said, received_at=late), "call_closed")
    assert world.tell("replace_nomination", OFFICER, **said, received_at=in_time)["status"] == "recorded"
