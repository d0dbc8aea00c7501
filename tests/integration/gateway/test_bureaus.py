"""The people of a bureau, and the deployment that runs each bureau's review service."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from importlib.metadata import version
from typing import Any

import pytest
from sqlalchemy import insert

from services.kernel.clock import real_now
from services.kernel.identity import PROVINCE
from services.kernel.ids import new_id
from services.kernel.persistence.tables import inbox
from services.kernel.registry import Registry
from services.kernel.runtime import ServiceRuntime
from services.policy.bureaus import BUREAUS
from tests.integration.gateway.platform import Platform
from tests.integration.gateway.test_acting_chiefs import appoint

RELEASE = version("guichuang")


def colleagues(gateway: Platform, who: str, bureau: str = "450200") -> Any:
    return gateway.send(who, "GET", f"/bureaus/{bureau}/colleagues")


def test_an_official_sees_who_works_at_the_bureau_and_nothing_more_of_them(gateway: Platform) -> None:
    appoint(gateway)
    items = colleagues(gateway, "450200-officer").get_json()["items"]
    assert {(each["username"], tuple(each["roles"]), each["acting_for"]) for each in items} == {
        ("450200-officer", ("officer",), "450200-chief"),
        ("450200-chief", ("chief",), None),
    }
    assert {name for each in items for name in each} == {"username", "name", "roles", "acting_for"}
    assert all(each["name"] for each in items)


def test_a_closed_account_is_no_colleague(gateway: Platform) -> None:
    assert gateway.send("operator", "PATCH", "/accounts/450200-officer", {"active": False}).status_code == 200
    assert [each["username"] for each in colleagues(gateway, "auditor").get_json()["items"]] == ["450200-chief"]


def test_officials_of_another_bureau_and_other_accounts_see_no_colleagues(gateway: Platform) -> None:
    refused = {who: colleagues(gateway, who).status_code for who in ("450300-officer", "450000-chief", "applicant-1", "operator")}
    assert set(refused.values()) == {403}
    assert colleagues(gateway, "auditor").status_code == 200
    assert colleagues(gateway, "auditor", "999999").get_json() == {"items": []}


def deployments(gateway: Platform, who: str = "450000-officer") -> dict[str, dict[str, Any]]:
    answer = gateway.send(who, "GET", "/bureaus/deployments")
    assert answer.status_code == 200, answer.get_json()
    return {each["bureau"]: each for each in answer.get_json()["items"]}


def serve(gateway: Platform, bureau: str, jurisdictions: str) -> ServiceRuntime:
    """Let a separate review service, with these jurisdictions, answer requests for a bureau; return it."""
    pooled = gateway.line.services[f"rpc.review.{PROVINCE}"]
    settings = replace(gateway.settings, jurisdictions=jurisdictions)
    runtime = ServiceRuntime(
        Registry("review"),
        pooled.database,
        settings=settings,
        policies=None,
        signer=pooled.signer,
        verifier=pooled.verifier,
        clock=pooled.clock,
    )
    gateway.line.services[f"rpc.review.{bureau}"] = runtime
    return runtime


def test_the_province_sees_which_bureaus_run_apart_and_how_far_they_are_behind(gateway: Platform) -> None:
    # Given a city that the province's deployment serves, a city with its own deployment and a waiting event, and other cities
    # whose deployments are down
    pooled = gateway.line.services[f"rpc.review.{PROVINCE}"]
    gateway.line.services["rpc.review.450300"] = pooled
    own = serve(gateway, "450200", "450200")
    waiting = {
        "id": new_id(),
        "type": "application.submitted",
        "producer": "application",
        "subject": "application/app",
        "sequence": 1,
        "body": "{}",
        "received_at": real_now() - timedelta(seconds=90),
        "next_attempt_at": real_now(),
    }
    with own.database.write() as session:
        session.execute(insert(inbox), [waiting])
    # Then the province's list of deployments shows this state for every bureau
    found = deployments(gateway)
    assert set(found) == set(BUREAUS)
    assert (found[PROVINCE]["answers"], found[PROVINCE]["apart"]) == (True, False)
    assert (found["450300"]["answers"], found["450300"]["apart"]) == (True, False)
    city = found["450200"]
    assert (city["answers"], city["apart"], city["waiting"], city["name"]) == (True, True, 1, BUREAUS["450200"].name.zh)
    assert city["lag_seconds"] >= 90 and city["version"]
    away = found["450100"]
    assert (away["answers"], away["apart"], away["version"], away["waiting"]) == (False, None, None, None)


def test_a_release_that_does_not_describe_itself_answers_all_the_same(gateway: Platform) -> None:
    own = serve(gateway, "450200", "450200")
    del own.registry.queries["deployment"]
    city = deployments(gateway, "operator")["450200"]
    assert (city["answers"], city["apart"], city["version"]) == (True, None, None)


def test_deployments_are_for_the_province_auditors_and_operators(gateway: Platform) -> None:
    for who in ("450000-chief", "auditor", "operator"):
        assert deployments(gateway, who)
    for who in ("450200-officer", "450200-chief", "applicant-1"):
        assert gateway.send(who, "GET", "/bureaus/deployments").status_code == 403


def federate(gateway: Platform, reports: dict[str, dict[str, Any]], *bureaus: str) -> None:
    """Give these bureaus brokers of their own. `reports`: bureau → the last report of its deployment, as the province's review
    service has it."""
    context = gateway.app.extensions["guichuang"]
    gateway.app.extensions["guichuang"] = replace(context, federated=frozenset(bureaus))
    registry = gateway.line.services[f"rpc.review.{PROVINCE}"].registry
    registry.query(lambda actor: reports, "reported_deployments")


def report(release: str, **numbers: int) -> dict[str, Any]:
    quiet = dict.fromkeys(("waiting", "lag_seconds", "unpublished", "publishing_lag_seconds", "parked"), 0)
    return quiet | numbers | {"version": release, "reported_at": real_now().isoformat()}


def test_a_bureau_with_a_broker_of_its_own_is_shown_by_its_last_report(gateway: Platform) -> None:
    # Given two bureaus with their own brokers, one of which has sent a report
    said = report(RELEASE, waiting=3, lag_seconds=20, parked=1)
    federate(gateway, {"450300": said}, "450300", "450400")
    # Then the list of deployments shows the report with its time, and shows no state for the bureau that has sent no report
    found = deployments(gateway)
    city, silent = found["450300"], found["450400"]
    assert (city["answers"], city["apart"], city["own_broker"], city["release"]) == (True, True, True, "same")
    assert {name: city[name] for name in said} == said
    assert (silent["answers"], silent["own_broker"], silent["version"], silent["release"]) == (False, True, None, None)


@pytest.mark.parametrize(
    ("theirs", "release"), [("0", "same"), ("1", "next_to"), ("2", "too_far"), ("major", "next_to"), ("majors", "too_far")]
)
def test_a_release_that_does_not_fit_together_with_the_provinces_is_named(gateway: Platform, theirs: str, release: str) -> None:
    major, minor, _ = (int(part) for part in RELEASE.split("."))
    versions = {"major": f"{major + 1}.0.3", "majors": f"{major + 2}.0.0"}
    federate(gateway, {"450300": report(versions.get(theirs) or f"{major}.{minor + int(theirs)}.9")}, "450300")
    assert deployments(gateway)["450300"]["release"] == release


def test_cases_of_a_bureau_with_a_platform_of_its_own_are_said_to_be_there(gateway: Platform) -> None:
    federate(gateway, {}, "450200")
    refused = gateway.send("450200-officer", "GET", "/reviews")
    assert (refused.status_code, refused.get_json()["code"], "Retry-After" in refused.headers) == (503, "at_the_bureau", False)


def test_a_bureaus_own_platform_says_where_everything_else_is(gateway: Platform) -> None:
    # Given the gateway of a city that runs its own platform
    context = gateway.app.extensions["guichuang"]
    settings = replace(context.settings, province_url="https://guichuang.example")
    gateway.app.extensions["guichuang"] = replace(context, settings=settings)
    # Then the city's people log in there; requests for data of the province's platform are refused with the address of that
    # platform
    refused = gateway.send("450200-officer", "GET", "/consortia")
    told = refused.get_json()
    assert (refused.status_code, told["code"], told["province"]) == (503, "at_the_province", "https://guichuang.example")
    assert "Retry-After" not in refused.headers
    # and this gateway still serves the labels of all codes
    assert gateway.send("", "GET", "/vocabulary").status_code == 200
