"""The tasks that the application service has for each account (to-do lists)."""

from __future__ import annotations

from typing import Any

from services.contracts.application.change_requests import MajorMatter
from services.kernel.identity import PROVINCE, Actor
from tests.integration.application.scenario import (
    AUDITOR,
    CHIEF,
    EXPERT,
    OFFICER,
    OPERATOR,
    World,
    applicant,
    bureau,
    new_enterprise,
)
from tests.integration.application.test_changes import report
from tests.integration.application.test_nominations import nominate
from tests.integration.application.test_plans import crowded, plans_of  # noqa: F401
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise

ANYBODY = applicant("91450100MA5TEST01X")


def waiting(world: World, actor: Actor) -> dict[str, list[tuple[Any, ...]]]:
    """Return the tasks in an account's to-do list: kind of the task → (subject, due day) of each task."""
    answer = world.ask("todo", actor)
    found: dict[str, list[tuple[Any, ...]]] = {}
    for item in answer["items"]:
        found.setdefault(item["kind"], []).append((f"{item['subject']['kind']}/{item['subject']['id']}", item["due_on"]))
    assert {count["kind"]: count["count"] for count in answer["counts"]} == {kind: len(all) for kind, all in found.items()}
    assert world.ask("todo_counts", actor) == {name: answer[name] for name in ("as_of", "counts")}
    return found


def test_a_draft_waits_for_its_lead_until_the_call_closes_and_for_the_members_word(world: World) -> None:
    # Given a draft without confirmations
    draft = world.draft()
    line = (f"application/{draft['id']}", "2026-04-30")
    # Then the lead has the task to submit the draft, and each member the task to confirm it, until the call closes
    assert waiting(world, world.lead) == {"application_draft": [line]}
    assert [waiting(world, member) for member in world.members] == [{"membership": [line]}] * len(world.members)
    [item] = world.ask("todo", world.lead)["items"]
    assert (item["action"], item["title"], item["subtitle"]) == (
        "submit",
        draft["name"],
        "2026 年度创新联合体申报通知",
    )
    # When the members have confirmed, then they have no task left; when the call has closed, then the lead has none either
    world.confirm_all(draft["id"])
    assert waiting(world, world.members[0]) == {}
    world.clock.advance(days=90)
    assert waiting(world, world.lead) == {}


def test_a_confirmation_that_an_edit_voided_waits_again(world: World) -> None:
    draft = world.ready()
    world.tell("change_application", world.lead, id=draft["id"], change={"operating_systems": {"decision_body": "理事会"}})
    assert list(waiting(world, world.members[0])) == ["membership"]


def test_a_returned_application_waits_for_its_lead_until_the_correction_ends(world: World) -> None:
    application = world.submitted()
    assert waiting(world, world.lead) == {}
    world.returned(application)
    due = world.get(application["id"])["correction"]["due_at"][:10]
    assert waiting(world, world.lead) == {"application_returned": [(f"application/{application['id']}", due)]}


def test_a_change_waits_for_the_units_it_asks(world: World) -> None:
    consortium = imported(world, "联合体", enterprise(world), *(enterprise(world) for _ in range(8)))
    joining = enterprise(world)
    change = report(world, consortium, "add_member", {"organisation": joining, "tier": "core"})
    assert waiting(world, applicant(joining)) == {"change_confirmation": [(f"change/{change['id']}", "2026-12-01")]}
    [item] = world.ask("todo", applicant(joining))["items"]
    assert item["within"]["consortium"] == consortium["id"]
    assert waiting(world, applicant(consortium["lead"]["uscc"])) == {}


def test_a_unit_that_leaves_makes_its_lead_report_a_change_and_stands_on_the_watch_list(world: World) -> None:
    member, others = enterprise(world), [enterprise(world) for _ in range(8)]
    consortium = imported(world, "联合体", others[0], member, *others[1:])
    world.tell("declare_departure", applicant(member), id=consortium["id"], reason="业务调整", leaves_on=None)
    asked = waiting(world, applicant(others[0]))
    assert list(asked) == ["change_asked"]
    [(subject, due)] = asked["change_asked"]
    assert subject == f"consortium/{consortium['id']}"
    assert due is not None
    assert [kind for kind in waiting(world, OFFICER) if kind == "watch"] == ["watch"]
    assert waiting(world, bureau("450200")) == {}


