"""Changes of a consortium from the report to the effect: successions, confirmations, competing changes, and a consortium that
ends in between (A12)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from services.contracts.application.change_requests import ChangeReport, Succession
from services.kernel.errors import Conflict, DomainError, Forbidden, Invalid
from services.policy import PROVINCE
from tests.examples.generate_cases import organisation
from tests.integration.application.scenario import AUDITOR, CHIEF, World, applicant, bureau, new_enterprise, refused
from tests.integration.application.test_quotas import imported, joins
from tests.integration.application.test_quotas_at_once import enterprise

AGREEMENT = ("supplementary_agreement",)
#: The serial numbers of this module's universities, which no other module uses.
_serials = count(5000)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "application.db")


def report(
    world: World, consortium: dict[str, Any], kind: str, detail: dict[str, Any], papers: Sequence[str] = AGREEMENT, **more: Any
) -> dict[str, Any]:
    """Report a change of the consortium, as its lead, with one document of each kind in `papers`."""
    id = consortium["id"]
    listed = [
        {"id": f"consortium.{id}.{kind}", "subject": f"consortium/{id}", "kind": kind, "filename": "a.pdf"} for kind in papers
    ]
    body = {
        "kind": kind,
        "effective_on": "2026-12-01",
        "detail": detail,
        "reason": "任务需要",
        "technical_need": "中试",
        "task_source": "任务书",
        "documents": [paper["id"] for paper in listed],
    }
    statement = world.bench.signers["documents"].statement({"documents": listed}, seconds=60)
    return world.tell(
        "report_change",
        applicant(consortium["lead"]["uscc"]),
        id=id,
        change=ChangeReport().load(body | more),
        documents_statement=statement,
    )


def confirm(world: World, code: str, change: dict[str, Any]) -> dict[str, Any]:
    said = {"id": change["consortium"], "change": change["id"], "decision": "confirm"}
    confirmed: dict[str, Any] = world.tell("confirm_change", applicant(code), **said)
    return confirmed


def recommend(world: World, change: dict[str, Any], outcome: str = "pass", **opinion: Any) -> None:
    said = {"case": "450200-1", "version": 1, "stage": "recommendation", "next_stage": "decision", "outcome": outcome}
    said["opinion"] = {"comment": "已核"} | opinion
    world.bench.react(world.event("review.recommended", "review.450200", f"change/{change['id']}", said, bureau("450200")))


def decide(world: World, change: dict[str, Any], outcome: str = "approve", **more: Any) -> dict[str, Any]:
    said = {"case": f"{PROVINCE}-1", "version": 1, "outcome": outcome, "reason": "同意", "waivers": [], "signed_by": "chief"}
    body = world.event("review.decided", f"review.{PROVINCE}", f"change/{change['id']}", said | more, bureau(PROVINCE))
    world.bench.react(body)
    return read(world, change)


def approve(world: World, change: dict[str, Any]) -> dict[str, Any]:
    """Let the recommender and the province approve a change, with waivers of the rules C1, L6 and M3."""
    recommend(world, change)
    return decide(world, change, waivers=[{"rule": rule, "reason": "急需"} for rule in ("C1", "L6", "M3")])


def read(world: World, change: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = world.ask("get_change", CHIEF, id=change["consortium"], change=change["id"])
    return found


def university(world: World) -> str:
    """Create a university of Nanning that has entered its data; return its code."""
    data = organisation(next(_serials), "450100", "university")
    world.put(data)
    return str(data["uscc"])


def failing(change: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in change["findings"] if finding["status"] == "fail"}


def succeed(world: World, old: str, new: str, **more: Any) -> None:
    body = {"kind": "recoded", "successor": new, "name": "换码单位", "effective_on": "2026-03-02", "reason": "换码"} | more
    world.tell("succeed_organisation", CHIEF, uscc=old, succession=Succession().load(body))


def units(world: World, consortium: dict[str, Any]) -> set[str]:
    return {unit["uscc"] for unit in world.ask("get_consortium", CHIEF, id=consortium["id"])["units"]}


def joined(world: World) -> tuple[dict[str, Any], str, str]:
    """Create a consortium with an approved change by which an organisation joins on 1 December 2026. Return the consortium, its
    member's code, and the code of the organisation that joins."""
    member, joiner = enterprise(world), enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member)
    change = report(world, consortium, "add_member", {"organisation": joiner, "tier": "core"})
    confirm(world, joiner, change)
    approve(world, change)
    return consortium, member, joiner


