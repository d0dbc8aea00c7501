"""From the decision to the register: publicity, objections, held recognitions."""

from __future__ import annotations

from typing import Any

from services.contracts.application.application_requests import GOALS
from services.contracts.application.change_requests import Succession
from services.kernel.errors import Conflict, Forbidden, Invalid
from services.kernel.identity import NOBODY
from services.policy import Policies, Policy
from tests.integration.application.scenario import CHIEF, OFFICER, World, new_enterprise, refused

RECORD = {"reason": "科研失信行为", "recorded_on": "2026-01-05", "penalty_until": None}


def add_record(world: World, uscc: str | None, **changes: Any) -> None:
    world.tell("add_integrity_records", OFFICER, records=[RECORD | {"uscc": uscc} | changes])


def test_an_approval_is_made_public_for_the_policys_working_days_and_then_recognised(world: World) -> None:
    # Given an application that the province approved on Monday 2 March
    application = world.at_decision()
    waiver = {"rule": "L2", "reason": "产业急需", "by": "450000"}
    world.decided(application, waivers=(waiver,))
    # Then the application is in publicity for five working days, and in the list that everybody can read
    (told,) = world.told("application.publicised")
    assert told["ends_on"] == "2026-03-09"
    assert [(each["rule"], each["citation"], each["by"]) for each in told["waivers"]] == [("L2", "A5(2)1", "450000")]
    (listed,) = world.ask("public_publicity", NOBODY)["items"]
    assert (listed["application"], listed["ends_on"], len(listed["units"])) == (application["id"], "2026-03-09", 12)
    # The application stays in publicity until the last day has passed; after that day, the consortium enters the register,
    # exactly once.
    world.clock.advance(days=7)
    assert world.sweep() == []
    world.clock.advance(days=1)
    assert world.sweep() == ["recognised"]
    assert world.sweep() == []
    recognised = world.get(application["id"])
    consortium = world.ask("get_consortium", world.members[0], id=recognised["consortium"])
    assert (consortium["number"], consortium["recognised_on"], consortium["status"]) == ("GXCX-2026-0001", "2026-03-10", "active")
    assert [unit["tier"] for unit in consortium["units"]][:3] == [None, "core", "close"]
    (event,) = world.told("consortium.recognised")
    assert (event["number"], event["imported"], len(event["units"])) == ("GXCX-2026-0001", False, 12)
    assert event["next_round_by"] == "2029-03-10"


def test_goals_of_all_seven_kinds_go_into_the_register_with_their_indicators(world: World) -> None:
    # Given an application with a goal of each kind, each with an indicator and its due date (A7)
    indicator = {"name": "成果", "target": "3", "unit": "项", "due": "2028-12-31"}
    goals = [{"kind": kind, "statement": "每年推进。", "indicators": [indicator]} for kind in GOALS]
    application = world.at_decision(goals=goals)
    assert [goal["kind"] for goal in world.get(application["id"])["goals"]] == list(GOALS) and len(GOALS) == 7
    # When the application is recognised, then the register's event contains the goals, so that every annual report can answer
    # them
    world.decided(application)
    world.clock.advance(days=8)
    world.sweep()
    (told,) = world.told("consortium.recognised")
    assert told["goals"] == goals


def test_without_a_publicity_period_recognition_follows_the_decision_at_once(tmp_path: Any) -> None:
    # Given a policy without a publicity period, then an approved application is recognised at once
    document = Policies.builtin().get("guangxi_trial@1").to_dict()
    document["deadlines"]["publicity_working_days"] = 0
    world = World(tmp_path / "a.db", policies=Policies([Policy.from_dict(document)]))
    application = world.at_decision()
    world.decided(application)
    assert world.get(application["id"])["status"] == "recognised"
    assert world.told("application.publicised") == []


def test_a_refusal_ends_it_with_its_reason_and_frees_the_places(world: World) -> None:
    application = world.at_decision()
    world.decided(application, outcome="decline")
    declined = world.get(application["id"])
    assert (declined["status"], declined["reason"]) == ("declined", "择优组建")
    assert world.ask("organisation_standing", world.lead, uscc=world.lead.organisation)["joins"] == 0
    assert world.told("application.declined")[0]["reason"] == "择优组建"