def test_an_open_round_waits_for_a_lead_that_may_answer_and_has_not(world: World) -> None:
    lead = new_enterprise()
    consortium = imported(world, "甲", lead, recognised_on="2023-12-29")
    round = world.open_call(kind="young_talent", rubric=[], title="推荐通知")["id"]
    assert waiting(world, applicant(lead)) == {"support_round": [(f"call/{round}", "2026-04-30")]}
    assert waiting(world, applicant(new_enterprise())) == {}
    nominate(world, consortium, round, "甲")
    assert waiting(world, applicant(lead)) == {}


def test_an_objection_waits_for_the_province_until_the_publicity_ends(world: World) -> None:
    application = world.at_decision()
    world.decided(application)
    objection = world.tell("file_objection", ANYBODY, id=application["id"], reason="请核实")["id"]
    ends = world.told("application.publicised")[0]["ends_on"]
    assert waiting(world, OFFICER) == {"objection": [(f"application/{application['id']}", ends)]}
    # When a chief prepares an answer that upholds the objection, then another chief has the task to confirm it; when an officer
    # dismisses the objection instead, then no task is left
    reply = {"id": application["id"], "objection": objection, "answer": "属实"}
    author = Actor("province-deputy", ("chief",), PROVINCE)
    world.tell("answer_objection", author, **reply, outcome="upheld")
    assert waiting(world, CHIEF) == {"objection_answer": [(f"application/{application['id']}", ends)]}
    assert waiting(world, OFFICER) == waiting(world, author) == {}
    world.tell("answer_objection", OFFICER, **reply, outcome="dismissed")
    assert waiting(world, OFFICER) == {}


def test_a_major_matter_waits_for_the_province_and_a_policy_draft_for_its_chief(world: World) -> None:
    lead = enterprise(world)
    consortium = imported(world, "联合体", lead, *(enterprise(world) for _ in range(8)))
    body = {"kind": "academic_event", "title": "专题研讨", "detail": "行业会议", "occurred_on": "2026-06-01"}
    filed = {"id": consortium["id"], "matter": MajorMatter().load(body), "documents_statement": None}
    matter = world.tell("file_matter", applicant(lead), **filed)["id"]
    assert waiting(world, OFFICER) == {"major_matter": [(f"matter/{matter}", "2026-06-01")]}
    document = world.policies.get("guangxi_trial@1").to_dict() | {"version": 2}
    world.tell("draft_policy", OFFICER, document=document)
    assert list(waiting(world, CHIEF)) == ["major_matter", "policy_draft"]
    world.tell("acknowledge_matter", OFFICER, id=consortium["id"], matter=matter, note=None)
    assert waiting(world, OFFICER) == {}


def test_nothing_waits_for_those_who_only_read(world: World) -> None:
    world.submitted()
    assert [waiting(world, actor) for actor in (AUDITOR, EXPERT, OPERATOR, applicant(new_enterprise()))] == [{}] * 4


def test_an_answer_lists_the_first_fifty_and_counts_them_all(world: World) -> None:
    lead = enterprise(world)
    consortium = imported(world, "联合体", lead, *(enterprise(world) for _ in range(8)))
    body = MajorMatter().load({"kind": "academic_event", "title": "研讨", "detail": "会议", "occurred_on": "2026-02-01"})
    for _ in range(52):
        world.tell("file_matter", applicant(lead), id=consortium["id"], matter=body, documents_statement=None)
    answer = world.ask("todo", OFFICER)
    assert answer["counts"] == [{"kind": "major_matter", "count": 52}]
    assert len(answer["items"]) == 50


def test_what_waits_is_found_by_indexes(crowded: World) -> None:  # noqa: F811
    for actor in (applicant("u7"), OFFICER, bureau("450200"), OPERATOR):
        plans = plans_of(crowded, lambda actor=actor: crowded.ask("todo", actor))
        grown = ("applications", "units", "consortia", "consortium_units")
        assert [line for line in plans.split("\n") for table in grown if f"Seq Scan on {table}" in line] == [], actor
