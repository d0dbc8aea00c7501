"""Properties that all answers have, and the routes that work while other systems are down."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from gateway.app import create_app
from gateway.http.blueprint import Blueprint
from services.kernel.messaging.signing import Signer, Verifier, new_key
from services.kernel.observability import health_checks
from services.kernel.settings import Settings
from services.kernel.vault import Vault, new_vault_key
from tests.integration.gateway.platform import Platform


def test_the_correlation_id_goes_along_and_comes_back(gateway: Platform) -> None:
    answer = gateway.send("operator", "PATCH", "/accounts/auditor", {"name": "审计"}, X_Request_Id="trace-1")
    assert answer.headers["X-Request-Id"] == "trace-1"
    assert gateway.events()[-1].correlation_id == "trace-1"


@pytest.mark.parametrize("given", ["", "x" * 65, "a b", "a;b"])
def test_a_strange_correlation_id_is_replaced(gateway: Platform, given: str) -> None:
    answer = gateway.client.get("/healthz", headers={"X-Request-Id": given})
    assert answer.headers["X-Request-Id"] != given
    assert len(answer.headers["X-Request-Id"]) == 36


@pytest.mark.parametrize("path", ["/api/v1/me", "/nowhere", "/docs", "/healthz"])
def test_every_answer_is_guarded(gateway: Platform, path: str) -> None:
    headers = gateway.client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert "default-src 'none'" in headers["Content-Security-Policy"]
    assert "Access-Control-Allow-Origin" not in headers


def test_a_body_without_end_is_not_read(gateway: Platform) -> None:
    answer = gateway.client.post("/api/v1/auth/token", data=b" " * 2_000_000, content_type="application/json")
    assert (answer.status_code, answer.get_json()["code"]) == (413, "too_large")


@pytest.mark.parametrize("path", ["/api/v1/accounts/%00", "/%00"])
def test_a_nul_in_a_path_is_no_path(gateway: Platform, path: str) -> None:
    assert gateway.client.patch(path, json={}).get_json()["code"] == "no_such_path"


def test_a_client_that_asks_too_often_waits_and_others_do_not(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(rate_limit="3")
    token = gateway.token("auditor")
    for _ in range(3):
        assert gateway.send("auditor", "GET", "/me").status_code == 200
    answer = gateway.send("auditor", "GET", "/me")
    assert (answer.status_code, answer.get_json()["code"]) == (429, "too_many_requests")
    assert 0 < int(answer.headers["Retry-After"]) <= 21
    assert gateway.log_in("operator").status_code == 200  # This request comes from another client address.
    assert gateway.client.get("/healthz", headers={"Authorization": f"Bearer {token}"}).status_code == 200


def test_who_forges_tokens_is_counted_by_address(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(rate_limit="2")
    statuses = [gateway.client.get("/api/v1/me", headers={"Authorization": f"Bearer forged-{n}"}).status_code for n in range(3)]
    assert statuses == [401, 401, 429]


def test_behind_a_proxy_the_client_is_whom_the_proxy_names(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(rate_limit="1", proxies="1")
    first, second = ({"X-Forwarded-For": f"10.0.0.{n}"} for n in (1, 2))
    assert [gateway.client.get("/api/v1/me", headers=who).status_code for who in (first, first, second)] == [401, 429, 401]


def test_without_a_proxy_nobody_names_themselves(gateway_with: Callable[..., Platform]) -> None:
    gateway = gateway_with(rate_limit="1")
    first, second = ({"X-Forwarded-For": f"10.0.0.{n}"} for n in (1, 2))
    assert [gateway.client.get("/api/v1/me", headers=who).status_code for who in (first, second)] == [401, 429]


def test_readiness_names_what_is_missing(gateway: Platform) -> None:
    assert gateway.client.get("/readyz").get_json() == {
        "status": "ready",
        "missing": [],
        "parts": {"bus": True, "database": True},
    }
    gateway.health["database"] = False
    answer = gateway.client.get("/readyz")
    assert (answer.status_code, answer.get_json()["missing"]) == (503, ["database"])


def test_with_the_bus_away_for_everybody_nobody_is_taken_out_of_service(gateway: Platform) -> None:
    gateway.health["bus"] = False
    answer = gateway.client.get("/readyz")
    assert (answer.status_code, answer.get_json()["status"], answer.get_json()["missing"]) == (200, "degraded", ["bus"])


def test_metrics_count_answers_by_route(gateway: Platform) -> None:
    gateway.send("auditor", "GET", "/me")
    assert 'guichuang_http_seconds_count{method="GET",route="me.me",status="200"}' in health_checks.metrics_answer().body.decode()


def test_the_public_address_shows_no_metrics(gateway: Platform) -> None:
    assert gateway.client.get("/metrics").get_json()["code"] == "no_such_path"


def test_with_the_bus_away_health_docs_and_accounts_still_answer(gateway: Platform) -> None:
    gateway.line.cut = True
    for path in ("/healthz", "/docs", "/docs/swagger-ui-bundle.js", "/api/v1/openapi.json"):
        assert gateway.client.get(path).status_code == 200
    assert gateway.send("auditor", "GET", "/me").status_code == 200
    answer = gateway.send("auditor", "GET", "/audit?subject=application/1")
    assert (answer.status_code, answer.get_json()["code"]) == (503, "service_unavailable")
    assert int(answer.headers["Retry-After"]) > 0


@pytest.mark.parametrize("path", ["/calls", "/public/consortia?q=糖业"])
def test_with_the_bus_away_calls_and_the_register_are_shown_as_they_last_were(gateway: Platform, path: str) -> None:
    fresh = gateway.send("", "GET", path)
    gateway.line.cut = True
    stale = gateway.send("", "GET", path)
    assert (stale.status_code, stale.get_json()) == (200, fresh.get_json())
    assert "Age" not in fresh.headers
    assert int(stale.headers["Age"]) >= 0
    assert gateway.send("", "GET", f"{path.partition('?')[0]}?limit=7").status_code == 503


def test_with_the_bus_away_nothing_else_is_shown(gateway: Platform) -> None:
    assert gateway.send("auditor", "GET", "/applications").status_code == 200
    gateway.line.cut = True
    assert gateway.send("auditor", "GET", "/applications").status_code == 503


def test_the_page_of_the_docs_loads_nothing_from_elsewhere(gateway: Platform) -> None:
    page = gateway.client.get("/docs").text
    assert "://" not in page.replace("http://www.w3.org", "")
    for path in ("/docs/swagger-ui.css", "/docs/swagger-ui-bundle.js", "/docs/start.js", "/docs/favicon-32x32.png"):
        assert path in page
        assert gateway.client.get(path).status_code == 200
    assert "/api/v1/openapi.json" in gateway.client.get("/docs/start.js").text


def test_a_route_that_does_not_say_who_may_use_it_keeps_the_gateway_from_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    def register(app: Flask, _api: object) -> None:
        forgotten = Blueprint("forgotten", __name__)
        forgotten.route("/forgotten")(lambda: "open")
        app.register_blueprint(forgotten)

    monkeypatch.setattr("gateway.openapi.openapi_document.register", register)
    keys = {"signer": Signer("gateway", new_key()), "verifier": Verifier({}), "vault": Vault(new_vault_key())}
    with pytest.raises(RuntimeError, match="/forgotten"):
        create_app(None, Settings(), identity=None, store=None, **keys)  # type: ignore[arg-type]
