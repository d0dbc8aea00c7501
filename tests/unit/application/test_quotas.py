"""Quotas (rules L6 and M3): the policy's limits, and whether a unit with other consortia is within them."""

from __future__ import annotations

import pytest

from services.application.domain.quotas import Limits, recheck_limits
from services.policy import Policies, Standing

TRIAL = Policies.builtin().get("guangxi_trial@1")


def test_the_limits_are_the_policys() -> None:
    assert Limits.of(TRIAL) == Limits(leading=1, taking_part=3)


def test_all_rules_are_evaluated_again_but_those_of_figures_staff_and_documents() -> None:
    frozen = {rule.id for rule in TRIAL.rules} - set(recheck_limits(TRIAL))
    assert frozen == {"L2", "L3", "L5", "D1"}


@pytest.mark.parametrize(
    ("others", "leading", "fits"),
    [
        (Standing(0, 0), True, True),
        (Standing(1, 1), True, False),
        (Standing(1, 1), False, True),
        (Standing(0, 2), False, True),
        (Standing(0, 2), True, True),
        (Standing(0, 3), False, False),
        (Standing(0, 3), True, False),
    ],
)
def test_a_place_fits_within_both_limits_this_one_counted(others: Standing, leading: bool, fits: bool) -> None:
    assert Limits(leading=1, taking_part=3).admit(others, leading=leading) is fits


def test_a_policy_without_a_limit_admits_everybody() -> None:
    assert Limits(leading=None, taking_part=None).admit(Standing(9, 99), leading=True)
