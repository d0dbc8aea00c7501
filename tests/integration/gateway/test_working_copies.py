"""A working copy (what an account typed and has not sent) is stored encrypted until it is sent. Only its owner can read it, and
it is deleted with the account."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from gateway.identity import working_copies as domain
from gateway.identity.tables import working_copies
from services.kernel.clock import real_now
from tests.integration.gateway.platform import Platform

PATH = "/me/working-copies/application/0197c0de"
TYPED = {"base": "3", "edits": {"/name": "  糖业 创新联合体\n", "/members/0/tier": None, "数": [1, 2.50, True]}}


def save(gateway: Platform, content: Any, who: str = "auditor", path: str = PATH, **headers: str) -> TestResponse:
    return gateway.send(who, "PUT", path, {"content": content}, **headers)


def read(gateway: Platform, who: str = "auditor", path: str = PATH) -> TestResponse:
    return gateway.send(who, "GET", path)


def rows(gateway: Platform) -> list[Any]:
    with gateway.identity.database.read() as session:
        return list(session.execute(select(working_copies)))


def test_a_working_copy_comes_back_exactly_as_it_was_typed(gateway: Platform) -> None:
    assert read(gateway).get_json()["code"] == "no_working_copy"
    saved = save(gateway, TYPED)
    copy = read(gateway)
    assert copy.get_json()["content"] == TYPED
    assert copy.headers["ETag"] == saved.headers["ETag"] == f'"{copy.get_json()["etag"]}"'
    kept = {name: copy.get_json()[name] for name in ("form", "subject", "saved_at", "expires_at", "etag")}
    assert saved.get_json() == kept
    assert gateway.send("auditor", "GET", "/me/working-copies").get_json()["items"] == [kept]


def test_nobody_but_its_owner_reads_changes_or_deletes_it(gateway: Platform) -> None:
    # Given a working copy of the auditor
    save(gateway, TYPED)
    # When the operator reads, saves and deletes a working copy of the same form and subject
    assert read(gateway, "operator").status_code == 404
    assert gateway.send("operator", "GET", "/me/working-copies").get_json()["items"] == []
    save(gateway, {"mine": 1}, "operator")
    assert gateway.send("operator", "DELETE", PATH).get_json() == {"deleted": 1}
    # Then the auditor's copy is unchanged, and a request without an account cannot read it
    assert read(gateway).get_json()["content"] == TYPED
    assert read(gateway, "").status_code == 401


def test_the_database_holds_no_word_of_it_and_no_account_opens_anothers(gateway: Platform) -> None:
    save(gateway, TYPED)
    save(gateway, TYPED, "operator")
    kept = {row.username: row for row in rows(gateway)}
    assert "糖业" not in str(kept)
    # When the auditor's encrypted text is copied into the operator's row of the table
    with gateway.identity.database.write() as session:
        own = working_copies.c.username == "operator"
        session.execute(update(working_copies).where(own).values(sealed=kept["auditor"].sealed))
    # Then neither the operator nor any other account can open it
    assert read(gateway, "operator").status_code == 404
    assert read(gateway).status_code == 200


def test_saving_is_neither_audited_nor_published_nor_remembered(gateway: Platform) -> None:
    audited, events = gateway.audited(), len(gateway.events())
    save(gateway, TYPED, Idempotency_Key="k")
    gateway.send("auditor", "DELETE", PATH)
    assert (gateway.audited(), len(gateway.events())) == (audited, events)


def test_a_version_saved_elsewhere_is_never_overwritten_unseen(gateway: Platform) -> None:
    # Given two browser tabs that show the same working copy
    first = save(gateway, {"n": 1}, If_None_Match="*").headers["ETag"]
    second = save(gateway, {"n": 2}, If_Match=first).headers["ETag"]
    # When the tab that shows the older version saves
    late = save(gateway, {"n": 3}, If_Match=first)
    # Then the gateway refuses the save and returns the present version
    assert (late.status_code, late.get_json()["code"]) == (412, "version_changed")
    assert f'"{late.get_json()["etag"]}"' == second
    assert save(gateway, {"n": 3}, If_None_Match="*").status_code == 412
    assert gateway.send("auditor", "DELETE", PATH, If_Match=first).status_code == 412
    assert read(gateway).get_json()["content"] == {"n": 2}
    # And a save is refused too if the copy was deleted after the tab read it
    gateway.send("auditor", "DELETE", PATH, If_Match=second)
    assert save(gateway, {"n": 3}, If_Match=second).status_code == 412


def test_deleting_twice_deletes_once(gateway: Platform) -> None:
    save(gateway, TYPED)
    assert gateway.send("auditor", "DELETE", PATH).get_json() == {"deleted": 1}
    assert gateway.send("auditor", "DELETE", PATH).get_json() == {"deleted": 0}


@pytest.mark.parametrize(("more", "status"), [(0, 200), (1, 413)])
def test_a_copy_has_at_most_256_kib_of_utf_8(gateway: Platform, more: int, status: int) -> None:
    around = len(json.dumps({"t": ""}, separators=(",", ":")))
    left = 256 * 1024 - around
    content = {"t": "桂" * (left // 3) + "a" * (left % 3 + more)}
    assert save(gateway, content).status_code == status


@pytest.mark.parametrize("path", ["a" * 41 + "/x", "application/" + "x" * 101, "application/a,b", "表/x", "_/x"])
def test_a_name_is_a_code(gateway: Platform, path: str) -> None:
    answer = save(gateway, {}, path=f"/me/working-copies/{path}")
    assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (422, "bad_name")


def test_only_an_object_is_kept(gateway: Platform) -> None:
    assert [save(gateway, content).status_code for content in ([], "text", None)] == [422, 422, 422]


def test_an_account_keeps_a_bounded_number_and_makes_room_by_sending_or_deleting(
    gateway: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domain, "MOST", 3)
    paths = [f"/me/working-copies/opinion/{number}" for number in range(4)]
    assert [save(gateway, {}, path=path).status_code for path in paths] == [200, 200, 200, 409]
    assert save(gateway, {"again": 1}, path=paths[0]).status_code == 200
    assert save(gateway, {}, "operator", path=paths[0]).status_code == 200
    gateway.send("auditor", "DELETE", paths[1])
    assert save(gateway, {}, path=paths[3]).status_code == 200


def test_a_copy_is_kept_for_90_days_after_it_was_saved_last(gateway: Platform) -> None:
    # Given a copy saved 91 days ago and one saved 89 days ago
    save(gateway, {"old": 1})
    save(gateway, {"young": 1}, path=f"{PATH}-2")
    with gateway.identity.database.write() as session:
        for subject, days in (("0197c0de", 91), ("0197c0de-2", 89)):
            then = real_now() - timedelta(days=days)
            session.execute(update(working_copies).where(working_copies.c.subject == subject).values(saved_at=then))
    # Then the copy of 91 days ago can no longer be read, and the sweep deletes it
    assert (read(gateway).status_code, read(gateway, path=f"{PATH}-2").status_code) == (404, 200)
    done = [sweep for sweep in gateway.identity.sweep() if sweep["sweep"] == "working_copies"]
    assert [one["did"] for one in done] == ["forgotten"]
    assert [row.subject for row in rows(gateway)] == ["0197c0de-2"]
    assert [sweep for sweep in gateway.identity.sweep() if sweep["sweep"] == "working_copies"] == []


def test_copies_are_deleted_with_the_account(gateway: Platform) -> None:
    save(gateway, TYPED)
    save(gateway, TYPED, "operator")
    assert gateway.send("operator", "POST", "/accounts/auditor/erasure").status_code == 200
    assert [row.username for row in rows(gateway)] == ["operator"]


def test_a_persons_data_name_the_copies(gateway: Platform) -> None:
    save(gateway, TYPED)
    [kept] = gateway.send("auditor", "GET", "/me/data").get_json()["identity"]["working_copies"]
    assert (kept["form"], kept["subject"]) == ("application", "0197c0de")
