"""Similar research directions (A4(1)): the directions that each reader sees, and the names beside them."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import insert

from services.application.tables import applications, versions
from services.kernel.errors import NotFound
from services.kernel.ids import new_id
from tests.integration.application.scenario import AUDITOR, CHIEF, EXPERT, OPERATOR, World, applicant, bureau, new_enterprise

CANE = "面向丘陵坡地，研制切段式甘蔗联合收割机和田间转运装备，突破低含杂率收获、宿根保护技术，提升甘蔗机收率。"
CANE_AGAIN = "针对坡耕地甘蔗收割难题，研发小型甘蔗联合收割机与转运机具，降低机收含杂率和宿根破头率。"
TEA = "研究六堡茶渥堆发酵微生物群落及品质形成机理，评价六堡茶降脂等健康功效。"

PAIRS: list[dict[str, Any]] = tomllib.loads((Path(__file__).parents[2] / "examples/directions.toml").read_text("utf-8"))["pair"]


def similar(world: World, application: dict[str, Any], actor: Any = None) -> list[dict[str, Any]]:
    answer = world.ask("similar_directions", actor or world.lead, id=application["id"])
    assert (answer["citation"], answer["question"]) == ("A4(1)", "Q8")
    return list(answer["items"])


def recognised(world: World, **changes: Any) -> dict[str, Any]:
    application = world.at_decision(**changes)
    world.decided(application)
    world.clock.advance(days=14)
    world.sweep()
    return world.get(application["id"])


def another(world: World, **changes: Any) -> dict[str, Any]:
    """Create a draft of a second application: a new enterprise leads it, and its other units are those of the world's sample
    case. `changes` replace fields of the application. Afterwards, `world.lead` is the lead of the first application again."""
    lead = new_enterprise()
    world.put(world.case["organisations"][0] | {"uscc": lead, "name": "另一牵头企业"})
    world.lead, first = applicant(lead), world.lead
    call = world.open_call(opens_at="2026-03-01T00:00:00+08:00", closes_at="2027-12-31T00:00:00+08:00")["id"]
    scientist = world.case["application"]["chief_scientist"] | {"employer": lead}
    draft = world.start(call, lead=lead, chief_scientist=scientist, **changes)
    world.lead = first
    return draft


def submit(world: World, draft: dict[str, Any]) -> dict[str, Any]:
    world.confirm_all(draft["id"])
    return world.submit(draft["id"], applicant(draft["lead"]))


def test_the_applicant_sees_recognised_consortia_and_no_open_application(world: World) -> None:
    first = recognised(world, name="甘蔗机收创新联合体", research_direction=CANE)
    other = another(world, name="糖料蔗收获装备创新联合体", research_direction=CANE_AGAIN)

    [near] = similar(world, other, applicant(other["lead"]))

    assert (near["kind"], near["id"], near["name"]) == ("consortium", first["consortium"], "甘蔗机收创新联合体")
    assert near["number"].startswith("GXCX-2026-")
    assert near["lead"] == {"uscc": first["lead"], "name": first["lead_name"]}
    assert 0.2 < near["likeness"] < 1
    assert "甘蔗联合收割机" in near["shared"]


def test_a_draft_is_compared_as_it_is_entered_and_found_by_nobody(world: World) -> None:
    recognised(world, name="六堡茶创新联合体", research_direction=TEA)
    draft = another(world, name="甘蔗机收创新联合体", research_direction=CANE)
    lead = applicant(draft["lead"])
    assert similar(world, draft, lead) == []

    world.tell("change_application", lead, id=draft["id"], change={"name": "六堡茶功能研究创新联合体", "research_direction": TEA})
    world.sweep()

    assert [near["name"] for near in similar(world, draft, lead)] == ["六堡茶创新联合体"]


def test_reviewers_see_open_applications_too_named_where_they_may_read_them(world: World) -> None:
    world.register_all()
    first = world.submitted(name="甘蔗机收创新联合体", research_direction=CANE)
    other = submit(world, another(world, name="糖料蔗收获装备创新联合体", research_direction=CANE_AGAIN))
    world.recommended(other)
    world.sweep()
    city = bureau(first["recommender"])

    [own] = similar(world, other, city)
    assert (own["kind"], own["id"], own["name"], own["status"]) == ("application", first["id"], first["name"], "submitted")

    [province] = similar(world, other, CHIEF)  # The first application has not reached the province's stage yet.
    assert (province["id"], province["name"], province["lead"]) == (None, None, None)
    assert (province["field"], province["recommender"]) == (first["field"], first["recommender"])
    assert province["likeness"] > 0.2
    assert "甘蔗联合收割机" in province["shared"]

    assert [near["name"] for near in similar(world, other, AUDITOR)] == [first["name"]]
    assert similar(world, other, applicant(other["lead"])) == []
    assert similar(world, other, world.members[0]) == []


def test_an_expert_sees_neither_names_nor_bureaus_of_what_the_expert_was_not_given(world: World) -> None:
    world.register_all()
    world.submitted(name="甘蔗机收创新联合体", research_direction=CANE)
    other = submit(world, another(world, name="糖料蔗收获装备创新联合体", research_direction=CANE_AGAIN))
    world.recommended(other)
    world.passed(other, "formal_check", "expert_review")
    given = {"application": other["id"], "version": other["version"]}
    data = {"case": "c", **given, "experts": [EXPERT.username], "third_party": None}
    world.bench.react(world.event("panel.appointed", "review.450000", f"application/{other['id']}", data, CHIEF))
    world.sweep()

    [near] = similar(world, other, EXPERT)

    assert {near[name] for name in ("id", "number", "name", "field", "lead", "recommender", "status")} == {None}
    assert near["likeness"] > 0.2


def test_what_ended_is_compared_no_more_and_a_new_version_as_it_was_submitted(world: World) -> None:
    first = world.submitted(name="甘蔗机收创新联合体", research_direction=CANE)
    other = submit(world, another(world, name="糖料蔗收获装备创新联合体", research_direction=CANE_AGAIN))
    world.sweep()
    city = bureau(first["recommender"])
    assert [near["id"] for near in similar(world, other, city)] == [first["id"]]

    world.returned(first)
    world.tell("change_application", world.lead, id=first["id"], change={"name": "六堡茶创新联合体", "research_direction": TEA})
    world.sweep()
    assert [near["id"] for near in similar(world, other, city)] == [first["id"]]  # Edits of a returned application do not count.
    world.confirm_all(first["id"])
    again = world.submit(first["id"])
    world.sweep()
    assert similar(world, other, city) == []

    third = submit(world, another(world, name="六堡茶功能创新联合体", research_direction=TEA))
    world.sweep()
    assert [near["id"] for near in similar(world, third, city)] == [again["id"]]
    world.tell("withdraw_application", world.lead, id=again["id"], reason="不再申报")
    assert similar(world, third, city) == []
    world.sweep()
    assert similar(world, third, city) == []


def test_who_may_not_read_an_application_is_told_of_none(world: World) -> None:
    application = world.submitted()
    for stranger in (applicant(new_enterprise()), bureau("450300"), CHIEF, EXPERT, OPERATOR):
        with pytest.raises(NotFound):
            world.ask("similar_directions", stranger, id=application["id"])


@pytest.mark.writes_rows
def test_of_the_labelled_pairs_the_near_one_is_among_the_first_three(world: World) -> None:
    """Found through the index, at least 90 % of the directions labelled same or near (tests/examples/directions.toml) have their
    partner among their first three."""
    first = world.submitted()
    ids = fill(world, first["id"], [side for pair in PAIRS for side in (pair["a"], pair["b"])])
    world.sweep()

    missed = []
    for place, id in enumerate(ids):
        if PAIRS[place // 2]["label"] != "unrelated":
            nearest = [near["id"] for near in similar(world, {"id": id}, AUDITOR)[:3]]
            missed += [PAIRS[place // 2]["a"][0]] if ids[place ^ 1] not in nearest else []

    assert len(missed) <= 0.1 * sum(2 for pair in PAIRS if pair["label"] != "unrelated"), missed


def fill(world: World, like: str, sides: list[list[str]]) -> list[str]:
    """Create submitted applications with these names and directions, otherwise copies of the application `like`; return their
    ids."""
    ids = [new_id() for _ in sides]
    with world.bench.database.write() as session:
        case = dict(session.execute(applications.select().where(applications.c.id == like)).one()._mapping)
        version = dict(session.execute(versions.select().where(versions.c.application_id == like)).one()._mapping)
        for id, (name, direction) in zip(ids, sides, strict=True):
            said = {"name": name, "field": "现代产业", "industry_chain": None, "research_direction": direction}
            session.execute(insert(applications).values(**case | {"id": id, "name": name, "compared_version": 0}))
            session.execute(insert(versions).values(**version | {"application_id": id, "content": version["content"] | said}))
    return ids