@pytest.mark.parametrize("which", ["member", "joiner"])
def test_a_succession_while_a_change_waits_is_kept_when_it_takes_effect(world: World, which: str) -> None:
    # Given an approved change that waits for the day on which it takes effect
    consortium, member, joiner = joined(world)
    old, new = {"member": member, "joiner": joiner}[which], new_enterprise()
    # When the member, or the organisation that joins, has a successor before that day, then the successor is in the register
    # after that day
    succeed(world, old, new)
    world.clock.advance(days=300)
    world.sweep()
    assert new in units(world, consortium)
    assert old not in units(world, consortium)
    assert (joins(world, new), joins(world, old)) == (1, 0)


def test_of_two_consortia_that_hand_the_lead_to_one_member_the_second_carries_the_finding(world: World) -> None:
    shared, found = enterprise(world), []
    for name in ("甲", "乙"):
        consortium = imported(world, name, enterprise(world), shared)
        detail = {"lead": shared, "former_lead_tier": "core"}
        change = confirm(world, shared, report(world, consortium, "lead", detail, (*AGREEMENT, "project_change")))
        found.append({finding["rule"] for finding in change["findings"] if finding["status"] == "fail"})
    assert ["L6" in rules for rules in found] == [False, True]
    # and in each consortium, the quota that the change reserves for the member and the quota that the member already has count as
    # one
    assert joins(world, shared) == 2


def test_a_lead_that_changed_has_one_place_and_leads(world: World) -> None:
    member, former = enterprise(world), enterprise(world)
    consortium = imported(world, "甲", former, member)
    detail = {"lead": member, "former_lead_tier": "core"}
    approve(world, confirm(world, member, report(world, consortium, "lead", detail, (*AGREEMENT, "project_change"))))
    world.clock.advance(days=300)
    world.sweep()
    standing = [world.ask("organisation_standing", CHIEF, uscc=code) for code in (member, former)]
    assert [(one["leads"], one["joins"]) for one in standing] == [(1, 1), (0, 1)]


def test_who_joins_is_asked_before_the_change_takes_effect_and_nobody_where_nobody_joins(world: World) -> None:
    joined(world)
    report(world, imported(world, "乙", enterprise(world), enterprise(world)), "name", {"name": "丙"})
    assert [event["confirm_by"] for event in world.told("change.reported")] == ["2026-12-01", None]


def test_a_consortium_that_ends_before_a_change_takes_effect_frees_who_would_have_joined(world: World) -> None:
    consortium, _, joiner = joined(world)
    assert joins(world, joiner) == 1
    decided = {"outcome": "revoke", "reason": "x", "grounds": ["A14(7)"], "decided_on": "2026-03-02", "article": "A14(7)"}
    world.bench.react(world.event("revocation.decided", "evaluation", f"consortium/{consortium['id']}", decided, CHIEF))
    world.clock.advance(days=300)
    assert world.sweep() == []
    assert joins(world, joiner) == 0


@pytest.mark.parametrize(
    ("kind", "detail", "pointer"),
    [
        ("units", {}, "/detail"),
        ("units", {"remove": ["M", "M"]}, "/detail/remove/1"),
        ("units", {"add": [{"organisation": "J", "tier": "core"}, {"organisation": "J", "tier": "close"}]}, "/detail/add/1"),
        ("change_tier", {"organisation": "M", "tier": "core"}, "/detail/organisation"),
        ("name", {"name": "甲"}, "/detail/name"),
    ],
)
def test_what_changes_nothing_or_says_a_unit_twice_is_refused(world: World, kind: str, detail: Any, pointer: str) -> None:
    named = {"M": enterprise(world), "J": enterprise(world)}
    consortium = imported(world, "甲", enterprise(world), named["M"], enterprise(world))

    def filled(value: Any) -> Any:
        if isinstance(value, list):
            return [filled(one) for one in value]
        if isinstance(value, dict):
            return {name: filled(one) for name, one in value.items()}
        return named.get(value, value)

    with pytest.raises(Invalid) as caught:
        report(world, consortium, kind, filled(detail))
    assert [error.pointer for error in caught.value.errors] == [pointer]


def test_a_main_member_that_leaves_among_others_needs_project_managements_papers(world: World) -> None:
    member = enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member, enterprise(world))
    with pytest.raises(Invalid) as caught:
        report(world, consortium, "units", {"remove": [member], "main_task_bearing": True})
    assert [error.code for error in caught.value.errors] == ["document_lacking"]
    report(world, consortium, "units", {"remove": [member], "main_task_bearing": True}, (*AGREEMENT, "project_change"))


