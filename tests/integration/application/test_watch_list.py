"""Recognised consortia are evaluated again when the data on which they depend change; failures appear on the province's watch
list (A12, A14)."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.application.domain.organisation import Facts
from services.contracts.application.change_requests import Succession
from services.kernel.clock import end_of_day
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from tests.integration.application.scenario import AUDITOR, CHIEF, OFFICER, World, applicant, bureau, refused
from tests.integration.application.test_changes import approve, report, university
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise


def consortium(world: World, lead: str, *members: str) -> dict[str, Any]:
    """Create a consortium of eight units, so that no rule fails: the lead, these members, and valid enterprises."""
    others = [enterprise(world) for _ in range(7 - len(members))]
    return imported(world, f"联合体 {lead}", lead, *members, *others)


def listed(world: World, consortium: dict[str, Any], **query: Any) -> dict[str, dict[str, Any]]:
    """Return the consortium's entries on the watch list, by the kind of entry."""
    items = world.ask("watch_list", CHIEF, consortium=consortium["id"], **query)["items"]
    return {item["kind"]: item for item in items}


def failing(entry: dict[str, Any]) -> set[str]:
    return {finding["rule"] for finding in entry["findings"]}


def change_data(world: World, code: str, **data: Any) -> None:
    known = {name: value for name, value in world.ask("get_organisation", CHIEF, uscc=code).items() if name != "etag"}
    del known["registered"]
    world.put({name: known[name] for name in known if name in PUT} | {"uscc": code} | data, OFFICER)


#: The fields that an organisation enters about itself, without its code.
PUT = (
    *Facts.__annotations__,
    "name",
    "industry",
    "public_institution",
    "state_owned",
    "rd_staff",
    "founded_on",
    "figures",
    "platforms",
)


def add_record(world: World, code: str, until: str | None = "2026-12-31") -> str:
    record = {"uscc": code, "reason": "失信", "recorded_on": "2026-01-05", "penalty_until": until}
    return str(world.tell("add_integrity_records", OFFICER, records=[record])["ids"][0])


def repair(world: World, id: str, code: str, **body: Any) -> dict[str, Any]:
    paper = {"id": f"organisation.{code}.1", "subject": f"organisation/{code}", "kind": "basis", "filename": "a.pdf"}
    statement = world.bench.signers["documents"].statement({"documents": [paper]}, seconds=60)
    said = {"kind": "shortened", "penalty_until": None, "reason": "已履行义务", "documents": [paper["id"]]} | body
    answer: dict[str, Any] = world.tell("repair_record", OFFICER, id=id, repair=said, documents_statement=statement)
    return answer


def grounds(world: World) -> list[tuple[str, str]]:
    return [(told["ground"], told["reason"]) for told in world.told("ground.arisen")]


def test_a_lead_that_is_no_legal_person_any_more_is_ground_five_and_stands_on_the_list(world: World) -> None:
    lead = enterprise(world)
    made = consortium(world, lead)
    # When the lead is no longer a legal person (A14(5))
    change_data(world, lead, legal_person=False)
    # Then the failed rules are on the watch list, and the ground A14(5) of revocation is proposed, once
    entries = listed(world, made)
    assert failing(entries["conditions"]) == {"C2", "L1"}
    assert (entries["ground"]["cause"], entries["ground"]["organisation"]["uscc"]) == ("A14(5)", lead)
    assert grounds(world) == [("A14(5)", "lead_ended")]
    change_data(world, lead, legal_person=False, rd_staff=99)
    assert len(grounds(world)) == 1
    # When the data were a mistake and are corrected, then the watch-list entries end, and the proposed ground ceases
    change_data(world, lead, legal_person=True)
    assert listed(world, made) == {}
    assert [(told["source"], told["outcome"]) for told in world.told("ground.ceased")] == [(f"organisation/{lead}", "cured")]
    assert [told["rules"] for told in world.told("consortium.watched")] == [["C2", "L1"], []]


def test_a_lead_that_moves_out_of_guangxi_is_asked_for_a_change_and_ground_one_follows(world: World) -> None:
    lead = enterprise(world)
    made = consortium(world, lead)
    change_data(world, lead, region="440100")
    entries = listed(world, made)
    assert failing(entries["conditions"]) == failing(entries["change_asked"]) == {"L1"}
    assert entries["change_asked"]["due_on"] == "2026-05-01"  # Sixty days after the move.
    assert world.ask("get_consortium", applicant(lead), id=made["id"])["asked"][0]["due_on"] == "2026-05-01"
    # When the lead reports no change within the sixty days, then the ground A14(1) of revocation arises, once
    world.clock.advance(days=60)
    assert world.sweep() == []
    world.clock.advance(days=1)
    assert world.sweep() == ["overdue"]
    assert world.sweep() == []
    assert grounds(world) == [("A14(1)", "nothing_reported")]
    assert listed(world, made)["change_asked"]["status"] == "overdue"


