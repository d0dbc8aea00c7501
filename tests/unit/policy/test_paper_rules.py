"""A5(4) and A6(1): an application must have the seven operating systems and the required documents."""

from __future__ import annotations

import pytest

from services.policy import DocumentFact
from tests.unit.policy.sample_facts import SYSTEMS, TRIAL, facts, failing, finding

CLEAN = tuple(DocumentFact(document.kind, "clean") for document in TRIAL.documents_for("formation"))


@pytest.mark.parametrize(("number", "system"), list(enumerate(SYSTEMS, 1)))
@pytest.mark.parametrize("description", [None, "", " \n"])
def test_each_operating_system_has_its_own_rule(number: int, system: str, description: str | None) -> None:
    case = facts(operating_systems=dict.fromkeys(SYSTEMS, "已设立") | {system: description})

    assert failing(case) == [f"O{number}"]
    assert finding(f"O{number}", case).citation == f"A5(4){number}"


def test_without_any_operating_system_all_seven_fail() -> None:
    assert failing(facts(operating_systems={})) == [f"O{number}" for number in range(1, 8)]


@pytest.mark.parametrize("kind", [document.kind for document in CLEAN])
def test_each_required_document_must_be_there(kind: str) -> None:
    found = finding("D1", facts(documents=tuple(document for document in CLEAN if document.kind != kind)))

    assert (found.status, found.severity) == ("fail", "mandatory")
    assert found.observed == {"missing": [kind], "not_clean": []}


def test_the_documents_are_the_form_the_agreement_the_seven_systems_and_the_platforms_evidence() -> None:
    systems = {f"operating_system:{system}" for system in SYSTEMS}
    assert {document.kind for document in CLEAN} == {"application_form", "agreement", "platform_evidence"} | systems


@pytest.mark.parametrize("state", ["pending", "infected", ""])
def test_a_document_that_is_not_clean_does_not_count(state: str) -> None:
    found = finding("D1", facts(documents=(*CLEAN[1:], DocumentFact("application_form", state))))

    assert found.status == "fail"
    assert found.observed == {"missing": [], "not_clean": ["application_form"]}
    assert "尚未通过检查：创新联合体组建申请表" in found.message.zh


def test_a_clean_copy_beside_a_rejected_one_counts() -> None:
    assert finding("D1", facts(documents=(*CLEAN, DocumentFact("agreement", "infected")))).status == "pass"


def test_an_attachment_the_call_names_is_required_too() -> None:
    wanted = ("figures_evidence",)

    assert finding("D1", facts(attachments=wanted)).observed["missing"] == ["figures_evidence"]
    assert (
        finding("D1", facts(attachments=wanted, documents=(*CLEAN, DocumentFact("figures_evidence", "clean")))).status == "pass"
    )


def test_a_special_case_brings_its_basis_beside_the_documents_of_a_formation() -> None:
    assert finding("D1", facts(case="special_case")).observed["missing"] == ["basis"]


def test_unknown_documents_need_evidence() -> None:
    assert finding("D1", facts(documents=None)).status == "needs_evidence"
