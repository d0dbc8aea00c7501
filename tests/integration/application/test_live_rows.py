"""A row of the application service that is changed directly in the database no longer matches its last audit entry."""

from __future__ import annotations

from services.application.registry import registry
from tests.helpers.rewritten import unnoticed
from tests.integration.application.scenario import OFFICER, World
from tests.integration.application.test_recognition import RECORD


def test_no_column_of_an_application_can_be_rewritten_unnoticed(world: World) -> None:
    # Given an application in publicity whose lead has an integrity record
    application = world.at_decision()
    world.tell("add_integrity_records", OFFICER, records=[RECORD | {"uscc": world.lead.organisation}])
    world.decided(application, waivers=({"rule": "I1", "reason": "产业急需", "by": "450000"},))
    tables = ("calls", "applications", "units", "versions", "places", "organisations", "integrity_records")
    # An additional row in `organisations` is not noticed: an organisation that an application only names has no audit entry yet.
    assert unnoticed(world.bench.database, registry, *tables) == ["organisations: a row inserted"]


def test_no_column_of_the_register_can_be_rewritten_unnoticed(world: World) -> None:
    world.decided(world.at_decision())
    world.clock.advance(days=8)
    assert world.sweep() == ["recognised"]
    assert unnoticed(world.bench.database, registry, "consortia", "consortium_units", "register_states", "places") == []
