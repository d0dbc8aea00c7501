"""Changes at their edges: successions meanwhile, two leads at once, a consortium that ends before they take effect (A12)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from services.contracts.application_changes import ChangeReport, Succession
from services.kernel.errors import Conflict, DomainError, Invalid
from services.policy import PROVINCE
from tests.integration.application.test_places import imported, joins
from tests.integration.application.test_places_at_once import enterprise
from tests.integration.application.world import CHIEF, World, applicant, bureau, new_enterprise

AGREEMENT = ("supplementary_agreement",)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "application.db")


def report(
    world: World, consortium: dict[str, Any], kind: str, detail: dict[str, Any], papers: Sequence[str] = AGREEMENT, **more: Any
) -> dict[str, Any]:
    """The lead reports a change with these papers."""
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


def confirm(world: World, code: str, change: dict[str, Any]) -> None:
    world.tell("confirm_change", applicant(code), id=change["consortium"], change=change["id"], decision="confirm")


def approve(world: World, change: dict[str, Any]) -> None:
    """Recommender and province agree."""
    for type, code, data in (
        ("review.recommended", "450200", {"stage": "recommendation", "next_stage": "decision"}),
        ("review.decided", PROVINCE, {"outcome": "approve", "reason": "同意", "waivers": [], "signed_by": "chief"}),
    ):
        said = {"case": f"{code}-1", "version": 1, **data}
        world.bench.react(world.event(type, f"review.{code}", f"change/{change['id']}", said, bureau(code)))


def succeed(world: World, old: str, new: str, **more: Any) -> None:
    body = {"kind": "recoded", "successor": new, "name": "换码单位", "effective_on": "2026-03-02", "reason": "换码"} | more
    world.tell("succeed_organisation", CHIEF, uscc=old, succession=Succession().load(body))


def units(world: World, consortium: dict[str, Any]) -> set[str]:
    return {unit["uscc"] for unit in world.ask("get_consortium", CHIEF, id=consortium["id"])["units"]}


def joined(world: World) -> tuple[dict[str, Any], str, str]:
    """A consortium with an approved change by which somebody joins later: it, its member, who joins."""
    member, joiner = enterprise(world), enterprise(world)
    consortium = imported(world, "甲", enterprise(world), member)
    change = report(world, consortium, "add_member", {"organisation": joiner, "tier": "core"})
    confirm(world, joiner, change)
    approve(world, change)
    return consortium, member, joiner


@pytest.mark.parametrize("which", ["member", "joiner"])
def test_a_succession_while_a_change_waits_is_kept_when_it_takes_effect(world: World, which: str) -> None:
    # Given an approved change that waits for its day
    consortium, member, joiner = joined(world)
    old, new = {"member": member, "joiner": joiner}[which], new_enterprise()
    # When a unit, or who joins, is succeeded meanwhile, then the successor is in the register after that day
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
        change = report(world, consortium, "lead", detail, (*AGREEMENT, "project_change"))
        found.append({finding["rule"] for finding in change["findings"] if finding["status"] == "fail"})
    assert ["L6" in rules for rules in found] == [False, True]
    # and a place reserved beside the member's own counts once
    assert joins(world, shared) == 2


def test_a_lead_that_changed_has_one_place_and_leads(world: World) -> None:
    member, former = enterprise(world), enterprise(world)
    consortium = imported(world, "甲", former, member)
    detail = {"lead": member, "former_lead_tier": "core"}
    approve(world, report(world, consortium, "lead", detail, (*AGREEMENT, "project_change")))
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