def test_a_withdrawn_change_that_took_place_can_be_recorded(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    change = report(world, consortium, "name", {"name": "乙"}, ())
    found = {"id": consortium["id"], "found_on": "2026-03-02", "text": "已启用新名", "change": change["id"]}
    with pytest.raises(Conflict):
        world.tell("find_unreported", bureau("450200"), **found)
    lead = applicant(consortium["lead"]["uscc"])
    world.tell("withdraw_change", lead, id=consortium["id"], change=change["id"], reason="另行协商")
    world.tell("find_unreported", bureau("450200"), **found)
    assert [told["reason"] for told in world.told("ground.arisen")] == ["refused_but_done"]


def test_a_succession_lies_behind_and_goes_in_no_circle(world: World) -> None:
    one, other = enterprise(world), enterprise(world)
    with pytest.raises(Invalid):
        succeed(world, one, other, effective_on="2099-01-01")
    succeed(world, one, other)
    for old, new in ((other, one), (one, new_enterprise())):
        with pytest.raises(DomainError):
            succeed(world, old, new)


def test_a_late_change_is_in_the_register_with_its_own_day(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    late = {"effective_on": "2026-02-01", "late_reason": "突然更名"}
    approve(world, report(world, consortium, "name", {"name": "乙"}, (), **late))
    assert [told["effective_on"] for told in world.told("consortium.changed")] == ["2026-02-01"]


def test_a_recommender_against_a_change_does_not_refuse_it(world: World) -> None:
    # Given a change that the city does not recommend (A12: 经自治区科技厅同意)
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    change = report(world, consortium, "name", {"name": "乙"}, ())
    recommend(world, change, "reject", comment="名称相近")
    # Then the change goes on to the province with the city's opinion, and the province may still approve it
    shown = read(world, change)
    assert (shown["status"], shown["stage"]) == ("submitted", "decision")
    assert (shown["recommendation"]["outcome"], shown["recommendation"]["comment"]) == ("reject", "名称相近")
    assert decide(world, change)["status"] == "approved"


def test_a_new_lead_and_a_member_whose_tier_changes_confirm_before_anything_is_reviewed(world: World) -> None:
    member, other = enterprise(world), enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member, other)
    lead = report(world, consortium, "lead", {"lead": member}, (*AGREEMENT, "project_change"))
    tier = report(world, consortium, "change_tier", {"organisation": other, "tier": "general"})
    assert {change["status"] for change in (lead, tier)} == {"awaiting_confirmations"}
    asked = [(one["organisation"], one["as"]) for one in lead["confirmations"] + tier["confirmations"]]
    assert asked == [(member, "leads"), (other, "tier")]
    refused(Forbidden, lambda: confirm(world, other, lead), "not_joining")
    assert confirm(world, member, lead)["status"] == confirm(world, other, tier)["status"] == "submitted"
    told = {event["what"]: event for event in world.told("change.reported")}
    assert told["lead"]["new_lead"]["uscc"] == member
    assert [unit["uscc"] for unit in told["change_tier"]["moving"]] == [other]


def test_changes_pending_at_once_are_judged_again_with_what_took_effect_meanwhile(world: World) -> None:
    # Given ten units, four of them enterprises, and two changes; in each change one enterprise leaves
    leaving, rest = [enterprise(world), enterprise(world)], [enterprise(world), *(university(world) for _ in range(6))]
    consortium = imported(world, "甲", enterprise(world), *leaving, *rest)
    first, second = (
        report(world, consortium, "remove_member", {"organisation": code}, effective_on="2026-03-03") for code in leaving
    )
    again = {"organisation": leaving[0], "tier": "close"}
    refused(Conflict, lambda: report(world, consortium, "change_tier", again), "change_pending")
    assert failing(first) == failing(second) == set()
    # When the first change takes effect before the province approves the second
    approve(world, first)
    world.clock.advance(days=2)
    world.sweep()
    held = approve(world, second)
    # Then the second approval has no effect: only 2 of 8 units would be enterprises (C4), which the province can approve only
    # knowingly
    assert (held["status"], held["stage"], failing(held)) == ("submitted", "decision", {"C4"})
    (told,) = world.told("change.held")
    assert "C4" in {finding["rule"] for finding in told["findings"] if finding["status"] == "fail"}
    assert decide(world, second, knowingly=True)["status"] == "effective"
    assert {event["reason"]: event["confirmed"] for event in world.told("ground.arisen")} == {"approved_knowingly": True}


def test_a_rule_that_failed_before_the_change_needs_no_new_waiver(world: World) -> None:
    # Given a consortium of three units, which already fails the rule of at least eight units (C1)
    member = enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member, enterprise(world))
    change = report(world, consortium, "remove_member", {"organisation": member})
    assert {finding["rule"]: finding["failed_before"] for finding in change["findings"]}["C1"] is True
    recommend(world, change)
    assert decide(world, change)["status"] == "approved"


