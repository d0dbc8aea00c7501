"""An organisation's city or the province verifies its declarations, fact by fact, and an edit ends the verification (A9(3)3,
A9(3)4)."""

from __future__ import annotations

from typing import Any

import pytest

from services.application.domain import verification
from services.contracts.application import organisation_requests as contract
from services.contracts.application.organisation_requests import VerificationGiven
from services.contracts.application.support_requests import SupportRequest
from services.kernel.errors import Forbidden, Invalid, NotFound, PreconditionFailed, PreconditionRequired
from tests.integration.application.scenario import AUDITOR, CHIEF, OFFICER, World, applicant, bureau, new_enterprise, refused
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise

CITY = bureau("450200", "officer")


def put(world: World, code: str, **data: Any) -> dict[str, Any]:
    body = {"uscc": code, "name": "样例单位", "kind": "university", "region": "450203", "legal_person": True}
    return world.put(body | {"public_institution": True} | data)


def read(world: World, code: str, actor: Any = CHIEF) -> dict[str, Any]:
    answer: dict[str, Any] = world.ask("get_organisation", actor, uscc=code)
    return answer


def verify(world: World, code: str, *facts: str, actor: Any = CITY, etag: str | None = "", **more: Any) -> dict[str, Any]:
    body = VerificationGiven().load({"facts": [{"fact": fact, "evidence": f"{fact} 的证明"} for fact in facts]} | more)
    answer: dict[str, Any] = world.tell(
        "verify_organisation",
        actor,
        uscc=code,
        verification=body,
        if_match=read(world, code)["etag"] if etag == "" else etag,
        documents_statement=None,
    )
    return answer


def verified(organisation: dict[str, Any]) -> list[str]:
    return [entry["fact"] for entry in organisation["verifications"] if entry["verified"]]


def test_the_facts_of_the_contract_are_those_of_the_domain() -> None:
    assert tuple(verification.FACTS) == contract.FACTS


def test_a_bureau_verifies_each_fact_with_the_evidence_it_saw(world: World) -> None:
    # Given an organisation of Liuzhou without verified facts
    code = new_enterprise()
    entered = put(world, code)
    assert [(entry["fact"], entry["verified"]) for entry in entered["verifications"]] == [
        ("kind", False),
        ("legal_person", False),
        ("public_institution", False),
    ]
    # When an officer of the city verifies two of the declared facts
    answer = verify(world, code, "kind", "public_institution")
    # Then the organisation's data show which official saw which evidence, and when
    assert verified(answer) == ["kind", "public_institution"]
    entry = answer["verifications"][2]
    assert (entry["evidence"], entry["bureau"], entry["by"]) == ("public_institution 的证明", "450200", CITY.username)
    assert entry["at"] == world.clock.now().isoformat()
    assert read(world, code, applicant(code))["verifications"] == answer["verifications"]
    (told,) = world.told("organisation.verified")
    assert (told["uscc"], told["facts"], told["bureau"]) == (code, ["kind", "public_institution"], "450200")
    # When the province verifies one of these facts again, then its verification replaces the city's
    again = verify(world, code, "kind", actor=OFFICER)
    assert [entry["bureau"] for entry in again["verifications"]] == ["450000", None, "450200"]


def test_an_edit_of_a_verified_fact_ends_its_verification_and_no_other(world: World) -> None:
    # Given an organisation whose figures and kind are verified
    code = new_enterprise()
    figures = [{"year": 2025, "main_business_revenue": "1.00", "sales_revenue": "2.00", "rd_expense": "0.00"}]
    put(world, code, figures=figures)
    verify(world, code, "kind", "figures")
    # When the organisation enters the same values again, or changes its name, then all facts stay verified
    assert verified(put(world, code, figures=figures, name="更名后的单位")) == ["kind", "figures"]
    assert world.told("organisation.verification_ended") == []
    # When the organisation edits a figure, then the figures must be verified again, and its city is notified
    edited = [figures[0] | {"sales_revenue": "3.00"}]
    assert verified(put(world, code, figures=edited)) == ["kind"]
    (told,) = world.told("organisation.verification_ended")
    assert (told["facts"], told["region"]) == (["figures"], "450203")
    # and the former figures, entered again, are not verified; a new operating period ends the verification of the figures too
    assert verified(put(world, code, figures=figures)) == ["kind"]
    verify(world, code, "figures")
    period = {"since": "2025-01-01", "evidence": "投产证明"}
    assert verified(put(world, code, figures=figures, operating_period=period)) == ["kind"]