def test_a_merger_that_leaves_too_few_enterprises_is_seen(world: World) -> None:
    # Given a consortium of nine units, three of them enterprises (A5(1))
    lead, first, second = enterprise(world), enterprise(world), enterprise(world)
    made = imported(world, "甲", lead, first, second, *(university(world) for _ in range(6)))
    # When two of the enterprises merge, then two of eight units are enterprises, and the lead is asked to restore the share
    merged = {"kind": "merged", "successor": second, "effective_on": "2026-03-02", "reason": "合并"}
    world.tell("succeed_organisation", CHIEF, uscc=first, succession=Succession().load(merged))
    entries = listed(world, made)
    assert failing(entries["conditions"]) == {"C4"}
    assert failing(entries["change_asked"]) == {"C4"}
    (told,) = world.told("consortium.watched")
    assert (told["trigger"], told["failing"]["zh"]) == ("succeeded", "企业的比例")
    # When an enterprise joins, then the watch-list entries are settled
    change = report(world, made, "add_member", {"organisation": (joiner := enterprise(world)), "tier": "core"})
    world.tell("confirm_change", applicant(joiner), id=made["id"], change=change["id"], decision="confirm")
    approve(world, change)
    world.clock.advance(days=300)
    world.sweep()
    assert listed(world, made) == {}
    assert [told["outcome"] for told in world.told("change.ask_closed")] == ["cured"]


def test_two_leads_merged_into_one_lead_two_consortia_and_both_are_watched(world: World) -> None:
    one, other = enterprise(world), enterprise(world)
    first, second = consortium(world, one), consortium(world, other)
    merged = {"kind": "merged", "successor": other, "effective_on": "2026-03-02", "reason": "合并"}
    world.tell("succeed_organisation", CHIEF, uscc=one, succession=Succession().load(merged))
    assert [failing(listed(world, made)["conditions"]) for made in (first, second)] == [{"L6"}, {"L6"}]
    assert grounds(world) == []


def test_a_leads_record_is_ground_four_until_it_is_repaired(world: World) -> None:
    lead = enterprise(world)
    made = consortium(world, lead)
    id = add_record(world, lead)
    assert grounds(world) == [("A14(4)", "lead_has_record")]
    assert failing(listed(world, made)["conditions"]) == {"I1"}
    # When the province withdraws the record, for which it needs a document (信用修复), then the entries are settled and the
    # ground ceases
    error = refused(Invalid, lambda: repair(world, id, lead, documents=[]), "invalid_input")
    assert [wrong.code for wrong in error.errors] == ["document_required"]
    repaired = repair(world, id, lead, kind="withdrawn")
    assert (repaired["in_force"], repaired["withdrawn"], repaired["penalty_until"]) == (False, True, "2026-12-31")
    assert listed(world, made) == {}
    assert [(told["ground"], told["source"]) for told in world.told("ground.ceased")] == [("A14(4)", f"integrity/{id}")]
    refused(Conflict, lambda: repair(world, id, lead, kind="withdrawn"), "record_withdrawn")


def test_a_shorter_penalty_ends_by_itself(world: World) -> None:
    lead = enterprise(world)
    made = consortium(world, lead)
    id = add_record(world, lead)
    for until, code in (("2026-12-31", "not_shorter"), ("2026-01-01", "ends_before_record"), (None, "required")):
        error = refused(Invalid, lambda until=until: repair(world, id, lead, penalty_until=until), "invalid_input")
        assert [(wrong.pointer, wrong.code) for wrong in error.errors] == [("/penalty_until", code)]
    assert repair(world, id, lead, penalty_until="2026-03-05")["repairs"][0]["penalty_until_before"] == "2026-12-31"
    assert failing(listed(world, made)["conditions"]) == {"I1"}
    world.clock.advance(days=4)
    assert world.sweep() == ["evaluated"]
    assert listed(world, made) == {}
    assert len(world.told("ground.ceased")) == 1
    refused(Conflict, lambda: repair(world, id, lead, penalty_until="2026-03-04"), "penalty_over")


def test_nobody_but_the_province_repairs_and_only_what_is_there(world: World) -> None:
    id = add_record(world, code := enterprise(world))
    said = {"kind": "withdrawn", "penalty_until": None, "reason": "x", "documents": []}
    for actor in (applicant(code), bureau("450200")):
        refused(Forbidden, lambda actor=actor: world.tell("repair_record", actor, id=id, repair=said), "province_only")
    refused(NotFound, lambda: repair(world, "nothing", code), "no_such_record")