def test_a_second_decision_on_what_is_decided_is_void(world: World) -> None:
    application = world.at_decision()
    world.decided(application)
    world.decided(application, outcome="decline")
    assert world.get(application["id"])["status"] == "publicised"
    assert [void["reason"] for void in world.told("application.opinion_void")] == ["not_current_stage"]
    refused(Conflict, lambda: world.tell("withdraw_application", world.lead, id=application["id"]), "not_withdrawable")


def test_a_record_that_comes_during_publicity_holds_the_recognition_until_it_is_waived(world: World) -> None:
    # Given an approved application with a member that gets an integrity record during the publicity period
    application = world.at_decision()
    world.decided(application)
    add_record(world, world.members[0].organisation)
    world.clock.advance(days=8)
    # When the publicity period ends
    assert world.sweep() == ["held"]
    # Then the application is not recognised, and the province must decide again, with the finding about the record
    held = world.get(application["id"])
    assert (held["status"], held["stage"]) == ("held", "decision")
    (told,) = world.told("application.held")
    assert [(finding["rule"], finding["status"]) for finding in told["findings"]] == [("I1", "fail")]
    # When the province approves again and waives the rule with a reason, then the application is recognised at once, because its
    # publicity period is over
    world.decided(application, waivers=({"rule": "I1", "reason": "已责令整改", "by": "450000"},))
    assert world.get(application["id"])["status"] == "recognised"


def test_a_held_recognition_can_be_declined(world: World) -> None:
    application = world.at_decision()
    world.decided(application)
    add_record(world, world.members[0].organisation)
    world.clock.advance(days=8)
    world.sweep()
    world.decided(application, outcome="decline")
    assert world.get(application["id"])["status"] == "declined"
    assert world.ask("organisation_standing", world.lead, uscc=world.lead.organisation)["joins"] == 0


def test_a_penalty_that_has_ended_holds_nothing(world: World) -> None:
    application = world.at_decision()
    world.decided(application)
    add_record(world, world.members[0].organisation, penalty_until="2026-03-09")
    world.clock.advance(days=8)
    assert world.sweep() == ["recognised"]


def test_numbers_count_within_their_year(world: World) -> None:
    body = {
        "name": "广西老牌创新联合体",
        "field": "糖业",
        "recognised_on": "2023-05-20",
        "recommender": "450200",
        "lead": world.lead.organisation,
        "lead_name": None,
        "members": [],
    }
    first = world.enter_old(body)
    other = world.enter_old(body | {"name": "另一联合体"})
    older = world.enter_old(body | {"name": "更早的", "recognised_on": "2022-01-01"})
    assert [entry["number"] for entry in (first, other, older)] == ["GXCX-2023-0001", "GXCX-2023-0002", "GXCX-2022-0001"]


def test_a_special_case_is_the_provinces_and_goes_to_the_decision_by_its_basis(world: World) -> None:
    # Given a special case (A8) with a stated basis, whose lead has too few R&D staff (L3, an in-principle rule)
    world.case["organisations"][0]["rd_staff"] = 12
    world.register_all()
    special = {"channel": "special_case", "basis": "自治区人民政府专题会议纪要"}
    refused(Forbidden, lambda: world.start(**special), "province_only")
    refused(Invalid, lambda: world.start(actor=OFFICER, channel="special_case"), "invalid_application")
    draft = world.start(actor=OFFICER, **special)
    listed = {channel: world.ask("list_applications", OFFICER, channel=channel)["items"] for channel in ("special_case", "call")}
    assert [item["id"] for item in listed["special_case"]] == [draft["id"]]
    assert draft["id"] not in [item["id"] for item in listed["call"]]
    world.confirm_all(draft["id"])
    # When the lead submits the special case, then the submission is refused, because only the province may submit it; the
    # province's submission without the basis document is refused too
    refused(Forbidden, lambda: world.submit(draft["id"]), "province_only")
    refused(Invalid, lambda: world.submit(draft["id"], actor=OFFICER, lacking=("basis",)), "not_eligible")
    submitted = world.submit(draft["id"], actor=OFFICER)
    # Then the special case with the document is at the stage of the decision, and L3 is waived because of the basis
    assert (submitted["stage"], submitted["call_id"]) == ("decision", None)
    waived = [(f["rule"], f["reason"]) for f in submitted["verdict"]["findings"] if f["status"] == "waived"]
    assert waived == [("L3", "自治区人民政府专题会议纪要")]
    (told,) = world.told("application.submitted")
    assert (told["kind"], told["stage"], told["call"]) == ("special_case", "decision", None)
    # When the province approves the special case, then the consortium is recognised under article 8 without an opinion of its
    # city
    world.decided(submitted)
    world.clock.advance(days=8)
    world.sweep()
    assert world.get(draft["id"])["status"] == "recognised"