def test_the_province_that_edits_for_an_organisation_ends_verifications_too(world: World) -> None:
    code = new_enterprise()
    put(world, code)
    verify(world, code, "kind")
    body = {"uscc": code, "name": "样例单位", "kind": "enterprise", "region": "450203", "legal_person": True}
    assert verified(world.put(body, OFFICER)) == []


def test_nobody_verifies_but_the_city_of_the_registration_and_the_province(world: World) -> None:
    code = new_enterprise()
    put(world, code)
    for actor in (bureau("450100"), bureau("GX-MIIT"), applicant(new_enterprise())):
        refused(NotFound, lambda actor=actor: verify(world, code, "kind", actor=actor), "organisation_not_found")
    for actor in (applicant(code), AUDITOR):
        refused(Forbidden, lambda actor=actor: verify(world, code, "kind", actor=actor), "bureau_only")
    # When the organisation moves to another city, then the new city verifies its facts, and the old city may no longer read them
    put(world, code, region="450102")
    refused(NotFound, lambda: verify(world, code, "kind"), "organisation_not_found")
    assert verified(verify(world, code, "kind", actor=bureau("450100"))) == ["kind"]
    # and only the province verifies the facts of organisations outside Guangxi
    put(world, code, region="440100")
    refused(NotFound, lambda: verify(world, code, "kind", actor=bureau("450100")), "organisation_not_found")
    verify(world, code, "legal_person", actor=CHIEF)


def test_what_is_verified_is_what_was_read(world: World) -> None:
    code = new_enterprise()
    etag = put(world, code)["etag"]
    refused(PreconditionRequired, lambda: verify(world, code, "kind", etag=None), "version_not_named")
    put(world, code, kind="enterprise")
    refused(PreconditionFailed, lambda: verify(world, code, "kind", etag=etag), "version_changed")
    assert verified(read(world, code)) == []


@pytest.mark.parametrize(
    ("facts", "wrong"),
    [
        (("kind", "kind"), {"/facts/1/fact": "fact_twice"}),
        (("state_owned",), {"/facts/0/fact": "not_declared"}),
        (("figures", "kind", "platforms"), {"/facts/0/fact": "not_declared", "/facts/2/fact": "not_declared"}),
    ],
)
def test_a_fact_is_named_once_and_must_be_declared(world: World, facts: tuple[str, ...], wrong: dict[str, str]) -> None:
    code = new_enterprise()
    put(world, code)
    error = refused(Invalid, lambda: verify(world, code, *facts), "invalid_verification")
    assert {each.pointer: each.code for each in error.errors} == wrong
    assert verified(read(world, code)) == []


def test_a_document_that_is_not_the_organisations_is_no_evidence(world: World) -> None:
    code = new_enterprise()
    put(world, code)
    refused(Invalid, lambda: verify(world, code, "kind", documents=["organisation.x.1"]), "unknown_document")


