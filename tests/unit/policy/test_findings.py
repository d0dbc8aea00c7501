"""The conclusions drawn from findings: eligible, blocking, waivers, and their texts."""

from __future__ import annotations

import json

import pytest

from services.policy import Facts, Finding, PolicyError, Standing, blocking, eligible, evaluate, open_in_principle, waive
from tests.unit.policy.sample_facts import MEMBERS, SYSTEMS, TODAY, TRIAL, facts, finding, lead, member


def rules(findings: tuple[Finding, ...]) -> list[str]:
    return [found.rule for found in findings]


def test_a_failed_in_principle_rule_leaves_the_case_eligible_and_open() -> None:
    findings = evaluate(TRIAL, facts(lead=lead(rd_staff=29)))

    assert eligible(findings)
    assert blocking(findings) == ()
    assert rules(open_in_principle(findings)) == ["L3"]


def test_a_failed_mandatory_rule_blocks() -> None:
    findings = evaluate(TRIAL, facts(lead=lead(platforms=())))

    assert not eligible(findings)
    assert rules(blocking(findings)) == ["L4"]


def test_confirmations_and_documents_block_but_do_not_make_a_draft_ineligible() -> None:
    findings = evaluate(TRIAL, facts(confirmed=frozenset(), documents=()))

    assert eligible(findings)
    assert rules(blocking(findings)) == ["M1", "D1"]


def test_a_missing_tier_makes_a_draft_ineligible() -> None:
    assert not eligible(evaluate(TRIAL, facts(*MEMBERS[:8], member(9, tier=None))))


def test_missing_evidence_of_a_mandatory_rule_blocks_but_is_no_failure() -> None:
    findings = evaluate(TRIAL, facts(*MEMBERS[:8], member(9, registered=False), documents=None, confirmed=None))

    assert eligible(findings)
    assert rules(blocking(findings)) == ["C2", "M1", "D1"]


def test_leaving_figures_out_is_not_easier_than_figures_too_small() -> None:
    findings = evaluate(TRIAL, facts(lead=lead(figures=())))
    assert rules(open_in_principle(findings)) == ["L2", "L5"]


def test_a_waiver_closes_an_in_principle_rule_and_keeps_its_reason() -> None:
    findings = waive(evaluate(TRIAL, facts(lead=lead(rd_staff=29))), {"L3": "团队近期扩充"})

    (waived,) = [found for found in findings if found.status == "waived"]
    assert (waived.rule, waived.reason) == ("L3", "团队近期扩充")
    assert open_in_principle(findings) == ()


def test_a_waiver_given_in_advance_leaves_a_rule_passed_and_counts_when_it_fails_later() -> None:
    waivers = {"M3": "同意兼职"}

    now = waive(evaluate(TRIAL, facts()), waivers)
    later = waive(evaluate(TRIAL, facts(standing={"M01": Standing(joins=3)}), groups={"L6", "M3", "I1"}), waivers)

    assert {found.status for found in now} == {"pass"}
    assert open_in_principle(later) == ()


@pytest.mark.parametrize("waivers", [{"L4": "理由"}, {"L3": "  "}, {"X9": "理由"}])
def test_a_mandatory_rule_a_missing_reason_and_an_unknown_rule_are_refused(waivers: dict[str, str]) -> None:
    findings = evaluate(TRIAL, facts(lead=lead(rd_staff=29, platforms=())))
    with pytest.raises(PolicyError):
        waive(findings, waivers)


def test_the_basis_of_a_special_case_may_name_a_mandatory_rule() -> None:
    findings = evaluate(TRIAL, facts(lead=lead(platforms=())))
    assert blocking(waive(findings, {"L4": "一事一议"}, named_in_basis={"L4"})) == ()


def test_findings_travel_as_json() -> None:
    for found in evaluate(TRIAL, Facts(as_of=TODAY, today=TODAY)) + evaluate(TRIAL, facts()):
        assert Finding.from_dict(json.loads(json.dumps(found.to_dict()))) == found


ALL = frozenset(unit.uscc for unit in MEMBERS)


@pytest.mark.parametrize(
    ("rule", "case", "at"),
    [
        ("C1", facts(*MEMBERS[:2]), "/members"),
        ("C2", facts(*MEMBERS, MEMBERS[2]), "/members/9"),
        ("C2", facts(*MEMBERS[:8], member(9, legal_person=False)), "/members/8"),
        ("C2", facts(member(1, registered=False), *MEMBERS[1:]), "/members/0"),
        ("C2", facts(lead=lead(legal_person=False)), "/lead"),
        ("C3", facts(*(member(number, region="440300") for number in range(1, 10))), "/members"),
        ("L1", facts(lead=lead(kind="university")), "/lead"),
        ("L2", facts(lead=lead(figures=())), "/lead"),
        ("L4", facts(lead=lead(platforms=())), "/lead"),
        ("L6", facts(standing={"LEAD": Standing(leads=3, joins=3)}), "/lead"),
        ("M1", facts(confirmed=ALL - {"M03"}), "/members/2"),
        ("M2", facts(*MEMBERS[:4], member(5, tier=None), *MEMBERS[5:]), "/members/4"),
        ("M3", facts(standing={"M07": Standing(joins=3)}), "/members/6"),
        ("M3", facts(standing={"LEAD": Standing(joins=3)}), "/lead"),
        ("O4", facts(operating_systems={}), "/operating_systems/rd_funding"),
        ("D1", facts(documents=()), "/documents"),
        ("I1", facts(integrity={"M02": None}), "/members/1"),
    ],
)
def test_a_finding_says_where_in_the_form_it_is_mended(rule: str, case: Facts, at: str) -> None:
    assert finding(rule, case).at == at


def test_what_to_do_is_said_where_a_rule_fails_and_nothing_where_it_passes_or_is_waived() -> None:
    findings = evaluate(TRIAL, facts(lead=lead(rd_staff=29)))
    failed = next(found for found in findings if found.rule == "L3")
    assert failed.remedy == TRIAL.rule("L3").remedy
    assert {(found.remedy, found.at) for found in findings if found.status == "pass"} == {(None, None)}
    waived = next(found for found in waive(findings, {"L3": "团队近期扩充"}) if found.rule == "L3")
    assert (waived.remedy, waived.at) == (None, None)


def test_a_change_is_not_mended_in_the_application_form() -> None:
    assert finding("C1", facts(*MEMBERS[:2], case="change")).at is None


def test_every_finding_shows_observed_required_and_article_in_both_languages() -> None:
    spoilt = facts(member(1, tier=None, legal_person=False), lead=lead(rd_staff=1, platforms=()), operating_systems={})

    for found in evaluate(TRIAL, spoilt) + evaluate(TRIAL, Facts(as_of=TODAY, today=TODAY)):
        assert found.observed
        assert found.required
        assert "（依据：第" in found.message.zh
        assert "(Article " in found.message.en
        if found.status == "fail":
            assert TRIAL.rule(found.rule).remedy.zh in found.message.zh
        if found.status == "fail" and found.severity == "in_principle":
            assert "豁免" in found.message.zh


def test_evaluation_can_be_limited_to_groups_and_single_rules() -> None:
    assert rules(evaluate(TRIAL, facts(), groups={"L6", "M3", "I1"})) == ["L6", "M3", "I1"]
    assert rules(evaluate(TRIAL, facts(), groups={"O"})) == [f"O{number}" for number in range(1, len(SYSTEMS) + 1)]