def test_a_new_lead_without_figures_is_approved_with_a_waiver_only(world: World) -> None:
    # Given a change that makes a member the new lead, although the member has not entered its figures (L2, L5)
    member = enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member, *(enterprise(world) for _ in range(6)))
    data = world.case["organisations"][0] | {"uscc": member, "region": "450200", "figures": []}
    world.put(data)
    detail = {"lead": member, "former_lead_tier": "core"}
    change = confirm(world, member, report(world, consortium, "lead", detail, (*AGREEMENT, "project_change")))
    lacking = {found["rule"]: found["failed_before"] for found in change["findings"] if found["status"] == "needs_evidence"}
    assert lacking == {"L2": False, "L5": False}
    # When the province approves without a waiver, then the approval has no effect; when it waives both rules, then the change is
    # approved
    recommend(world, change)
    assert decide(world, change)["status"] == "submitted"
    assert decide(world, change, waivers=[{"rule": rule, "reason": "急需"} for rule in lacking])["status"] == "approved"


def test_the_recommender_judges_who_bears_a_main_task_and_the_lead_adds_the_papers(world: World) -> None:
    # Given a change by which a member leaves; the lead has not stated whether the member has a main part of the task
    member = enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member, enterprise(world))
    change = report(world, consortium, "remove_member", {"organisation": member})
    assert set(change["signatories"]) == units(world, consortium) - {member}
    # When the recommender judges that the member has a main part of the task, then the lead is asked for the documents about the
    # change of the science project (科技计划项目变更材料)
    recommend(world, change, main_task_bearing=[member])
    (asked,) = world.told("change.documents_asked")
    assert asked["lacking"]["zh"] == "科技计划项目变更材料"
    assert read(world, change)["main_task_bearing"] is True
    # When the province approves without these documents, then the approval has no effect; when the lead has added them, then the
    # approval takes effect
    assert decide(world, change)["status"] == "submitted"
    assert [event["lacking"] for event in world.told("change.held")] == [asked["lacking"]]
    paper = {"id": "consortium.x.1", "subject": f"consortium/{consortium['id']}", "kind": "project_change", "filename": "a.pdf"}
    world.tell(
        "supplement_change",
        applicant(consortium["lead"]["uscc"]),
        id=consortium["id"],
        change=change["id"],
        documents=[paper["id"]],
        documents_statement=world.bench.signers["documents"].statement({"documents": [paper]}, seconds=60),
    )
    assert [paper["kind"] for paper in world.told("change.supplemented")[0]["documents"]] == [*AGREEMENT, "project_change"]
    assert decide(world, change)["status"] == "approved"


@pytest.mark.parametrize(("known_on", "late"), [("2026-02-01", False), ("2026-01-30", True)])
def test_what_nobody_could_report_ahead_is_in_time_within_thirty_days(world: World, known_on: str, late: bool) -> None:
    member = enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member, enterprise(world))
    said = {"effective_on": "2026-01-15", "unforeseen": {"cause": "ended", "known_on": known_on}, "late_reason": "延误"}
    change = report(world, consortium, "remove_member", {"organisation": member}, technical_need=None, task_source=None, **said)
    assert (change["late"], len(world.told("ground.arisen"))) == (late, int(late))


