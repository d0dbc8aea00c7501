"""The figures that the register gives for the authorities' statistics (A14(6))."""

from __future__ import annotations

from tests.integration.application.scenario import CHIEF, World, new_enterprise
from tests.integration.application.test_quotas import imported
from tests.integration.application.test_quotas_at_once import enterprise


def test_the_latest_figures_are_those_of_the_newest_year_that_has_ended(world: World) -> None:
    # Given a consortium whose lead has entered its figures of 2025 and, in March 2026, figures of the running year (A5(2)1)
    lead = new_enterprise()
    figures = [
        {"year": year, "main_business_revenue": revenue, "sales_revenue": revenue, "rd_expense": "1.00"}
        for year, revenue in ((2025, "2000.00"), (2026, "300.00"))
    ]
    world.put(world.case["organisations"][0] | {"uscc": lead, "region": "450200", "figures": figures})
    imported(world, "甲", lead, enterprise(world))
    # Then the statistics state the lead's figures of 2025, the newest year that has ended
    (row,) = world.ask("statistics", CHIEF)["rows"]
    assert (row["figures_year"], row["main_business_revenue"]) == (2025, "2000.00")