def test_each_city_sees_which_of_its_organisations_wait(world: World) -> None:
    # Given two organisations that are registered in different cities
    here, there = new_enterprise(), new_enterprise()
    put(world, here)
    put(world, there, region="450103")

    def waiting(actor: Any) -> dict[str, list[str]]:
        items = world.ask("list_verifications", actor)["items"]
        return {item["uscc"]: item["facts"] for item in items}

    facts = ["kind", "legal_person", "public_institution"]
    assert waiting(CITY) == {here: facts}
    assert waiting(bureau("GX-MIIT")) == {}
    assert waiting(OFFICER) == waiting(AUDITOR) == {here: facts, there: facts}
    refused(Forbidden, lambda: waiting(applicant(here)), "bureaus_only")
    # When all facts that an organisation declares are verified, then the organisation is no longer in the list, until it edits
    # one of them
    verify(world, here, "kind", "legal_person")
    assert waiting(CITY) == {here: ["public_institution"]}
    assert world.ask("dashboard", CITY)["verifications"] == {"waiting": 1}
    verify(world, here, "public_institution")
    assert waiting(CITY) == {}
    put(world, here, kind="research_institute")
    assert waiting(CITY) == {here: ["kind"]}


def certificate(world: World, consortium: dict[str, Any], measure: str, organisation: str) -> dict[str, Any]:
    body = {"measure": measure, "reason": "引进", "person": {"name": "甲", "organisation": organisation}}
    lead = applicant(consortium["lead"]["uscc"])
    found = world.tell(
        "request_support", lead, id=consortium["id"], request=SupportRequest().load(body), documents_statement=None
    )
    answer: dict[str, Any] = found["certificate"]
    return answer


@pytest.mark.parametrize("measure", ["staffing_policy", "pay_policy"])
def test_a_public_institution_counts_once_it_is_verified(world: World, measure: str) -> None:
    # Given a core unit of a consortium that declares itself a public institution
    core = new_enterprise()
    put(world, core)
    consortium = imported(world, "甲", new_enterprise(), core)
    # When the lead requests a certificate for the unit before a bureau has verified the declaration, then the refusal says which
    # bureau verifies it
    error = refused(Invalid, lambda: certificate(world, consortium, measure, core), "invalid_input")
    assert [(each.pointer, each.code) for each in error.errors] == [("/person/organisation", "not_verified")]
    assert "事业单位" in error.errors[0].text.zh and "设区市科技局" in error.errors[0].text.zh
    # When the unit's city has verified the declaration, then the certificate names the verified fact, the city and the day
    verify(world, core, "public_institution", "kind")
    given = certificate(world, consortium, measure, core)
    assert given["verified"] == [{"fact": "public_institution", "bureau": "450200", "on": "2026-03-02"}]
    # When the unit no longer declares itself a public institution, then the staffing certificate is refused, and the pay
    # certificate is given without a verified fact
    put(world, core, public_institution=False)
    if measure == "staffing_policy":
        refused(Invalid, lambda: certificate(world, consortium, measure, core), "invalid_input")
    else:
        assert certificate(world, consortium, measure, core)["verified"] == []


def test_state_ownership_counts_once_it_is_verified(world: World) -> None:
    core = new_enterprise()
    put(world, core, kind="enterprise", public_institution=False, state_owned=True)
    consortium = imported(world, "甲", new_enterprise(), core)
    refused(Invalid, lambda: certificate(world, consortium, "pay_policy", core), "invalid_input")
    verify(world, core, "state_owned")
    assert [fact["fact"] for fact in certificate(world, consortium, "pay_policy", core)["verified"]] == ["state_owned"]
    # and the list of entitlements names, for each support measure, the facts that count only once they are verified
    items = world.ask("entitlements", CHIEF, id=consortium["id"])["items"]
    wanted = {item["measure"]: item["verified_facts"] for item in items if item["verified_facts"]}
    assert wanted == {"pay_policy": ["public_institution", "state_owned"], "staffing_policy": ["public_institution"]}


