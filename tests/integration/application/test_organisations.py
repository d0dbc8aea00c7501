"""Organisations' own data, and the integrity register."""

from __future__ import annotations

from services.kernel.errors import Forbidden, Invalid, NotFound, PreconditionFailed
from tests.integration.application.scenario import AUDITOR, OFFICER, World, applicant, bureau, refused


def test_an_organisation_enters_and_replaces_its_own_data(world: World) -> None:
    data = world.case["organisations"][0]
    entered = world.put(data)
    assert {name: entered[name] for name in data} == data and entered["registered"]
    # When the organisation enters its data again, then the fields that it leaves out are deleted
    again = world.put({name: data[name] for name in ("uscc", "name", "kind", "region", "legal_person")})
    assert (again["figures"], again["rd_staff"]) == ([], None)
    refused(PreconditionFailed, lambda: world.put(data, if_match=entered["etag"]), "version_changed")


def test_nobody_enters_or_reads_anothers_data_but_the_province(world: World) -> None:
    data = world.case["organisations"][0]
    stranger = applicant(world.case["organisations"][1]["uscc"])
    refused(Forbidden, lambda: world.put(data, stranger), "not_your_organisation")
    refused(Forbidden, lambda: world.put(data, bureau("450100")), "not_your_organisation")
    world.put(data, OFFICER)
    for actor in (stranger, bureau("450900")):
        refused(
            NotFound,
            lambda actor=actor: world.ask("get_organisation", actor, uscc=data["uscc"]),
            "organisation_not_found",
        )
    assert world.ask("get_organisation", AUDITOR, uscc=data["uscc"])["name"] == data["name"]


def test_a_wrong_code_and_years_that_cannot_be_are_refused(world: World) -> None:
    data = world.case["organisations"][0]
    wrong = data | {"uscc": data["uscc"][:-1] + "Z"}
    assert refused(Invalid, lambda: world.put(wrong, OFFICER), "invalid_input").errors[0].code == "bad_uscc"
    figures = [data["figures"][0], data["figures"][0]]
    error = refused(Invalid, lambda: world.put(data | {"figures": figures}), "invalid_organisation")
    assert [wrong.pointer for wrong in error.errors] == ["/figures/0/year", "/figures/1/year"]
    refused(NotFound, lambda: world.ask("get_organisation", OFFICER, uscc=data["uscc"]), "organisation_not_found")


def test_the_province_keeps_the_integrity_register_all_or_nothing(world: World) -> None:
    code = world.lead.organisation
    record = {"uscc": code, "reason": "失信", "recorded_on": "2026-01-05", "penalty_until": "2026-12-31"}
    backwards = record | {"penalty_until": "2025-12-31"}
    refused(Forbidden, lambda: world.tell("add_integrity_records", world.lead, records=[record]), "province_only")
    error = refused(Invalid, lambda: world.tell("add_integrity_records", OFFICER, records=[record, backwards]), "invalid_records")
    assert [wrong.pointer for wrong in error.errors] == ["/records/1/penalty_until"]
    assert world.ask("list_integrity_records", OFFICER)["items"] == []
    # When the province adds the same record twice, then the record exists once
    assert world.tell("add_integrity_records", OFFICER, records=[record])["added"] == 1
    assert world.tell("add_integrity_records", OFFICER, records=[record])["added"] == 0
    (listed,) = world.ask("list_integrity_records", AUDITOR, uscc=code)["items"]
    assert (listed["penalty_until"], listed["in_force"]) == ("2026-12-31", True)
    assert len(world.ask("organisation_standing", world.lead, uscc=code)["integrity"]) == 1


def test_a_record_in_force_fails_the_rule_at_entry(world: World) -> None:
    draft = world.draft()
    record = {"uscc": world.members[0].organisation, "reason": "失信", "recorded_on": "2026-01-05", "penalty_until": None}
    world.tell("add_integrity_records", OFFICER, records=[record])
    finding = next(f for f in world.ask("eligibility", world.lead, id=draft["id"])["findings"] if f["rule"] == "I1")
    assert (finding["status"], finding["citation"]) == ("fail", "A14(4)")
