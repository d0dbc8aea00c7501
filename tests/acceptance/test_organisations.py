"""The data that organisations enter about themselves: the platform refuses impossible values on entry, and the rules of article 5
use the values that are valid for the year."""

from __future__ import annotations

from datetime import date
from typing import Any

from deploy.demo.formation import Formation, put_organisation, register
from deploy.demo.invented import EIGHT, consortium, lead
from deploy.demo.oversight import Calendar
from deploy.demo.people import People
from tests.acceptance.driver import refusal

THIS_YEAR = date.today().year


def figures(*years: int, main: str = "1310000000.00", sales: str = "1335000000.00", rd: str = "60000000.00") -> list[Any]:
    return [{"year": year, "main_business_revenue": main, "sales_revenue": sales, "rd_expense": rd} for year in years]


def findings(draft: Formation) -> dict[str, dict[str, Any]]:
    """Return the findings of a draft, keyed by the rule's id."""
    return {finding["rule"]: finding for finding in draft.eligibility()["findings"]}


def test_a5_2_figures_that_cannot_be_true_are_refused_at_their_field(people: People) -> None:
    # Given an enterprise founded last year
    unit = lead(founded_on=f"{THIS_YEAR - 1}-06-01", figures=[])
    account = people.applicant(unit["uscc"])

    # When the enterprise enters figures of the year before its founding, and a main-business revenue above its sales
    before, above = figures(THIS_YEAR - 2), figures(THIS_YEAR - 1, main="2.00", sales="1.00")
    refused = refusal(put_organisation, account, unit | {"figures": before + above})

    # Then the refusal names both fields
    assert refused.status == 422
    assert refused.pointers == {
        "/figures/0/year": "year_before_founding",
        "/figures/1/main_business_revenue": "main_above_sales",
    }

    # and an operating period that begins before the founding is refused at its field
    period = {"since": f"{THIS_YEAR - 1}-05-31", "evidence": "投产证明"}
    refused = refusal(put_organisation, account, unit | {"operating_period": period})
    assert refused.pointers == {"/operating_period/since": "before_founding"}


def test_a5_2_a_running_year_never_counts(people: People, call: str) -> None:
    # Given a lead that has entered figures of the running year which are too low for the rules; the platform's date decides which
    # year is running
    running = Calendar(people).today.year
    years = (running - 3, running - 2, running - 1)
    units = consortium(EIGHT, figures=figures(*years) + figures(running, main="0.00", rd="0.00"))
    register(people, units)

    # Then the rules ignore the running year: rule L2 uses the last completed year, and rule L5 the last three completed years
    seen = findings(Formation.draft(people, call, units))
    assert (seen["L2"]["status"], seen["L2"]["observed"]["year"]) == ("pass", running - 1)
    assert (seen["L5"]["status"], seen["L5"]["observed"]["years"]) == ("pass", list(years))


def test_a5_2_3_a_lead_that_operates_less_than_three_years_states_since_when(people: People, call: str) -> None:
    # Given a lead that was founded long ago but has entered figures of the last two years only
    units = consortium(EIGHT, figures=figures(THIS_YEAR - 2, THIS_YEAR - 1))
    register(people, units)

    # Then the finding of rule L5 asks for evidence, because the figures of a third year are missing
    draft = Formation.draft(people, call, units)
    assert findings(draft)["L5"]["status"] == "needs_evidence"

    # When the lead states, with evidence, that it has operated for two years only, then rule L5 passes with the figures of two
    # years
    period = {"since": f"{THIS_YEAR - 2}-01-01", "evidence": "投产验收证书"}
    assert put_organisation(draft.lead, units[0] | {"operating_period": period})["operating_period"] == period
    finding = findings(draft)["L5"]
    assert (finding["status"], finding["observed"]["years"]) == ("pass", [THIS_YEAR - 2, THIS_YEAR - 1])
