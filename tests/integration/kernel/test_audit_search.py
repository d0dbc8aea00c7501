"""Auditors search the log by subject, actor, action and time; each entry shows whether it is unchanged."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from services.kernel.errors import Forbidden
from services.kernel.identity import Actor
from services.kernel.persistence.tables import audit as log
from services.kernel.persistence.tables import audit_chain
from tests.integration.kernel.audited import SERVICES, Audited
from tests.integration.kernel.sample_service import OFFICER

AUDITOR = Actor("auditor", ("auditor",))


@pytest.fixture
def audited(tmp_path: Path) -> Iterator[Audited]:
    audited = Audited({name: tmp_path / f"{name}.db" for name in SERVICES})
    yield audited
    for bench in audited.benches.values():
        bench.database.close()


def entries(audited: Audited, **wanted: Any) -> dict[str, Any]:
    asked = {"limit": 50, "cursor": None} | wanted
    answer: dict[str, Any] = audited.made.bench.ask("audit_entries", AUDITOR, **asked)
    return answer


def test_entries_are_found_by_actor_action_and_time_the_newest_first(audited: Audited) -> None:
    clock = audited.made.bench.clock
    audited.write("one")
    clock.advance(days=1)
    between = clock.now()
    audited.write("two")
    found = entries(audited, by=OFFICER.username)["items"]
    assert len(found) >= 2
    assert [each["position"] for each in found] == sorted((each["position"] for each in found), reverse=True)
    action = found[0]["action"]
    assert {each["action"] for each in entries(audited, action=action)["items"]} == {action}
    assert entries(audited, by="somebody.else")["items"] == entries(audited, action="nothing.done")["items"] == []
    late = entries(audited, since=between.isoformat())["items"]
    early = entries(audited, until=(between - timedelta(hours=1)).isoformat())["items"]
    assert late and early and {each["position"] for each in late}.isdisjoint(each["position"] for each in early)
    assert len(late) + len(early) == len(found)


def test_pages_go_on_from_the_newest_to_the_oldest(audited: Audited) -> None:
    audited.write("one", "two", "three")
    seen, cursor = [], None
    while True:
        page = entries(audited, by=OFFICER.username, limit=2, cursor=cursor)
        seen += [each["position"] for each in page["items"]]
        if (cursor := page["next_cursor"]) is None:
            break
    assert seen == [each["position"] for each in entries(audited, by=OFFICER.username)["items"]]


def test_an_entry_says_whether_it_is_as_it_was_written(audited: Audited) -> None:
    audited.write("one", "two")
    states = lambda: [each["verification"] for each in entries(audited, by=OFFICER.username)["items"]]  # noqa: E731
    # The entries are not sealed yet, but the service has signed them.
    assert set(states()) == {"waiting"}
    audited.seal()
    assert set(states()) == {"sealed"}
    # A person changed this entry after it was sealed, so the search marks it as changed.
    audited.change(update(log).where(log.c.position == 1).values(article="A99"))
    assert states()[-1] == "flawed" and set(states()[:-1]) <= {"sealed"}
    # A person with the database's password wrote this entry, so it has no valid signature.
    audited.write("three")
    newest = entries(audited, by=OFFICER.username)["items"][0]["position"]
    audited.change(update(log).where(log.c.position == newest).values(action="thing.forged"))
    assert entries(audited, action="thing.forged")["items"][0]["verification"] == "flawed"


def state(audited: Audited) -> dict[str, Any]:
    kept = [bench.ask("kept_heads", AUDITOR) for bench in audited.keepers.values()]
    heads = [head for answer in kept for head in answer["heads"]]
    began = min(answer["began"] for answer in kept if answer["began"])
    [chain] = audited.made.bench.ask("audit_state", AUDITOR, heads=heads, began=began)["items"]
    return dict(chain)


def test_the_state_of_a_chain_says_how_long_it_is_what_waits_and_that_it_holds(audited: Audited) -> None:
    audited.write("one", "two")
    audited.seal()
    audited.write("three")
    chain = state(audited)
    assert chain["flaws"] == []
    assert chain["length"] == chain["checked"] == chain["anchored"] > 0
    assert chain["waiting"] > 0 and chain["waiting_since"] is not None


def test_a_changed_or_removed_entry_and_a_cut_end_show_in_the_state(audited: Audited) -> None:
    audited.write("one", "two", "three")
    audited.seal()
    codes = lambda: {flaw["code"] for flaw in state(audited)["flaws"]}  # noqa: E731
    with audited.database.read() as session:
        last = session.execute(select(audit_chain.c.number).order_by(audit_chain.c.number.desc()).limit(1)).scalar_one()
    audited.change(update(log).where(log.c.position == 1).values(actor="another"))
    assert codes() == {"changed"}
    audited.change(delete(audit_chain).where(audit_chain.c.number == last))
    assert "cut_off" in codes()
    audited.change(delete(log).where(log.c.position == 1))
    assert "missing" in codes()


def test_an_end_that_others_keep_differently_shows_in_the_state(audited: Audited) -> None:
    audited.write("one")
    audited.seal()
    audited.change(update(audit_chain).values(hash="0" * 64))
    assert {flaw["code"] for flaw in state(audited)["flaws"]} >= {"changed", "differs"}


def test_nobody_but_an_auditor_reads_the_log_and_its_state(audited: Audited) -> None:
    for query, asked in (
        ("audit_entries", {"limit": 1, "cursor": None, "by": "x"}),
        ("audit_state", {"heads": [], "began": None}),
        ("kept_heads", {}),
    ):
        with pytest.raises(Forbidden):
            audited.made.bench.ask(query, OFFICER, **asked)


def test_a_chain_that_has_not_begun_has_no_flaw(audited: Audited) -> None:
    audited.write("one")
    audited.seal()
    kept = [bench.ask("kept_heads", AUDITOR) for bench in audited.keepers.values()]
    began = min(answer["began"] for answer in kept if answer["began"])
    [chain] = audited.made.bench.ask("audit_state", AUDITOR, heads=[], began=began, only="450900")["items"]
    assert (chain["length"], chain["flaws"]) == (0, [])
