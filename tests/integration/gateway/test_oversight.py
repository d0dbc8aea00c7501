"""Sweeps reach every service; the auditor reads every log; the bureaus are listed."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from services.kernel.clock import local_date, real_now
from tests.integration.gateway.platform import Platform


def test_a_sweep_does_what_is_due_everywhere_once(gateway: Platform) -> None:
    answer = gateway.send("operator", "POST", "/sweeps", {"as_of": "2026-03-02"}).get_json()
    done = {(step["service"], step["id"]) for step in answer["done"]}
    services = ("application", "review", "evaluation", "documents", "notification")
    assert done == {(service, id) for service in services for id in ("late-1", "late-2")}
    assert {step["did"] for step in answer["done"]} == {"lapsed"}
    assert gateway.send("operator", "POST", "/sweeps", {"as_of": "2026-03-02"}).get_json()["done"] == []


def test_bureaus_whose_review_nobody_serves_are_named_not_fatal(gateway: Platform) -> None:
    away = gateway.send("operator", "POST", "/sweeps", {"as_of": "2026-03-02"}).get_json()["away"]
    assert "450200" in away
    assert "450000" not in away


def test_a_sweep_without_one_of_the_services_is_to_be_repeated(gateway: Platform) -> None:
    del gateway.line.services["rpc.evaluation"]
    assert gateway.send("operator", "POST", "/sweeps", {"as_of": "2026-03-02"}).status_code == 503


@pytest.mark.parametrize(("seed", "status"), [("demo", 200), ("", 422)])
def test_only_a_demonstration_moves_its_date(gateway_with: Callable[..., Platform], seed: str, status: int) -> None:
    gateway = gateway_with(seed=seed)
    tomorrow = (local_date(real_now()) + timedelta(days=1)).isoformat()
    assert gateway.send("operator", "POST", "/sweeps", {"as_of": tomorrow}).status_code == status


def test_a_mistyped_year_does_not_move_the_date_for_ever(gateway: Platform) -> None:
    answer = gateway.send("operator", "POST", "/sweeps", {"as_of": "2199-01-01"}).get_json()
    assert [error["code"] for error in answer["errors"]] == ["too_far"]


def test_the_auditor_reads_about_a_subject_in_its_services_log(gateway: Platform) -> None:
    gateway.send("operator", "PATCH", "/accounts/portal", {"name": "门户"})
    items = gateway.send("auditor", "GET", "/audit?subject=account/portal").get_json()["items"]
    assert [(item["action"], item["actor"], item["role"]) for item in items] == [
        ("account.changed", "system", "system"),
        ("account.changed", "operator", "operator"),
    ]
    assert items[0]["before"] is None
    assert items[1]["before"] is not None
    assert items[1]["before"] != items[1]["after"]


@pytest.mark.parametrize(
    ("query", "queue"),
    [
        ("subject=application/late-1", "rpc.application"),
        ("subject=application/late-1&service=review", "rpc.review.450000"),
        ("subject=application/late-1&service=evaluation", "rpc.evaluation"),
        ("subject=document/late-1", "rpc.documents"),
    ],
)
def test_each_service_is_asked_for_its_own_log(gateway: Platform, query: str, queue: str) -> None:
    gateway.send("operator", "POST", "/sweeps", {"as_of": "2026-03-02"})
    items = gateway.send("auditor", "GET", f"/audit?{query}").get_json()["items"]
    assert gateway.line.carried[-1] == queue
    assert [item["action"] for item in items] == (["thing.lapsed"] if "application/" in query else [])


def test_a_subject_of_no_known_kind_needs_its_service_named(gateway: Platform) -> None:
    answer = gateway.send("auditor", "GET", "/audit?subject=weather/today").get_json()
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/service", "service_required")]


def test_the_tree_of_bureaus_speaks_the_readers_language(gateway: Platform) -> None:
    zh = gateway.send("auditor", "GET", "/bureaus").get_json()
    en = gateway.send("auditor", "GET", "/bureaus", Accept_Language="en").get_json()
    assert (zh["code"], zh["name"]) == ("450000", "广西壮族自治区科学技术厅")
    assert en["name"] == "Department of Science and Technology of Guangxi"
    assert len([bureau for bureau in zh["children"] if bureau["tier"] == "city"]) == 14


def test_a_log_of_a_bureau_that_is_none_is_refused_clearly(gateway: Platform) -> None:
    answer = gateway.send("auditor", "GET", "/audit?subject=application/late-1&service=review&bureau=999999").get_json()
    assert [(error["pointer"], error["code"]) for error in answer["errors"]] == [("/bureau", "unknown_bureau")]