def test_a_mandatory_rule_holds_for_a_special_case_unless_its_basis_names_it(world: World) -> None:
    world.case["organisations"][0]["platforms"] = []
    world.register_all()
    draft = world.start(actor=OFFICER, channel="special_case", basis={"text": "纪要"})
    world.confirm_all(draft["id"])
    error = refused(Invalid, lambda: world.submit(draft["id"], actor=OFFICER), "not_eligible")
    assert [f["rule"] for f in error.details["findings"] if f["status"] == "fail"] == ["L4"]
    named = {"text": "纪要", "document": None, "waives_mandatory": ["L4"]}
    world.tell("change_application", OFFICER, id=draft["id"], change={"basis": named})
    assert world.submit(draft["id"], actor=OFFICER)["status"] == "submitted"


def test_a_special_case_waives_an_untrustworthiness_record_only_where_its_basis_names_it(world: World) -> None:
    # Given a special case whose lead has an integrity record in force (I1) and too few R&D staff (L3)
    world.case["organisations"][0]["rd_staff"] = 12
    world.register_all()
    add_record(world, world.lead.organisation)
    draft = world.start(actor=OFFICER, channel="special_case", basis={"text": "纪要"})
    world.confirm_all(draft["id"])
    # When the special case's basis names no rule, then it waives L3 and does not waive I1 (A8, A14(4))
    submitted = world.submit(draft["id"], actor=CHIEF)
    assert standing_of(submitted, "L3", "I1") == ["waived", "fail"]
    (told,) = world.told("application.submitted")
    assert told["opened_by"] == sorted({OFFICER.username, CHIEF.username})
    # When the province's decision waives I1, then the public list names both waived rules, by title and article
    world.decided(submitted, waivers=({"rule": "I1", "reason": "已责令整改", "by": "province-chief"},))
    (item,) = world.ask("public_publicity", NOBODY)["items"]
    assert [(waiver["rule"], waiver["citation"], bool(waiver["title"]["zh"])) for waiver in item["waivers"]] == [
        ("L3", "A5(2)2", True),
        ("I1", "A14(4)", True),
    ]
    assert "by" not in item["waivers"][1]
    # and the consortium is recognised when the publicity period ends
    world.clock.advance(days=8)
    world.sweep()
    assert world.get(draft["id"])["status"] == "recognised"


def test_a_basis_that_names_the_record_waives_it(world: World) -> None:
    world.register_all()
    add_record(world, world.lead.organisation)
    named = {"text": "纪要", "document": None, "waives_mandatory": ["I1"]}
    draft = world.start(actor=OFFICER, channel="special_case", basis=named)
    world.confirm_all(draft["id"])
    assert standing_of(world.submit(draft["id"], actor=OFFICER), "I1") == ["waived"]


def standing_of(application: dict[str, Any], *rules: str) -> list[str]:
    found = {finding["rule"]: finding["status"] for finding in application["verdict"]["findings"]}
    return [found[rule] for rule in rules]


