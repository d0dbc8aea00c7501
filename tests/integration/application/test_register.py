"""The register: the consortia that each reader sees, and the public entries."""

from __future__ import annotations

from typing import Any

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from services.kernel.identity import NOBODY
from tests.integration.application.scenario import AUDITOR, CHIEF, OPERATOR, World, applicant, bureau, new_enterprise, refused


def entry(world: World, **changes: Any) -> dict[str, Any]:
    body = {
        "name": "广西糖业创新联合体",
        "field": "糖业",
        "recognised_on": "2022-05-20",
        "recommender": "450200",
        "lead": new_enterprise(),
        "lead_name": "柳州样例糖业公司",
        "members": [{"organisation": new_enterprise(), "name": "成员样例公司", "tier": "core", "role": None}],
    } | changes
    return world.enter_old(body)


def test_a_consortium_of_the_2021_plan_enters_with_its_original_date(world: World) -> None:
    made = entry(world)
    assert (made["number"], made["recognised_on"], made["status"]) == ("GXCX-2022-0001", "2022-05-20", "active")
    assert made["lead"]["name"] == "柳州样例糖业公司"
    (told,) = world.told("consortium.recognised")
    assert (told["imported"], told["application"], told["article"]) == (True, None, "A16")


def test_an_import_that_cannot_be_is_refused(world: World) -> None:
    made = entry(world)
    refused(Conflict, lambda: entry(world, lead=made["lead"]["uscc"], members=[]), "already_registered")
    wrong = {"recommender": "450000", "recognised_on": "2024-01-01"}
    error = refused(Invalid, lambda: entry(world, **wrong), "invalid_consortium")
    assert [e.pointer for e in error.errors] == ["/recommender", "/recognised_on"]
    for actor in (world.lead, bureau("450200")):
        refused(Forbidden, lambda actor=actor: world.tell("import_consortium", actor, consortium={}), "province_only")


def test_everybody_searches_the_public_register_and_finds_no_figures(world: World) -> None:
    sugar, sea = entry(world), entry(world, name="北部湾海洋装备创新联合体", field="海洋装备")

    def found(**query: Any) -> list[str]:
        return [item["id"] for item in world.ask("public_consortia", NOBODY, **query)["items"]]

    assert found() == [sea["id"], sugar["id"]]
    assert found(q="洋装") == found(q="2022-0002") == found(field="海洋装备") == [sea["id"]]
    assert found(q="柳州样例糖业") == [sea["id"], sugar["id"]]
    assert found(number="GXCX-2022-0001") == [sugar["id"]]
    assert found(q="100%") == []
    first = world.ask("public_consortia", NOBODY, limit=1)
    assert [found(), found(limit=1, cursor=first["next_cursor"])] == [[sea["id"], sugar["id"]], [sugar["id"]]]
    assert set(first["items"][0]) == {
        "id",
        "number",
        "name",
        "field",
        "status",
        "recognised_on",
        "recommender",
        "lead",
        "last_grade",
    }


def test_units_and_bureaus_see_their_own_consortia(world: World) -> None:
    made = entry(world)
    lead = applicant(made["lead"]["uscc"])
    for actor in (lead, bureau("450200"), CHIEF, AUDITOR):
        assert [item["id"] for item in world.ask("list_consortia", actor)["items"]] == [made["id"]]
        assert len(world.ask("get_consortium", actor, id=made["id"])["units"]) == 2
    for actor in (applicant(new_enterprise()), bureau("450900")):
        assert world.ask("list_consortia", actor)["items"] == []
        refused(NotFound, lambda actor=actor: world.ask("get_consortium", actor, id=made["id"]), "consortium_not_found")
    refused(Forbidden, lambda: world.ask("list_consortia", OPERATOR), "no_case_content")
    assert world.ask("list_consortia", CHIEF, status="revoked", recommender="450200")["items"] == []


def test_every_consortium_has_its_own_timeline(world: World) -> None:
    made = entry(world)
    (step,) = world.ask("consortium_timeline", NOBODY, id=made["id"])["items"]
    assert (step["type"], step["article"], step["detail"]) == ("consortium.recognised", "A16", {})
    (_, step) = world.ask("consortium_timeline", CHIEF, id=made["id"])["items"]
    assert step["detail"]["number"] == made["number"]