def test_of_a_members_record_the_lead_is_asked_and_a_report_in_the_term_is_no_late_one(world: World) -> None:
    lead, member = enterprise(world), enterprise(world)
    made = consortium(world, lead, member)
    add_record(world, member, None)
    asked = listed(world, made)["change_asked"]
    assert (asked["cause"], asked["organisation"]["uscc"]) == ("integrity_record", member)
    # When the lead reports, within the term, that the member has already left, then the report is in time
    world.clock.advance(days=59)
    change = report(world, made, "remove_member", {"organisation": member}, effective_on="2026-03-05", late_reason=None)
    assert (change["late"], grounds(world)) == (False, [])
    # When the term ends before the province decides on the reported change, then the entry stays open; when the change takes
    # effect, then the entry is settled
    world.clock.advance(days=5)
    assert world.sweep() == ["under way"]
    approve(world, change)
    # Seven units are left, so that only the entry for the rule of at least eight units (C1) remains, although the province waived
    # C1.
    assert {kind: failing(entry) for kind, entry in listed(world, made).items()} == {"conditions": {"C1"}}
    assert grounds(world) == []


def test_a_report_that_is_refused_cures_nothing_and_ground_one_follows(world: World) -> None:
    lead, member = enterprise(world), enterprise(world)
    made = consortium(world, lead, member)
    change_data(world, member, legal_person=False)
    change = report(world, made, "remove_member", {"organisation": member})
    said = {"case": "450000-1", "version": 1, "outcome": "decline", "reason": "材料不实", "waivers": [], "signed_by": "chief"}
    said_first = {"case": "450200-1", "version": 1, "stage": "recommendation", "next_stage": "decision"}
    subject = f"change/{change['id']}"
    world.bench.react(world.event("review.recommended", "review.450200", subject, said_first, bureau("450200")))
    world.bench.react(world.event("review.decided", "review.450000", subject, said, bureau("450000")))
    world.clock.advance(days=61)
    assert world.sweep() == ["overdue"]
    assert grounds(world) == [("A14(1)", "conditions_fail")]


def test_a_member_declares_that_it_leaves_and_the_lead_reports_it(world: World) -> None:
    lead, member = enterprise(world), enterprise(world)
    made = consortium(world, lead, member)
    said = {"id": made["id"], "reason": "业务调整", "leaves_on": "2026-04-01"}
    refused(Forbidden, lambda: world.tell("declare_departure", applicant(lead), **said), "members_only")
    refused(NotFound, lambda: world.tell("declare_departure", applicant(enterprise(world)), **said), "consortium_not_found")
    declared = world.tell("declare_departure", applicant(member), **said)
    assert (declared["cause"], declared["due_on"]) == ("unit_leaves", "2026-05-01")
    refused(Conflict, lambda: world.tell("declare_departure", applicant(member), **said), "departure_declared")
    assert [told["organisation"]["uscc"] for told in world.told("change.asked")] == [member]
    # When the member decides to stay, then it may withdraw its declaration that it leaves, once
    back = {"id": made["id"], "departure": declared["id"], "reason": "留任"}
    refused(Forbidden, lambda: world.tell("withdraw_departure", applicant(lead), **back), "not_your_declaration")
    assert world.tell("withdraw_departure", applicant(member), **back)["outcome"] == "withdrawn"
    refused(Conflict, lambda: world.tell("withdraw_departure", applicant(member), **back), "departure_settled")
    # When the member declares again that it leaves, and the lead reports no change in time, then the ground A14(1) of revocation
    # arises
    world.tell("declare_departure", applicant(member), **said)
    world.clock.advance(days=61)
    assert world.sweep() == ["overdue"]
    assert grounds(world) == [("A14(1)", "nothing_reported")]


def test_a_second_deferral_in_a_row_stands_on_the_list_until_a_grade(world: World) -> None:
    made = consortium(world, enterprise(world))
    answer = {"consortium": made["id"], "outcome": "granted", "reason": "搬迁未完成", "in_a_row": 1, "title": "评估"}
    for times in (1, 2):
        body = answer | {"in_a_row": times}
        world.bench.react(world.event("participation.deferral_answered", "evaluation", f"participation/{times}", body, CHIEF))
    assert listed(world, made)["deferrals"]["note"] == "搬迁未完成"
    grade = {"title": "评估", "grade": "good", "commended": False, "published_on": "2026-03-02"}
    world.bench.react(world.event("evaluation.published", "evaluation", f"consortium/{made['id']}", grade, CHIEF))
    assert listed(world, made) == {}
    assert listed(world, made, status="settled")["deferrals"]["outcome"] == "cured"


