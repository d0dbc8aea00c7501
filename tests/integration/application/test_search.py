"""Search over names, numbers and codes: each reader finds what it may read, and nothing else."""

from __future__ import annotations

from typing import Any

import pytest

from services.kernel.identity import Actor
from tests.integration.application.scenario import AUDITOR, CHIEF, EXPERT, OFFICER, OPERATOR, World, applicant, bureau
from tests.integration.application.test_quotas import imported

STRANGER = applicant("91450100MA0000000X")


def found(world: World, actor: Actor, q: str, limit: int = 10) -> dict[str, list[str]]:
    """Search as the actor; return the ids of the items found, by the kind of item."""
    groups = world.ask("search", actor, q=q, limit=limit)["groups"]
    return {group["kind"]: [item["subject"]["id"] for item in group["items"]] for group in groups}


def test_an_application_is_found_by_its_name_and_by_its_lead_by_those_who_may_read_it(world: World) -> None:
    submitted = world.submitted()
    id, lead = submitted["id"], submitted["lead"]
    home = bureau(submitted["recommender"], "officer")
    name = submitted["name"][1:5]
    for actor in (world.lead, world.members[0], home, AUDITOR):
        for q in (name, lead, lead[3:9].lower(), submitted["lead_name"][:3]):
            assert found(world, actor, q)["application"] == [id], (actor, q)
    for actor in (STRANGER, CHIEF, bureau("451400", "officer")):
        assert "application" not in found(world, actor, name)
    for actor in (EXPERT, OPERATOR):
        assert found(world, actor, name) == {}


def test_a_line_says_what_it_is(world: World) -> None:
    submitted = world.submitted()
    [group] = world.ask("search", AUDITOR, q=submitted["name"], limit=5)["groups"]
    assert (group["kind"], group["more"]) == ("application", False)
    [item] = group["items"]
    assert (item["title"], item["subtitle"]) == (submitted["name"], submitted["lead_name"])
    assert item["status"]["zh"] and item["about"] is None


def test_a_consortium_is_found_by_its_number(world: World) -> None:
    world.register_all()
    entry = imported(world, "老糖业创新联合体", world.lead.organisation)
    for actor in (OFFICER, AUDITOR, world.lead):
        assert found(world, actor, entry["number"])["consortium"] == [entry["id"]]
        assert found(world, actor, entry["number"].lower())["consortium"] == [entry["id"]]
    assert "consortium" not in found(world, STRANGER, entry["number"])


def test_an_organisation_is_found_by_its_city_the_province_and_auditors(world: World) -> None:
    world.register_all()
    code = world.lead.organisation
    assert code is not None
    own = world.ask("get_organisation", world.lead, uscc=code)
    home = bureau(f"{own['region'][:4]}00", "officer")
    for actor in (home, OFFICER, AUDITOR):
        assert code in found(world, actor, own["name"])["organisation"]
        assert found(world, actor, code[:12].lower())["organisation"] == [code]
    for actor in (bureau("451400", "officer"), bureau("GX-MIIT", "officer"), world.lead):
        assert "organisation" not in found(world, actor, own["name"])


def test_a_call_is_found_by_everybody_by_its_title(world: World) -> None:
    call = world.open_call(title="二〇二六年糖业专项")
    for actor in (world.lead, OFFICER, AUDITOR):
        assert found(world, actor, "糖业专项")["call"] == [call["id"]]


@pytest.mark.parametrize("q", ["%%", "__", "' OR 1=1", "\\\\"])
def test_signs_of_the_database_language_are_text(world: World, q: str) -> None:
    world.submitted()
    assert found(world, AUDITOR, q) == {}


def test_no_more_than_was_asked_for_is_listed_and_the_rest_is_said(world: World) -> None:
    for _ in range(3):
        world.open_call(title="重复的通知")
    groups: list[dict[str, Any]] = world.ask("search", OFFICER, q="重复的", limit=2)["groups"]
    assert [(group["kind"], len(group["items"]), group["more"]) for group in groups] == [("call", 2, True)]
