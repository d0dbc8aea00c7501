"""The findings that the application form shows beside its fields: blocking findings come first, each with the field to
correct."""

from __future__ import annotations

from typing import Any

import pytest

from console.findings import Verdict, gauge, section_of


def finding(rule: str, status: str = "fail", severity: str = "mandatory", **more: Any) -> dict[str, Any]:
    return {"rule": rule, "status": status, "severity": severity, "observed": None, "required": None} | more


def test_findings_are_sorted_by_what_they_ask() -> None:
    verdict = Verdict.of(
        [
            finding("C2"),
            finding("C1", severity="in_principle"),
            finding("L4", "needs_evidence"),
            finding("L2", "needs_evidence", "in_principle"),
            finding("C3", "pass"),
        ]
    )
    assert [one["rule"] for one in verdict.mandatory] == ["C2"]
    assert [one["rule"] for one in verdict.in_principle] == ["C1"]
    assert [one["rule"] for one in verdict.evidence] == ["L4", "L2"]
    assert [one["rule"] for one in verdict.passed] == ["C3"]
    assert verdict.blocking == 2


@pytest.mark.parametrize(
    ("rule", "at", "section"),
    [
        ("C1", None, "members"),
        ("L2", None, "lead"),
        ("O5", None, "systems"),
        ("D1", None, "papers"),
        ("M1", "/members/2", "members"),
    ],
)
def test_every_finding_says_where_it_can_be_mended(rule: str, at: str | None, section: str) -> None:
    assert section_of(finding(rule, at=at)) == section


def test_a_bar_is_drawn_where_a_rule_compares_a_figure_with_a_bound() -> None:
    staff = gauge(finding("L3", observed={"rd_staff": 27}, required={"at_least": 30}))
    assert staff is not None
    assert (staff.have, staff.need, staff.gap, staff.bar, staff.mark) == (27, 30, 3, 72.0, 80.0)
    share = gauge(finding("C3", observed={"counted": 2, "units": 8, "share": "25%"}, required={"at_least": "30%"}))
    assert share is not None
    assert (share.have, share.gap) == (25, 5)
    leads = gauge(finding("L6", observed={"leads": 2}, required={"at_most": 1}))
    assert leads is not None
    assert (leads.at_most, leads.gap) == (True, 1)
    assert gauge(finding("L1", observed={"kind": "enterprise"}, required={"kind": "enterprise"})) is None
    assert gauge(finding("L3", observed={"rd_staff": None}, required={"at_least": 30})) is None
