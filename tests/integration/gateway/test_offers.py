"""An answer offers the actions that the account may take. The gateway removes those that the caller's credentials do not
allow."""

from __future__ import annotations

from typing import Any

from services.kernel.identity import Actor
from tests.integration.gateway.platform import Platform
from tests.integration.gateway.test_delegations import COLLEAGUE


def offer(gateway: Platform, *, revision: str = "3", why: dict[str, str] | None = None) -> None:
    """Let the application service return an application with two actions. If `why` is given, the second action is not allowed,
    for this reason."""

    def get_application(actor: Actor, id: str) -> dict[str, Any]:
        actions = [
            {"id": "edit", "allowed": True, "why": None, "signs": False},
            {"id": "submit", "allowed": why is None, "why": why, "signs": True},
        ]
        return {"id": id, "etag": revision, "actions": actions}

    gateway.line.services["rpc.application"].registry.query(get_application)


def actions(answer: Any) -> dict[str, str | None]:
    return {action["id"]: action["why"] for action in answer.get_json()["actions"]}


def test_a_colleague_who_may_not_sign_edits_and_does_not_submit(gateway: Platform) -> None:
    offer(gateway)
    gateway.send("applicant-1", "POST", "/delegations", COLLEAGUE | {"may_sign": False})
    gateway.accounts["li4"] = {"password": COLLEAGUE["password"]}
    assert actions(gateway.send("applicant-1", "GET", "/applications/a")) == {"edit": None, "submit": None}
    refused = actions(gateway.send("li4", "GET", "/applications/a", Accept_Language="en"))
    assert refused["edit"] is None
    assert refused["submit"] == "You may prepare this for your organisation; an account that may sign for it has to do this step."


def test_the_etag_changes_with_what_may_be_done_and_still_names_the_version(gateway: Platform) -> None:
    offer(gateway)
    first = gateway.send("applicant-1", "GET", "/applications/a")
    held = first.headers["ETag"]
    assert gateway.send("applicant-1", "GET", "/applications/a", If_None_Match=held).status_code == 304
    # When one of the actions is not allowed any more, although the application's version is the same
    registry = gateway.line.services["rpc.application"].registry
    registry.queries.pop("get_application")
    offer(gateway, why={"zh": "申报已截止。", "en": "The call has closed."})
    # Then the gateway sends the whole answer again instead of 304
    again = gateway.send("applicant-1", "GET", "/applications/a", If_None_Match=held)
    assert (again.status_code, actions(again)["submit"]) == (200, "申报已截止。")
    # And both ETags, the old and the new, name the same version when a client sends them in If-Match
    told: list[Any] = []

    def change_application(actor: Actor, id: str, change: Any, if_match: str | None) -> dict[str, Any]:
        told.append(if_match)
        return {"id": id, "etag": "4"}

    registry.command(change_application)
    gateway.send("applicant-1", "PATCH", "/applications/a", {"name": "新名"}, If_Match=held)
    assert told == ["3"]