def test_what_became_known_lies_behind(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    ahead = {"unforeseen": {"cause": "death", "known_on": "2026-03-03"}}
    error = refused(Invalid, lambda: report(world, consortium, "name", {"name": "乙"}, (), **ahead), "invalid_change")
    assert [wrong.pointer for wrong in error.errors] == ["/unforeseen/known_on"]


def test_an_opinion_on_an_earlier_version_of_a_change_is_void(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    change = report(world, consortium, "name", {"name": "乙"}, ())
    said = {"case": "450200-1", "version": 0, "stage": "recommendation", "next_stage": "decision"}
    world.bench.react(world.event("review.recommended", "review.450200", f"change/{change['id']}", said, bureau("450200")))
    assert [event["reason"] for event in world.told("change.opinion_void")] == ["not_current_version"]
    assert read(world, change)["stage"] == "recommendation"


@pytest.mark.parametrize("text", ["unreported", "refused_but_done"])
def test_the_day_on_which_an_unreported_change_was_found_is_recorded(world: World, text: str) -> None:
    # Given a consortium that carried out a change without a report, or although the province had refused it
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    said = {"id": consortium["id"], "found_on": "2026-02-27", "text": "已启用新名"}
    if text == "refused_but_done":
        change = report(world, consortium, "name", {"name": "乙"}, ())
        recommend(world, change)
        decide(world, change, "decline")
        said["change"] = change["id"]
    # When the recommender records that it has found the unreported change
    world.tell("find_unreported", bureau("450200"), **said)
    # Then the day on which the recommender found the change is published with the ground of revocation, and is in the
    # consortium's timeline
    assert [(told["reason"], told["found_on"]) for told in world.told("ground.arisen")] == [(text, "2026-02-27")]
    steps = world.ask("consortium_timeline", CHIEF, id=consortium["id"], limit=200)["items"]
    assert [step["detail"].get("found_on") for step in steps if step["type"] == "ground.arisen"] == ["2026-02-27"]


def test_a_pending_change_of_the_lead_does_not_count_its_member_twice_at_the_limit(world: World) -> None:
    # Given a member of two consortia, and a pending change that makes the member the lead of one of them
    shared = enterprise(world)
    consortium = imported(world, "甲", enterprise(world), shared)
    imported(world, "乙", enterprise(world), shared)
    detail = {"lead": shared, "former_lead_tier": "core"}
    confirm(world, shared, report(world, consortium, "lead", detail, (*AGREEMENT, "project_change")))
    # Then the member counts as part of two consortia (the limit is three), and the dashboard counts no organisation at its limit
    assert joins(world, shared) == 2
    assert world.ask("dashboard", CHIEF)["quotas"]["organisations_at_limit"] == 0
    # When the member joins a third consortium, then the dashboard counts one organisation at its limit
    imported(world, "丙", enterprise(world), shared)
    assert world.ask("dashboard", CHIEF)["quotas"]["organisations_at_limit"] == 1


def test_an_opinion_on_a_stage_that_changes_do_not_have_is_void(world: World) -> None:
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    change = report(world, consortium, "name", {"name": "乙"}, ())
    said = {"case": "450200-1", "version": 1, "stage": "expert_review", "next_stage": "decision", "outcome": "pass"}
    said["opinion"] = {"comment": "已核"}
    world.bench.react(world.event("review.recommended", "review.450200", f"change/{change['id']}", said, bureau("450200")))
    assert [void["reason"] for void in world.told("change.opinion_void")] == ["not_current_stage"]
    assert read(world, change)["stage"] == "recommendation"


def test_an_organisations_standing_lists_changes_to_those_who_may_read_them(world: World) -> None:
    # Given an organisation that a reported change adds to a consortium, whose recommender is the bureau 450200
    joiner = enterprise(world)
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    change = report(world, consortium, "add_member", {"organisation": joiner, "tier": "core"})
    confirm(world, joiner, change)
    # Then the organisation itself, the recommender, the province and auditors see the change in the organisation's standing
    for reader in (applicant(joiner), bureau("450200"), CHIEF, AUDITOR):
        assert world.ask("organisation_standing", reader, uscc=joiner)["joining"] == [{"change": change["id"], "held": True}]
    # and every other bureau sees only in how many consortia the organisation takes part
    seen = world.ask("organisation_standing", bureau("450900"), uscc=joiner)
    assert (seen["joins"], seen["joining"]) == (1, [])


def test_the_register_tells_who_employs_the_chief_scientist(world: World) -> None:
    # Given a consortium without a stated chief scientist
    consortium = imported(world, "甲", enterprise(world), enterprise(world))
    assert world.told("consortium.recognised")[-1]["related_units"] == []
    # When a person whose employer, a university, is no unit becomes the chief scientist, then the evaluation service learns the
    # employer (A5(4)2)
    employer = university(world)
    change = report(
        world,
        consortium,
        "chief_scientist",
        {"name": "甲", "employer": employer, "title": None},
        (),
        effective_on="2026-03-01",
        late_reason="前任病故",
    )
    approve(world, change)
    assert world.told("consortium.changed")[-1]["related_units"] == [employer]
