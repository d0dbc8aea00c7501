"""Every change is in the audit log, and whoever can write to one database cannot tamper with it unnoticed."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import delete, func, insert, select, text, update

from deploy.operations.verify import check
from deploy.parts.postgres import Postgres
from services.kernel import audit, tables
from services.kernel.audit.anchors import append
from services.kernel.audit.content import link
from services.kernel.clock import real_now
from services.kernel.database import Database
from services.kernel.registry import Registry
from services.kernel.signing import Signer, Verifier, new_key
from services.kernel.tables import audit as log
from services.kernel.tables import audit_anchors, audit_chain, outbox
from services.kernel.testing import Bench, RecordingBus
from services.kernel.work import announce
from tests.integration.kernel.made import OFFICER, Made

SERVICES = ("application", "notification", "documents")


class Audited:
    """A service with entries in its log, and the two that keep the heads of its chains."""

    def __init__(self, databases: dict[str, Path | str]) -> None:
        self.made = Made(databases["application"])
        self.keepers = {name: Bench(Registry(name), databases[name], policies=None) for name in audit.KEEPERS}
        self.benches = {"application": self.made.bench} | self.keepers
        for name, bench in self.benches.items():
            bench.bus = RecordingBus(*(other.runtime for of, other in self.benches.items() if of != name))

    @property
    def database(self) -> Database:
        return self.made.bench.database

    def write(self, *things: str) -> None:
        for thing in things:
            self.made.bench.tell("put", OFFICER, thing=thing)

    def seal(self) -> None:
        """The service seals, both keepers hear of it, and they tell one another how far their ledgers are."""
        for bench in self.benches.values():
            bench.runtime._ledger_due = 0.0
            bench.runtime.seal()
            bench.settle()

    def change(self, *statements: Any, of: str = "application") -> None:
        """Write to one database, as a person with its password can."""
        with self.benches[of].database.write() as session:
            for statement in statements:
                session.execute(statement)

    def flaws(self) -> list[str]:
        databases = {name: bench.database for name, bench in self.benches.items()}
        verifier = Verifier({name: bench.signers[name].public for name, bench in self.benches.items()})
        registries = {name: bench.runtime.registry for name, bench in self.benches.items()}
        findings = check(databases, verifier, (), registries.__getitem__)
        return [flaw.what for finding in findings for flaw in finding.flaws]


@pytest.fixture(scope="session")
def urls(postgres: Postgres) -> dict[str, str]:
    return {name: postgres.create_database(f"audited_{name}") for name in SERVICES}


@pytest.fixture(params=["sqlite", "postgresql"])
def audited(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Audited]:
    if request.param == "sqlite":
        databases: dict[str, Path | str] = {name: tmp_path / f"{name}.db" for name in SERVICES}
        yield Audited(databases)
        return
    audited = Audited(request.getfixturevalue("urls"))
    yield audited
    for bench in audited.benches.values():
        with bench.database.write() as session:
            session.execute(text(f"TRUNCATE {', '.join(table.name for table in tables.metadata.sorted_tables)} RESTART IDENTITY"))
        bench.database.close()


@pytest.fixture
def sealed(audited: Audited) -> Audited:
    """Four entries, sealed in two goes, both heads anchored with both keepers."""
    audited.write("1", "2")
    audited.seal()
    audited.write("3", "4")
    audited.seal()
    audited.change(update(outbox).values(published_at=real_now() - timedelta(days=1)))
    assert audited.flaws() == []
    return audited


def the(position: int) -> Any:
    return log.c.position == position


def copied(audited: Audited, position: int, **changes: Any) -> dict[str, Any]:
    """An entry that looks like another one, at a new position."""
    with audited.database.read() as session:
        row = dict(session.execute(select(log).where(the(position))).one()._mapping)
    return row | {"position": 100} | changes


# What is right


def test_an_untouched_log_verifies_and_sealing_again_does_nothing(sealed: Audited) -> None:
    assert sealed.made.bench.runtime.seal() == 0
    assert sealed.flaws() == []


def test_an_entry_says_who_did_what_by_which_article(sealed: Audited) -> None:
    with sealed.database.read() as session:
        row = session.execute(log.select().limit(1)).one()
    assert (row.actor, row.role, row.bureau, row.action, row.article) == ("officer", "officer", "450200", "thing.put", "A6(1)")


def test_each_head_is_kept_by_two_other_services_once(sealed: Audited) -> None:
    for name, bench in sealed.keepers.items():
        with bench.database.read() as session:
            kept = session.execute(select(audit_anchors.c.number).where(audit_anchors.c.service == "application")).scalars()
            assert sorted(kept) == [2, 4], name


# Entries


def test_a_changed_entry_shows(sealed: Audited) -> None:
    sealed.change(update(log).where(the(2)).values(actor="somebody"))
    assert sealed.flaws() == ["its entry or the link was changed"]


def test_a_removed_entry_shows(sealed: Audited) -> None:
    sealed.change(delete(log).where(the(2)))
    assert sealed.flaws() == ["its entry was removed"]


def test_an_inserted_entry_that_claims_to_be_sealed_shows(sealed: Audited) -> None:
    sealed.change(insert(log).values(**copied(sealed, 2, action="thing.approved")))
    assert sealed.flaws() == ["the entry at position 100 claims to be sealed and no link knows it"]


@pytest.mark.parametrize("changes", [{}, {"action": "thing.approved"}], ids=["copied", "made up"])
def test_an_inserted_entry_that_waits_for_the_sealer_is_not_sealed_and_shows(sealed: Audited, changes: dict[str, Any]) -> None:
    # Given an entry that was inserted as if the service had just written it
    sealed.change(insert(log).values(**copied(sealed, 2, sealed=None, **changes)))
    # When the service seals, Then this one stays out and shows
    sealed.seal()
    assert sealed.flaws() == ["the entry at position 100 is forged: its signature is not the service's"]


def test_an_inserted_entry_without_a_signature_shows_once_no_earlier_version_can_run(
    audited: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a platform whose keepers began two days ago
    with monkeypatch.context() as then:
        then.setattr("services.kernel.audit.anchors.real_now", lambda: real_now() - timedelta(days=2))
        audited.write("1", "2")
        audited.seal()
    # When an entry without signature is inserted and sealed
    audited.change(insert(log).values(**copied(audited, 2, sealed=None, signature=None)))
    audited.seal()
    # Then it shows
    assert audited.flaws() == ["its entry is unsigned: the service did not write it"]


def test_entries_of_the_version_before_are_sealed_and_accepted(audited: Audited) -> None:
    # Given entries without signature, as the version before writes them while it still runs
    audited.write("1", "2")
    audited.change(update(log).values(signature=None))
    audited.seal()
    audited.write("3")
    audited.seal()
    assert audited.flaws() == []


def test_an_entry_marked_as_not_sealed_shows_and_the_sealer_goes_on(sealed: Audited, caplog: pytest.LogCaptureFixture) -> None:
    # Given a sealed entry that is marked as not sealed
    sealed.change(update(log).where(the(2)).values(sealed=None))
    # When the service goes on
    sealed.write("5")
    with caplog.at_level(logging.ERROR):
        sealed.seal()
    # Then other entries are sealed, the operator is told, and the check finds it
    with sealed.database.read() as session:
        assert session.execute(select(func.max(audit_chain.c.number))).scalar_one() == 5
    assert "1 sealed audit entries are marked as not sealed" in caplog.messages
    assert REGISTRY.get_sample_value("guichuang_audit_refused", {"service": "application", "reason": "unmarked"}) == 1
    assert sealed.flaws() == ["the entry at position 2 is sealed and marked as not sealed"]


def test_reordered_entries_show(sealed: Audited) -> None:
    """The seal is over the place; to say that an entry was moved here from another database does not help."""
    sealed.change(
        update(log).where(the(2)).values(position=102, sealed_as=2),
        update(log).where(the(3)).values(position=2, sealed_as=3),
        update(log).where(the(102)).values(position=3),
        update(audit_chain).where(audit_chain.c.number == 2).values(audit_position=103),
        update(audit_chain).where(audit_chain.c.number == 3).values(audit_position=2),
        update(audit_chain).where(audit_chain.c.number == 2).values(audit_position=3),
    )
    assert set(sealed.flaws()) == {"its entry lies in another place than it was sealed in"}


def test_exchanged_places_show(sealed: Audited) -> None:
    sealed.change(
        update(log).where(the(2)).values(position=102),
        update(log).where(the(3)).values(position=2),
        update(log).where(the(102)).values(position=3),
    )
    assert set(sealed.flaws()) == {"its entry or the link was changed"}


# Chains


def test_a_chain_that_was_cut_off_shows_by_its_anchor(sealed: Audited) -> None:
    sealed.change(delete(audit_chain).where(audit_chain.c.number >= 2), delete(log).where(log.c.position >= 2))
    assert sealed.flaws() == ["it was cut off: 4 links were anchored"]


def test_a_chain_rebuilt_by_the_sealer_after_a_change_shows(sealed: Audited) -> None:
    sealed.change(delete(audit_chain), update(log).values(sealed=None))
    sealed.change(update(log).where(the(2)).values(actor="somebody"))
    sealed.seal()
    found = sealed.flaws()
    assert "the entry at position 2 is forged: its signature is not the service's" in found
    assert any("anchored" in what for what in found)


def test_a_chain_rebuilt_by_hand_after_a_change_shows_by_its_anchor(sealed: Audited) -> None:
    sealed.change(update(log).where(the(2)).values(actor="somebody"))
    with sealed.database.write() as session:
        head = ""
        for row in session.execute(select(log).order_by(log.c.position)).all():
            head = link(head, row)
            session.execute(update(audit_chain).where(audit_chain.c.audit_position == row.position).values(hash=head))
    assert set(sealed.flaws()) == {"it differs from what another service anchored"}


def test_a_keeper_refuses_a_head_that_contradicts_what_it_keeps_and_goes_on(
    sealed: Audited, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a chain that was cut and grew again
    sealed.change(delete(audit_chain).where(audit_chain.c.number >= 3), delete(log).where(log.c.position >= 3))
    sealed.write("other", "another")
    # When it is sealed, Then the keepers say that it contradicts
    sealed.seal()
    assert sum("audit head refused" in message for message in caplog.messages) == 2
    # And what comes after is kept
    sealed.write("more")
    sealed.seal()
    for bench in sealed.keepers.values():
        with bench.database.read() as session:
            kept = select(func.max(audit_anchors.c.number)).where(audit_anchors.c.service == "application")
            assert session.execute(kept).scalar_one() == 5
    assert "it differs from what another service anchored" in sealed.flaws()


def test_a_keeper_refuses_heads_of_another_services_chain(sealed: Audited) -> None:
    head = {"service": "gateway", "bureau": "450200", "number": 1, "hash": "0" * 64}
    with sealed.made.bench.runtime._unit(OFFICER) as session:
        announce(session, "audit.sealed", "audit/450200", head, bureau="450200")
    sealed.made.bench.settle()
    for bench in sealed.keepers.values():
        with bench.database.read() as session:
            assert session.execute(select(audit_anchors).where(audit_anchors.c.service == "gateway")).all() == []


# Anchors


@pytest.mark.parametrize("keeper", audit.KEEPERS)
def test_a_rewritten_anchor_shows(sealed: Audited, keeper: str) -> None:
    first = (audit_anchors.c.service == "application", audit_anchors.c.number == 2)
    sealed.change(update(audit_anchors).where(*first).values(hash="0" * 64), of=keeper)
    assert set(sealed.flaws()) >= {
        "it differs from what another service anchored",
        "the anchor or the one before it was changed",
    }


@pytest.mark.parametrize("keeper", audit.KEEPERS)
def test_a_removed_anchor_shows(sealed: Audited, keeper: str) -> None:
    sealed.change(delete(audit_anchors).where(audit_anchors.c.kept_as == 1), of=keeper)
    assert sealed.flaws() == ["anchors are missing"]


@pytest.mark.parametrize("keeper", audit.KEEPERS)
def test_anchors_removed_at_the_end_show_by_what_the_other_keeper_knows(sealed: Audited, keeper: str) -> None:
    with sealed.keepers[keeper].database.read() as session:
        last = session.execute(select(func.max(audit_anchors.c.kept_as))).scalar_one()
    sealed.change(delete(audit_anchors).where(audit_anchors.c.kept_as > last - 2), of=keeper)
    assert any(what.startswith("anchors were cut off") for what in sealed.flaws())


def test_all_anchors_removed_show(sealed: Audited) -> None:
    sealed.change(delete(audit_anchors), of="notification")
    assert any(what.startswith("anchors were cut off") for what in sealed.flaws())
    sealed.change(delete(audit_anchors), of="documents")


def test_an_anchor_of_one_who_has_not_the_keepers_key_shows(sealed: Audited) -> None:
    # Given somebody who knows how a ledger is written, and writes at its end
    stranger = Signer("notification", new_key())
    with sealed.keepers["notification"].database.write() as session:
        append(session, stranger, {"service": "gateway", "bureau": "450000", "number": 1, "hash": "0" * 64})
    assert "the last anchor is not signed by notification with a key that is known" in sealed.flaws()


def test_anchors_of_an_earlier_version_are_accepted_and_their_chain_stays_anchored(sealed: Audited) -> None:
    # Given anchors as an earlier version kept them: unsigned, with one keeper
    unsigned = dict.fromkeys(("kept_as", "previous", "kept_at", "signature"))
    sealed.change(delete(audit_anchors), of="documents")
    sealed.change(delete(audit_anchors).where(audit_anchors.c.bureau == audit.LEDGER), of="notification")
    sealed.change(update(audit_anchors).values(**unsigned), of="notification")
    assert sealed.flaws() == []
    # When this version goes on
    sealed.write("5")
    sealed.seal()
    # Then the chain is anchored by both, and what was changed before shows as ever
    assert sealed.flaws() == []
    sealed.change(update(log).where(the(1)).values(actor="somebody"))
    assert sealed.flaws() == ["its entry or the link was changed"]
