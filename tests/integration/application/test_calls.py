"""Calls: announced by the province, extended, cancelled (A6(1))."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.kernel.errors import Conflict, Forbidden, Invalid, PreconditionFailed
from services.kernel.identity import NOBODY
from tests.integration.application.scenario import CHIEF, OFFICER, RUBRIC, World, applicant, bureau, refused
from tests.integration.application.test_quotas import rival

LATER = "2026-06-01T00:00:00+00:00"


def test_only_the_province_announces_calls_and_everybody_reads_them(world: World) -> None:
    call = world.open_call()
    (told,) = world.told("call.opened")
    assert (told["call"], told["policy"]) == (call["id"], "guangxi_trial@1")
    assert world.ask("get_call", NOBODY, id=call["id"])["status"] == "open"
    body = {"title": "另一通知"}
    for actor in (world.lead, bureau("450200")):
        refused(Forbidden, lambda actor=actor: world.tell("open_call", actor, call=body), "province_only")


@pytest.mark.parametrize(
    ("change", "pointer", "code"),
    [
        ({"closes_at": "2026-02-01T00:00:00+08:00"}, "/closes_at", "closes_before_opening"),
        ({"rubric": [RUBRIC[0]]}, "/rubric", "weights_do_not_sum"),
        ({"policy": "guangxi_trial@99"}, "/policy", "unknown_policy"),
        ({"industry_bureaus": ["GX-MIIT", "450200"]}, "/industry_bureaus/1", "unknown_bureau"),
    ],
)
def test_a_call_that_cannot_be_is_refused_where_it_is_wrong(
    world: World, change: dict[str, Any], pointer: str, code: str
) -> None:
    error = refused(Invalid, lambda: world.open_call(**change), "invalid_call")
    assert [(wrong.pointer, wrong.code) for wrong in error.errors] == [(pointer, code)]
    assert world.ask("list_calls", NOBODY)["items"] == []


def test_a_call_is_extended_by_whoever_has_its_present_version(world: World) -> None:
    call = world.open_call()
    extend = {"id": call["id"], "change": {"closes_at": LATER}, "if_match": call["etag"]}
    assert world.tell("change_call", OFFICER, **extend)["closes_at"] == LATER
    assert [event["closes_at"] for event in world.told("call.extended")] == [LATER]
    refused(PreconditionFailed, lambda: world.tell("change_call", OFFICER, **extend), "version_changed")


def test_a_cancelled_call_ends_what_is_undecided_and_frees_its_places(world: World) -> None:
    # Given a call with a draft, a submitted application, and an approved application in its publicity period
    public = world.at_decision()
    world.decided(public)
    draft = rival(world, public["call_id"])
    submitted = rival(world, public["call_id"])
    world.submit(submitted["id"], actor=applicant(submitted["lead"]))
    # When the province cancels the call
    cancelled = world.tell("cancel_call", CHIEF, id=public["call_id"], reason="指南调整")
    # Then the draft and the submitted application are withdrawn, and the approved application stays in publicity
    assert (cancelled["status"], cancelled["cancelled_reason"]) == ("cancelled", "指南调整")
    for one in (draft, submitted):
        ended = world.get(one["id"], applicant(one["lead"]))
        assert (ended["status"], ended["reason"]) == ("withdrawn", "call_cancelled")
    assert world.get(public["id"])["status"] == "publicised"
    assert {event["reason"] for event in world.told("application.withdrawn")} == {"call_cancelled"}
    assert world.ask("organisation_standing", world.members[0], uscc=world.members[0].organisation)["joins"] == 1
    refused(Conflict, lambda: world.start(public["call_id"]), "call_cancelled")


def test_calls_are_listed_by_where_they_stand_page_by_page(world: World) -> None:
    ids = [world.open_call(title=f"通知 {n}")["id"] for n in range(3)]
    early = world.open_call(opens_at="2026-04-01T00:00:00+08:00")["id"]
    world.tell("cancel_call", CHIEF, id=ids[0], reason="重复")
    listed = {
        status: [call["id"] for call in world.ask("list_calls", NOBODY, status=status)["items"]]
        for status in ("open", "upcoming", "cancelled", "closed")
    }
    assert listed == {"open": [ids[2], ids[1]], "upcoming": [early], "cancelled": [ids[0]], "closed": []}
    first = world.ask("list_calls", NOBODY, limit=3)
    rest = world.ask("list_calls", NOBODY, limit=3, cursor=first["next_cursor"])
    assert [call["id"] for call in (*first["items"], *rest["items"])] == [early, *reversed(ids)]
    assert rest["next_cursor"] is None


CONTACT = {"name": "示例联系人", "telephone": "0771-5886000", "address": "南宁市示例路 1 号", "email": "call@example.com"}


def test_a_call_says_what_to_bring_whom_to_ask_and_how_long_there_is(world: World) -> None:
    # Given a call with its own text, its own contact and one kind of document that only this call requires
    call = world.open_call(text="一、申报范围……", contact=CONTACT, attachments=["site_visit", "agreement"])
    # When a reader without an account reads the call, then it shows its text, its contact and the days left until 30 April 2026
    read = world.ask("get_call", NOBODY, id=call["id"])
    assert (read["text"], read["contact"]) == ("一、申报范围……", CONTACT)
    assert read["days_left"] == (date(2026, 4, 30) - world.clock.today()).days
    # Then the call lists the documents that the policy or the call requires, and the optional ones
    wanted = {paper["kind"]: (paper["required"], paper["title"]["zh"]) for paper in read["required_documents"]}
    assert wanted["agreement"] == (True, "组建协议")
    assert wanted["operating_system:rd_funding"] == (True, "研发投入及经费管理制度文件")
    assert wanted["site_visit"] == (True, "实地检查材料")
    assert wanted["figures_evidence"] == (False, "财务数据证明材料")
    assert len(wanted) == len(read["required_documents"])


def test_the_contact_changes_at_any_time_and_the_text_until_the_call_opens(world: World) -> None:
    # Given an open call
    id = world.open_call(text="正文", contact=CONTACT)["id"]
    # When the province enters another contact, then the call shows the new contact
    changed = world.tell("change_call", OFFICER, id=id, change={"contact": CONTACT | {"name": "另一位联系人"}})
    assert changed["contact"]["name"] == "另一位联系人"
    # When the province sends another text, then the change is refused, because the call is open
    refused(Conflict, lambda: world.tell("change_call", OFFICER, id=id, change={"text": "改"}), "call_already_open")


def test_a_call_that_is_over_has_no_days_left(world: World) -> None:
    id = world.open_call()["id"]
    world.tell("cancel_call", CHIEF, id=id, reason="另行通知")
    assert world.ask("get_call", NOBODY, id=id)["days_left"] is None


def test_a_cancelled_call_ends_a_recognition_that_is_held(world: World) -> None:
    # Given an approved application of the call whose recognition is held, because a unit has got an integrity record
    held = world.at_decision()
    world.decided(held)
    record = {"uscc": world.members[0].organisation, "reason": "科研失信行为", "recorded_on": "2026-01-05", "penalty_until": None}
    world.tell("add_integrity_records", OFFICER, records=[record])
    world.clock.advance(days=8)
    assert world.sweep() == ["held"]
    # When the province cancels the call
    world.tell("cancel_call", CHIEF, id=held["call_id"], reason="指南调整")
    # Then the held application is withdrawn too, its approval is void, and its quotas are released
    ended = world.get(held["id"])
    assert (ended["status"], ended["reason"], ended["decision"]) == ("withdrawn", "call_cancelled", None)
    assert world.ask("organisation_standing", world.lead, uscc=world.lead.organisation)["joins"] == 0