def test_a_record_that_comes_before_the_decision_is_shown_to_the_decider_once(world: World) -> None:
    # Given an application at the stage of the decision
    application = world.at_decision()
    assert world.told("application.rechecked") == []
    # When a member gets an integrity record, then the province is notified, with the findings of all rules that are evaluated
    # again
    add_record(world, world.members[0].organisation)
    (told,) = world.told("application.rechecked")
    assert [f["rule"] for f in told["findings"] if f["status"] == "fail"] == ["I1"]
    assert (told["version"], bool(told["failing"]["zh"])) == (1, True)
    assert {"L2", "L3", "L5", "D1"}.isdisjoint(finding["rule"] for finding in told["findings"])
    # When a second member gets a record, then the province is not notified again, because the same rule fails as before
    add_record(world, world.members[1].organisation)
    assert len(world.told("application.rechecked")) == 1
    # When the province approves without a waiver, then the recognition is held, and no publicity period begins; when it approves
    # with a waiver, then the publicity period begins
    world.decided(application)
    held = world.get(application["id"])
    assert (held["status"], held["publicity"]) == ("held", None)
    world.decided(application, waivers=({"rule": "I1", "reason": "已责令整改", "by": "450000"},))
    assert world.get(application["id"])["publicity"]["ends_on"] == world.told("application.publicised")[0]["ends_on"]


def test_a_record_that_came_before_the_case_reached_the_decision_is_shown_there(world: World) -> None:
    application = world.submitted()
    world.recommended(application)
    world.passed(application, "formal_check", "expert_review")
    add_record(world, world.members[0].organisation)
    assert world.told("application.rechecked") == []
    world.passed(application, "expert_review", "decision")
    assert [f["rule"] for f in world.told("application.rechecked")[0]["findings"] if f["status"] == "fail"] == ["I1"]


def test_a_mandatory_fact_that_is_gone_by_the_recognition_holds_it_and_is_corrected_with_a_new_publicity(world: World) -> None:
    # Given an approved application whose lead loses its platform and its R&D staff during the publicity period
    application = world.at_decision()
    world.decided(application)
    lead = world.case["organisations"][0]
    world.put(lead | {"platforms": [], "rd_staff": 1})
    world.clock.advance(days=8)
    # When the publicity period ends, then the recognition is held because of the platform (L4, a mandatory rule); the R&D staff
    # counts as it was at the submission (A5(2)2)
    assert world.sweep() == ["held"]
    assert [f["rule"] for f in world.told("application.held")[0]["findings"]] == ["L4"]
    # When the province returns the application for correction
    world.returned(application, stage="decision", code="450000")
    returned = world.get(application["id"])
    assert (returned["status"], returned["decision"], returned["publicity"]) == ("returned", None, None)
    # Then the corrected version goes through the formal check and the expert review again, and an approval begins a new publicity
    # period
    world.put(lead)
    again = world.submit(application["id"])
    assert (again["stage"], again["version"]) == ("formal_check", 2)
    world.passed(again, "formal_check", "expert_review")
    world.passed(again, "expert_review", "decision")
    world.decided(again)
    publicised = world.get(application["id"])
    assert publicised["status"] == "publicised"
    world.clock.advance(days=8)
    assert world.sweep() == ["recognised"]


def test_a_unit_that_is_no_legal_person_any_more_holds_a_decision_that_crosses(world: World) -> None:
    application = world.at_decision()
    world.put(world.case["organisations"][3] | {"legal_person": False})
    assert [f["rule"] for f in world.told("application.rechecked")[-1]["findings"] if f["status"] == "fail"] == ["C2"]
    world.decided(application)
    assert world.get(application["id"])["status"] == "held"


def test_a_unit_that_was_merged_into_another_one_holds_the_recognition(world: World) -> None:
    # Given an approved application
    application = world.at_decision()
    world.decided(application)
    # When a member of the application is merged into an organisation that is not a unit of the application
    merged, into = world.members[0].organisation, new_enterprise()
    body = {"kind": "merged", "successor": into, "name": "合并后单位", "effective_on": "2026-03-02", "reason": "吸收合并"}
    world.tell("succeed_organisation", CHIEF, uscc=merged, succession=Succession().load(body))
    # Then the merged member is no longer a legal person of its own, and the recognition is held until the lead corrects the units
    # (A5(1))
    assert world.ask("get_organisation", CHIEF, uscc=merged)["legal_person"] is False
    world.clock.advance(days=10)
    assert world.sweep() == ["held"]
    assert [finding["rule"] for finding in world.told("application.held")[-1]["findings"] if finding["status"] == "fail"] == [
        "C2"
    ]
    # and the merged member can no longer enter data about itself
    known = next(data for data in world.case["organisations"] if data["uscc"] == merged)
    refused(Invalid, lambda: world.put(known), "invalid_input")
