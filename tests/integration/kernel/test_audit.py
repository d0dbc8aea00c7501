"""Every change is in the audit log, and a person who can write to one database cannot tamper with it unnoticed."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

import pytest
from prometheus_client import REGISTRY
from sqlalchemy import delete, func, insert, select, update

from services.kernel.audit.content import next_hash
from services.kernel.clock import real_now
from services.kernel.persistence.tables import audit as log
from services.kernel.persistence.tables import audit_anchors, audit_chain
from services.kernel.persistence.unit_of_work import publish
from tests.integration.kernel.audited import Audited, copied, the
from tests.integration.kernel.sample_service import OFFICER

# Logs without flaws


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


# Changes of single entries


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
    # Given an entry that a person inserted into the database as if the service had just written it
    sealed.change(insert(log).values(**copied(sealed, 2, sealed=None, **changes)))
    # When the service seals its entries, Then the inserted entry is not sealed, and is reported
    sealed.seal()
    assert sealed.flaws() == ["the entry at position 100 is forged: its signature is not the service's"]


def test_an_inserted_entry_without_a_signature_shows_at_once_where_no_earlier_version_ran(sealed: Audited) -> None:
    sealed.change(insert(log).values(**copied(sealed, 2, sealed=None, signature=None)))
    assert sealed.flaws() == ["the entry at position 100 is unsigned: the service did not write it"]
    sealed.seal()
    assert sealed.flaws() == ["its entry is unsigned: the service did not write it"]


def test_an_inserted_entry_without_a_signature_shows_once_no_earlier_version_can_run(
    audited: Audited, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Given a platform on which an earlier version ran, and this version has stored signed anchors for two days
    audited.change(insert(audit_anchors).values(service="gateway", bureau="450000", number=1, hash="0" * 64), of="notification")
    with monkeypatch.context() as then:
        then.setattr("services.kernel.audit.anchors.real_now", lambda: real_now() - timedelta(days=2))
        audited.write("1", "2")
        audited.seal()
    # When a person inserts an entry without signature, and the service seals it
    audited.change(insert(log).values(**copied(audited, 2, sealed=None, signature=None)))
    audited.seal()
    # Then the check reports the inserted entry
    assert audited.flaws() == ["its entry is unsigned: the service did not write it"]


def test_entries_of_the_version_before_are_sealed_and_accepted(audited: Audited) -> None:
    # Given entries without signature, as processes of the previous version still write them during an upgrade, and an anchor of
    # such a process, Then the entries are sealed, and the check accepts them
    audited.change(insert(audit_anchors).values(service="gateway", bureau="450000", number=1, hash="0" * 64), of="notification")
    audited.write("1", "2")
    audited.change(update(log).values(signature=None))
    audited.seal()
    audited.write("3")
    audited.seal()
    assert audited.flaws() == []


def test_an_entry_marked_as_not_sealed_shows_and_the_sealer_goes_on(sealed: Audited, caplog: pytest.LogCaptureFixture) -> None:
    # Given a sealed entry that was marked as not sealed in the database
    sealed.change(update(log).where(the(2)).values(sealed=None))
    # When the service writes another entry, and its sealer runs
    sealed.write("5")
    with caplog.at_level(logging.ERROR):
        sealed.seal()
    # Then the sealer seals the new entry and logs an error for the operator, and the audit check reports the marked entry
    with sealed.database.read() as session:
        assert session.execute(select(func.max(audit_chain.c.number))).scalar_one() == 5
    assert "1 sealed audit entries are marked as not sealed" in caplog.messages
    assert REGISTRY.get_sample_value("guichuang_audit_refused", {"service": "application", "reason": "unmarked"}) == 1
    assert sealed.flaws() == ["the entry at position 2 is sealed and marked as not sealed"]


def test_reordered_entries_show(sealed: Audited) -> None:
    """The seal covers an entry's position. Marking the entry as moved from another database (`sealed_as`) does not hide the
    change either."""
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


# Changes of whole chains


def test_a_chain_that_was_cut_off_shows_by_its_anchor(sealed: Audited) -> None:
    sealed.change(delete(audit_chain).where(audit_chain.c.number >= 2), delete(log).where(log.c.position >= 2))
    assert sealed.flaws() == ["it was cut off from here on: 4 links were anchored"]


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
            head = next_hash(head, row)
            session.execute(update(audit_chain).where(audit_chain.c.audit_position == row.position).values(hash=head))
    assert set(sealed.flaws()) == {"it differs from what another service anchored"}


def test_a_keeper_refuses_a_head_that_contradicts_what_it_keeps_and_goes_on(
    sealed: Audited, caplog: pytest.LogCaptureFixture
) -> None:
    # Given a chain whose last two links were removed, and new entries that will get links with the same numbers
    sealed.change(delete(audit_chain).where(audit_chain.c.number >= 3), delete(log).where(log.c.position >= 3))
    sealed.write("other", "another")
    # When the new entries are sealed, Then both keepers refuse the chain's head and log that it contradicts their anchors
    sealed.seal()
    assert sum("audit head refused" in message for message in caplog.messages) == 2
    # And both keepers store the head of the entry that is sealed next
    sealed.write("more")
    sealed.seal()
    for bench in sealed.keepers.values():
        with bench.database.read() as session:
            kept = select(func.max(audit_anchors.c.number)).where(audit_anchors.c.service == "application")
            assert session.execute(kept).scalar_one() == 5
    assert "it differs from what another service anchored" in sealed.flaws()


def test_a_keeper_refuses_heads_of_another_services_chain(sealed: Audited) -> None:
    head = {"service": "gateway", "bureau": "450200", "number": 1, "hash": "0" * 64}
    with sealed.made.bench.runtime.unit(OFFICER) as session:
        publish(session, "audit.sealed", "audit/450200", head, bureau="450200")
    sealed.made.bench.settle()
    for bench in sealed.keepers.values():
        with bench.database.read() as session:
            assert session.execute(select(audit_anchors).where(audit_anchors.c.service == "gateway")).all() == []
