"""A row of the evaluation service that is changed directly in the database no longer matches its last audit entry."""

from __future__ import annotations

from services.evaluation.registry import registry
from services.kernel.testing import ServiceHarness
from tests.helpers.rewritten import unnoticed
from tests.integration.evaluation.test_grades import report, to_rectify


def test_no_column_of_a_grade_and_what_follows_from_it_can_be_rewritten_unnoticed(bench: ServiceHarness) -> None:
    _, lead, id = to_rectify(bench)
    report(bench, id, lead)
    tables = ("evaluations", "participations", "participation_versions", "consortia", "rectifications")
    # An additional row in `consortia` is not noticed: a consortium that the application service announced has no entry in this
    # service's audit log yet.
    assert unnoticed(bench.database, registry, *tables) == ["consortia: a row inserted"]