def test_a_second_deferral_under_a_notice_that_is_cancelled_leaves_the_list(world: World) -> None:
    made = consortium(world, enterprise(world))
    answer = {"consortium": made["id"], "outcome": "granted", "reason": "搬迁未完成", "in_a_row": 2, "title": "评估"}
    world.bench.react(world.event("participation.deferral_answered", "evaluation", "participation/2", answer, CHIEF))
    # When the lead withdraws from another evaluation round, then the entry about the deferrals stays on the watch list
    left = {"consortium": made["id"], "reason": "withdrawn", "title": "评估"}
    world.bench.react(world.event("participation.withdrawn", "evaluation", "participation/3", left, CHIEF))
    assert "deferrals" in listed(world, made)
    # When the notice of the deferred round is cancelled, then the entry about the deferrals is settled (A13)
    cancelled = left | {"reason": "cancelled"}
    world.bench.react(world.event("participation.withdrawn", "evaluation", "participation/2", cancelled, CHIEF))
    assert listed(world, made) == {}
    assert listed(world, made, status="settled")["deferrals"]["outcome"] == "withdrawn"


def test_a_consortium_that_ends_leaves_the_list(world: World) -> None:
    lead = enterprise(world)
    made = consortium(world, lead)
    add_record(world, lead)
    decided = {"outcome": "revoke", "reason": "x", "grounds": ["A14(4)"], "decided_on": "2026-03-02", "article": "A14(4)"}
    world.bench.react(world.event("revocation.decided", "evaluation", f"consortium/{made['id']}", decided, CHIEF))
    assert listed(world, made) == {}
    assert {item["outcome"] for item in world.ask("watch_list", AUDITOR, status="settled")["items"]} == {"ended"}


@pytest.mark.parametrize("actor", [bureau("450200"), applicant("91450200MA5KAAAA09")])
def test_the_list_is_the_provinces_and_the_auditors(world: World, actor: Any) -> None:
    refused(Forbidden, lambda: world.ask("watch_list", actor), "province_only")


def test_a_settled_entry_is_kept_for_the_policys_term_and_an_open_one_for_good(world: World) -> None:
    # Given a lead with settled entries, because a mistake in its data was corrected, and with open entries
    lead = enterprise(world)
    of = consortium(world, lead, enterprise(world))
    change_data(world, lead, legal_person=False)
    change_data(world, lead, legal_person=True)
    settled = world.ask("watch_list", CHIEF, status="settled")["items"]
    change_data(world, lead, region="440100")
    standing = listed(world, of)
    assert settled and standing
    # When the retention period is over, then the settled entries are deleted, and the open ones stay
    world.clock.advance(days=3652)
    assert "disposed" not in world.sweep()
    world.clock.advance(days=2)
    assert world.sweep().count("disposed") == len(settled)
    assert world.ask("watch_list", CHIEF, status="settled")["items"] == []
    assert listed(world, of).keys() == standing.keys()


def test_a_legal_hold_keeps_settled_entries_until_it_is_lifted(world: World) -> None:
    # Given settled entries of two consortia whose retention period is over, and a legal hold on one of the consortia
    held, other = (consortium(world, enterprise(world)) for _ in range(2))
    for made in (held, other):
        change_data(world, made["lead"]["uscc"], legal_person=False)
        change_data(world, made["lead"]["uscc"], legal_person=True)
    kept = listed(world, held, status="settled")
    world.hold("hold.placed", "h1", f"consortium/{held['id']}")
    world.clock.advance(days=3654)
    # When the sweep runs, then it deletes only the entries that no legal hold keeps
    world.sweep()
    assert listed(world, other, status="settled") == {}
    assert listed(world, held, status="settled").keys() == kept.keys() != set()
    # When the legal hold is lifted, then the next sweep deletes the entries that it kept
    world.hold("hold.lifted", "h1", f"consortium/{held['id']}")
    world.sweep()
    assert listed(world, held, status="settled") == {}


def test_a_hold_that_was_lifted_does_not_come_back_with_a_late_event(world: World) -> None:
    made = consortium(world, enterprise(world))
    change_data(world, made["lead"]["uscc"], legal_person=False)
    change_data(world, made["lead"]["uscc"], legal_person=True)
    world.hold("hold.lifted", "h1", f"consortium/{made['id']}")
    world.hold("hold.placed", "h1", f"consortium/{made['id']}")
    world.clock.advance(days=3654)
    world.sweep()
    assert listed(world, made, status="settled") == {}


def test_a_sweep_as_of_a_day_before_the_first_policy_disposes_of_nothing(world: World) -> None:
    done = world.bench.runtime.sweep(end_of_day(date(2000, 1, 1)))
    assert [step for step in done if step["sweep"] in ("settled_entries", "ended_verifications")] == []
