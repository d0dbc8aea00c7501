"""A new version of the policy is previewed and published; existing cases keep the version under which they began (A15)."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from services.kernel.identity import Actor
from services.policy import Policies
from tests.integration.application.scenario import CHIEF, OFFICER, World, bureau, refused


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "application.db", "staff-twenty-nine")


def next_version(version: int = 2, effective_from: str = "2026-04-01", **params: Any) -> dict[str, Any]:
    """Return the document of a later version of the trial policy, in which `params` replace parameters of the rule L3."""
    document = deepcopy(Policies.builtin().get("guangxi_trial@1").to_dict())
    document |= {"version": version, "effective_from": effective_from}
    rule = next(rule for rule in document["rules"] if rule["id"] == "L3")
    rule["params"] |= params
    return document


def status_of(world: World, id: str, rule: str = "L3") -> str:
    found = world.ask("eligibility", world.lead, id=id)["findings"]
    return next(str(finding["status"]) for finding in found if finding["rule"] == rule)


def publish(world: World, actor: Actor = CHIEF, **named: str | None) -> Any:
    """Preview and read the draft of version 2, then publish the draft that was read, or the one that `if_match` names."""
    world.tell("preview_policy", OFFICER, version="guangxi_trial@2")
    seen = world.ask("get_policy", CHIEF, version="guangxi_trial@2")["etag"]
    return world.tell("publish_policy", actor, version="guangxi_trial@2", **({"if_match": seen} | named))


def test_a_draft_swapped_after_it_was_read_is_not_published(world: World) -> None:
    # Given the draft of a policy version, which a chief has read
    read = world.tell("draft_policy", OFFICER, document=next_version(minimum=10))
    assert world.ask("get_policy", CHIEF, version="guangxi_trial@2")["etag"] == read["etag"]
    assert [item["etag"] for item in world.ask("list_policies", CHIEF)["items"] if item["status"] == "draft"] == [read["etag"]]
    # When the officer who drafted it replaces the draft by another text
    swapped = world.tell("draft_policy", OFFICER, document=next_version(minimum=1))
    # Then a publication that names the text that the chief read is refused, and so is a publication that names no text
    with pytest.raises(PreconditionFailed) as changed:
        publish(world, if_match=read["etag"])
    assert changed.value.details == {"etag": swapped["etag"]}
    with pytest.raises(PreconditionRequired):
        publish(world, if_match=None)
    assert world.told("policy.published") == []
    # And when the officer drafts the same text again, then its ETag stays the same, and a publication that names this ETag
    # succeeds
    assert world.tell("draft_policy", OFFICER, document=next_version(minimum=1))["etag"] == swapped["etag"]
    assert publish(world, if_match=swapped["etag"])["status"] == "published"
    assert world.told("policy.published")[0]["document"]["rules"] == next_version(minimum=1)["rules"]


def test_what_opens_after_a_publication_is_judged_by_it_and_drafts_keep_theirs(world: World) -> None:
    # Given an application whose lead has too few staff for the present policy
    old = world.draft()["id"]
    assert status_of(world, old) == "fail"
    # When the province drafts and previews a version that requires fewer staff, then the preview lists the application with the
    # finding before and after
    world.tell("draft_policy", OFFICER, document=next_version(minimum=1))
    preview = world.tell("preview_policy", OFFICER, version="guangxi_trial@2")
    [item] = preview["items"]
    assert (item["application"], item["changes"][0]["rule"]) == (old, "L3")
    assert (item["changes"][0]["before"], item["changes"][0]["after"]) == ("fail", "pass")
    # When the version is published and in force, then an application in a new call follows it, and the earlier application keeps
    # the old version
    publish(world)
    world.clock.advance(days=40)
    call = world.open_call(opens_at="2026-04-10T00:00:00+08:00", closes_at="2026-06-30T00:00:00+08:00")
    assert call["policy"] == "guangxi_trial@2"
    assert status_of(world, world.start(call["id"])["id"]) == "pass"
    assert status_of(world, old) == "fail"
    assert [told["policy"] for told in world.told("policy.published")] == ["guangxi_trial@2"]


def test_a_version_is_published_after_a_preview_of_this_very_text(world: World) -> None:
    # Given the draft of a policy version that was not previewed, and an open application that would pass under it
    application = world.draft()["id"]
    drafted = world.tell("draft_policy", OFFICER, document=next_version(minimum=1))
    assert drafted["preview"] is None
    # Then a chief who has read the draft cannot publish it, and the refusal asks for a preview
    named = {"version": "guangxi_trial@2", "if_match": drafted["etag"]}
    error = refused(Conflict, lambda: world.tell("publish_policy", CHIEF, **named), "policy_not_previewed")
    assert "请先预览" in error.text.zh and "Preview" in error.text.en
    # When an officer previews the draft, then the draft shows who previewed it, when, and which applications are affected
    seen = world.tell("preview_policy", OFFICER, version="guangxi_trial@2")
    assert (seen["etag"], seen["complete"]) == (drafted["etag"], True)
    preview = world.ask("get_policy", CHIEF, version="guangxi_trial@2")["preview"]
    assert preview == {
        "by": OFFICER.username,
        "at": world.clock.now().isoformat(),
        "looked_at": 1,
        "affected": [application],
    }
    assert [item["preview"] for item in world.ask("list_policies", CHIEF)["items"]] == [None, preview]
    # When the draft's text changes, then the new text needs a preview of its own; the former text keeps its preview
    other = world.tell("draft_policy", OFFICER, document=next_version(minimum=2))
    assert other["preview"] is None
    refused(Conflict, lambda: world.tell("publish_policy", CHIEF, **named | {"if_match": other["etag"]}), "policy_not_previewed")
    assert world.told("policy.published") == []
    world.tell("draft_policy", OFFICER, document=next_version(minimum=1))
    assert world.tell("publish_policy", CHIEF, **named)["preview"] == preview


def test_a_preview_is_complete_when_its_pages_were_read_in_their_order(world: World) -> None:
    # Given two open applications, and the draft of a policy version
    applications = sorted([world.draft()["id"], world.start(world.open_call()["id"])["id"]])
    etag = world.tell("draft_policy", OFFICER, document=next_version(minimum=1))["etag"]
    publication = {"version": "guangxi_trial@2", "if_match": etag}

    def page(actor: Actor, cursor: str | None = None) -> Any:
        return world.tell("preview_policy", actor, version="guangxi_trial@2", limit=1, cursor=cursor)

    # When an officer has read only the first page of the preview, and a chief only the last page, then the version cannot be
    # published
    first = page(OFFICER)
    assert not page(CHIEF, first["next_cursor"])["complete"]
    assert not first["complete"]
    error = refused(Conflict, lambda: world.tell("publish_policy", CHIEF, **publication), "policy_preview_incomplete")
    assert "从第一页起" in error.text.zh and "first page" in error.text.en
    # When the officer goes on to the last page, even twice, then the preview is complete, and lists each affected application
    # once
    assert page(OFFICER, first["next_cursor"])["complete"]
    assert page(OFFICER, first["next_cursor"])["complete"]
    published = world.tell("publish_policy", CHIEF, **publication)
    assert published["preview"]["affected"] == applications
    assert published["preview"]["looked_at"] == 2


def test_a_preview_is_the_provinces_and_a_version_in_force_needs_none(world: World) -> None:
    world.tell("draft_policy", OFFICER, document=next_version())
    for actor in (bureau("450200"), world.lead):
        with pytest.raises(Forbidden):
            world.tell("preview_policy", actor, version="guangxi_trial@2")
    with pytest.raises(NotFound):
        world.tell("preview_policy", OFFICER, version="guangxi_trial@9")
    seen = world.tell("preview_policy", OFFICER, version="guangxi_trial@1")
    assert (seen["policy"], seen["items"], seen["complete"]) == ("guangxi_trial@1", [], False)


def test_another_process_of_the_service_learns_it_too(world: World) -> None:
    world.tell("draft_policy", OFFICER, document=next_version(minimum=1, effective_from="2026-03-02"))
    publish(world)
    # Given a second process of the service on the same database, which started before the publication, then it finds the new
    # version too
    other = Policies.builtin()
    other.follow(world.bench.runtime._published)
    assert other.get("guangxi_trial@2").rule("L3").params["minimum"] == 1


def test_a_mistake_in_a_document_is_named_by_its_place(world: World) -> None:
    with pytest.raises(Invalid) as caught:
        world.tell("draft_policy", OFFICER, document=next_version() | {"deadlines": {"correction_window_days": -1}})
    assert [error.pointer for error in caught.value.errors] == ["/document/deadlines/correction_window_days"]
    with pytest.raises(Invalid):
        world.tell("draft_policy", OFFICER, document={})


def test_who_drafted_it_does_not_publish_it_and_a_version_never_changes(world: World) -> None:
    with pytest.raises(Forbidden):
        world.tell("draft_policy", bureau("450200"), document=next_version())
    world.tell("draft_policy", CHIEF, document=next_version())
    with pytest.raises(Forbidden) as caught:
        publish(world)
    assert caught.value.code == "four_eyes"
    world.tell("draft_policy", OFFICER, document=next_version())
    with pytest.raises(Forbidden):
        publish(world, OFFICER)
    publish(world)
    for ref in (1, 2):
        with pytest.raises(Conflict):
            world.tell("draft_policy", OFFICER, document=next_version(ref))
    with pytest.raises(NotFound):
        world.tell("publish_policy", CHIEF, version="guangxi_trial@9", if_match="0")


def test_nothing_takes_effect_on_a_day_that_lies_behind(world: World) -> None:
    world.tell("draft_policy", OFFICER, document=next_version(effective_from="2026-03-01"))
    with pytest.raises(Invalid) as caught:
        publish(world)
    assert [error.code for error in caught.value.errors] == ["date_behind"]


def test_drafts_are_the_provinces_alone(world: World) -> None:
    world.tell("draft_policy", OFFICER, document=next_version())
    assert [item["policy"] for item in world.ask("list_policies", world.lead)["items"]] == ["guangxi_trial@1"]
    assert [item["status"] for item in world.ask("list_policies", OFFICER)["items"]] == ["builtin", "draft"]
    with pytest.raises(NotFound):
        world.ask("get_policy", world.lead, version="guangxi_trial@2")
    assert world.ask("get_policy", world.lead, version="guangxi_trial@1")["document"]["id"] == "guangxi_trial"
