"""The entries of the watch list follow from failing rules, integrity records and organisations that ended (A14(1), A14(4),
A14(5))."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from services.application.domain.watch import ASKED, CONDITIONS, GROUND, WatchEntry, WatchFacts, required_entries
from services.kernel.errors import Text
from services.policy import Finding, Policies

CHECKS = {rule.id: rule.check.name for rule in Policies.builtin().get("guangxi_trial@1").rules}
LEAD, MEMBER = "LEAD", "MEMBER"


def failed(rule: str) -> Finding:
    return Finding(rule, rule[0], "A5(1)", "mandatory", "fail", {}, {}, None, Text("", ""))


def entries(*rules: str, **more: Any) -> list[WatchEntry]:
    given: dict[str, Any] = {"records": {}, "ended": frozenset()} | more
    return required_entries(WatchFacts(LEAD, (MEMBER,), [failed(rule) for rule in rules], **given), CHECKS)


def test_a_sound_consortium_stands_on_no_list() -> None:
    assert entries() == []


@pytest.mark.parametrize("rule", ["C3", "C4", "L1"])
def test_of_a_rule_on_all_units_or_on_the_lead_the_lead_is_asked_to_restore_it(rule: str) -> None:
    assert [(entry.kind, entry.rules) for entry in entries(rule)] == [(CONDITIONS, (rule,)), (ASKED, (rule,))]


@pytest.mark.parametrize("rule", ["C1", "L6", "M3"])
def test_a_rule_in_principle_is_watched_and_nothing_is_asked(rule: str) -> None:
    assert [(entry.kind, entry.rules) for entry in entries(rule)] == [(CONDITIONS, (rule,))]


def test_grounds_follow_from_the_lead_alone() -> None:
    record = {"r": date(2026, 12, 31)}
    of_lead = entries("I1", records={LEAD: record})
    assert [(entry.kind, entry.cause, entry.source) for entry in of_lead[1:]] == [(GROUND, "A14(4)", "integrity/r")]
    of_member = entries("I1", records={MEMBER: record})
    assert [(entry.kind, entry.cause, entry.organisation) for entry in of_member[1:]] == [(ASKED, "integrity_record", MEMBER)]
    assert of_member[0].look_on == of_member[1].look_on == date(2026, 12, 31)


def test_a_lead_that_has_ended_is_a_ground_and_is_asked_for_nothing() -> None:
    ended = entries("C2", "L1", ended=frozenset({LEAD}))
    assert [(entry.kind, entry.cause) for entry in ended] == [(CONDITIONS, "rules_fail"), (GROUND, "A14(5)")]
    member = entries("C2", ended=frozenset({MEMBER}))
    assert [(entry.kind, entry.cause) for entry in member] == [(CONDITIONS, "rules_fail"), (ASKED, "unit_ended")]


def test_a_record_without_end_is_never_settled_by_time() -> None:
    (_, asked) = entries("I1", records={MEMBER: {"a": date(2026, 12, 31), "b": None}})
    assert asked.look_on is None