def test_a_fact_that_the_evidence_does_not_show_is_refused_with_a_reason(world: World) -> None:
    # Given an organisation that declares itself a public institution
    code = new_enterprise()
    put(world, code)
    entry = {"fact": "public_institution", "evidence": "法人证书副本", "outcome": "refused"}
    # When the city refuses the declaration without a reason, then the request fails, because a reason is required
    error = refused(Invalid, lambda: verify(world, code, facts=[entry]), "invalid_verification")
    assert [(one.pointer, one.code) for one in error.errors] == [("/facts/0/reason", "required")]
    # When the city refuses the declaration with a reason, and verifies another fact in the same request
    kind = {"fact": "kind", "evidence": "办学许可证"}
    answer = verify(world, code, facts=[kind, entry | {"reason": "证书已于去年注销。"}])
    # Then the declaration counts as examined and not verified, and the organisation learns the reason
    assert verified(answer) == ["kind"]
    shown = next(each for each in answer["verifications"] if each["fact"] == "public_institution")
    assert (shown["outcome"], shown["reason"], shown["by"]) == ("refused", "证书已于去年注销。", CITY.username)
    assert [told["facts"] for told in world.told("organisation.verified")] == [["kind"]]
    (told,) = world.told("organisation.verification_refused")
    assert (told["facts"], told["reason"], told["bureau"]) == (["public_institution"], "证书已于去年注销。", "450200")
    (waiting,) = [one for one in world.ask("list_verifications", CITY)["items"] if one["uscc"] == code]
    assert waiting["facts"] == ["legal_person"]
    # When the organisation withdraws the refused declaration and makes it again, then a bureau must examine it again; no event
    # says that a verification ended
    put(world, code, public_institution=False)
    answer = put(world, code)
    assert [(each["fact"], each["outcome"]) for each in answer["verifications"]][2] == ("public_institution", None)
    assert world.told("organisation.verification_ended") == []
    # and the city can verify a refused declaration later with other evidence
    verify(world, code, facts=[entry | {"reason": "证书不清晰。"}])
    assert verified(verify(world, code, "public_institution")) == ["kind", "public_institution"]


def test_a_refused_fact_gives_no_certificate(world: World) -> None:
    core = new_enterprise()
    put(world, core, kind="enterprise", public_institution=False, state_owned=True)
    verify(world, core, facts=[{"fact": "state_owned", "evidence": "章程", "outcome": "refused", "reason": "国有股不足。"}])
    consortium = imported(world, "甲", new_enterprise(), core)
    refused(Invalid, lambda: certificate(world, consortium, "pay_policy", core), "invalid_input")


def test_verifications_that_ended_are_kept_for_the_policys_term_and_those_that_hold_for_good(world: World) -> None:
    # Given two verifications of an organisation: one is valid, and an edit has ended the other one
    code = new_enterprise()
    put(world, code)
    verify(world, code, "kind", "public_institution")
    put(world, code, public_institution=False)
    # Before ten years are over, the sweep deletes neither verification
    world.clock.advance(days=3652)
    assert world.sweep() == []
    # When the ten years are over, then the sweep deletes the ended verification and keeps the valid one
    world.clock.advance(days=2)
    assert world.sweep() == ["disposed"]
    assert verified(read(world, code)) == ["kind"]
    assert world.sweep() == []


@pytest.mark.parametrize("on", ["organisation", "consortium"])
def test_a_legal_hold_keeps_verifications_that_ended_until_it_is_lifted(world: World, on: str) -> None:
    # Given a consortium's unit with a verification that an edit has ended, and a legal hold on the unit or on the consortium
    code = enterprise(world)
    made = imported(world, "甲", enterprise(world), code)
    put(world, code)
    verify(world, code, "public_institution")
    put(world, code, public_institution=False)
    subject = f"organisation/{code}" if on == "organisation" else f"consortium/{made['id']}"
    world.hold("hold.placed", "h1", subject)
    # When the retention period of the verification is over, then the sweep does not delete it while the legal hold lasts
    world.clock.advance(days=3654)
    assert "disposed" not in world.sweep()
    # When the legal hold is lifted, then the next sweep deletes the verification
    world.hold("hold.lifted", "h1", subject)
    assert world.sweep().count("disposed") == 1
