"""A person who can write to the database of one keeper (a service that stores anchors), or of one audited service, cannot remove
an anchor or an entry unnoticed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import delete, func, select, text, update

from deploy.cli.verify import FLAWED, UNCONFIRMED, WHOLE, report
from services.kernel import audit
from services.kernel.audit import custody, restored
from services.kernel.audit.anchors import SealedHead, append
from services.kernel.clock import real_now
from services.kernel.messaging.signing import Signer, new_key
from services.kernel.persistence.tables import audit as log
from services.kernel.persistence.tables import audit_anchors, audit_chain, outbox
from services.kernel.testing import RecordingBus
from tests.integration.kernel.audited import Audited, the

# Changes of anchors


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
    assert "anchors are missing" in sealed.flaws()


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
    # Given a person who knows the format of a keeper's ledger of anchors, and appends an anchor without having the keeper's key
    stranger = Signer("notification", new_key())
    with sealed.keepers["notification"].database.write() as session:
        append(session, stranger, SealedHead(service="gateway", bureau="450000", number=1, hash="0" * 64))
    assert "the last anchor is not signed by notification with a key that is known" in sealed.flaws()


def test_anchors_of_an_earlier_version_are_accepted_and_their_chain_stays_anchored(sealed: Audited) -> None:
    # Given anchors as an earlier version stored them: unsigned, and in one keeper only
    unsigned = dict.fromkeys(("kept_as", "previous", "kept_at", "signature"))
    sealed.change(delete(audit_anchors), of="documents")
    sealed.change(delete(audit_anchors).where(audit_anchors.c.bureau == audit.LEDGER), of="notification")
    sealed.change(update(audit_anchors).values(**unsigned), of="notification")
    assert sealed.flaws() == []
    # When this version writes and seals another entry
    sealed.write("5")
    sealed.seal()
    # Then the check finds no flaw, and it still reports a change of an entry from before the upgrade
    assert sealed.flaws() == []
    sealed.change(update(log).where(the(1)).values(actor="somebody"))
    assert sealed.flaws() == ["its entry or the link was changed"]


# A person removes anchors from one keeper's database: the other databases show that they are missing


def lacks(flaws: list[str], keeper_has: str) -> bool:
    return any(what.startswith(keeper_has) and "missing" in what for what in flaws)


@pytest.mark.parametrize("keeper", audit.KEEPERS)
@pytest.mark.parametrize("how", ["deleted", "truncated"])
def test_all_anchors_of_one_keeper_removed_show_before_its_ledger_was_announced(audited: Audited, keeper: str, how: str) -> None:
    # Given a chain's head that both keepers have stored, before either keeper has announced its ledger
    audited.write("1", "2")
    for bench in audited.benches.values():
        bench.runtime.schedule.ledger_due = float("inf")
        bench.runtime.seal()
        bench.settle()
    audited.change(update(outbox).values(published_at=real_now() - timedelta(minutes=3)))
    assert audited.flaws() == []
    # When the anchors in one keeper's database are removed
    sqlite = audited.database.sqlite
    audited.change(delete(audit_anchors) if how == "deleted" or sqlite else text("TRUNCATE audit_anchors"), of=keeper)
    # Then the check reports that the anchor of the chain's link 2 is missing
    assert lacks(audited.flaws(), "the anchor of application's link 2 is")


@pytest.mark.parametrize("keeper", audit.KEEPERS)
def test_the_newest_anchors_of_one_keeper_removed_show_also_after_it_went_on(audited: Audited, keeper: str) -> None:
    # Given two keepers that have each stored three heads of a chain
    for bench in audited.benches.values():
        bench.runtime.schedule.ledger_due = float("inf")
    for thing in ("1", "2", "3"):
        audited.write(thing)
        for bench in audited.benches.values():
            bench.runtime.seal()
            bench.settle()
    audited.change(update(outbox).values(published_at=real_now() - timedelta(minutes=3)))
    # When the newest two anchors are removed from one keeper's database, and this keeper then stores a further anchor
    audited.change(delete(audit_anchors).where(audit_anchors.c.number >= 2), of=keeper)
    audited.write("4")
    for bench in audited.benches.values():
        bench.runtime.seal()
        bench.settle()
    # Then the check reports the two removed anchors
    assert lacks(audited.flaws(), "2 anchors of application's links 2 to 3 are")


def test_anchors_that_are_on_their_way_are_not_missed(audited: Audited) -> None:
    audited.write("1")
    audited.made.bench.runtime.seal()
    audited.change(update(outbox).values(published_at=real_now() - timedelta(minutes=1)))
    assert audited.flaws() == []


@pytest.mark.parametrize("keeper", audit.KEEPERS)
def test_anchors_that_one_keeper_has_show_as_missing_with_the_other_when_the_announcement_is_forgotten(
    audited: Audited, monkeypatch: pytest.MonkeyPatch, keeper: str
) -> None:
    # Given an old head of a chain, whose announcement was deleted from the outbox after the retention period
    monkeypatch.setattr("services.kernel.audit.anchors.real_now", lambda: real_now() - timedelta(minutes=3))
    audited.write("1")
    audited.seal()
    audited.change(delete(outbox))
    # When one keeper's anchors of the service are deleted
    audited.change(delete(audit_anchors).where(audit_anchors.c.service == "application"), of=keeper)
    # Then the check reports the missing anchor, because the other keeper still has it
    assert lacks(audited.flaws(), "the anchor of application's link 1 is")


@pytest.mark.parametrize("keeper", audit.KEEPERS)
@pytest.mark.parametrize("service", audit.CHAINED)
def test_a_missing_anchor_of_each_service_shows_with_each_of_its_keepers(service: str, keeper: str) -> None:
    head, long_ago = (service, "450200", 7), real_now() - timedelta(minutes=3)
    announced = {service: custody.Announced({head: long_ago})}
    found = audit.find_missing_anchors({keeper: audit.Kept({})}, announced, real_now())
    assert bool(found[keeper]) is (service != keeper)


# A keeper that is unavailable causes no flaw


def announced_while_away(audited: Audited, monkeypatch: pytest.MonkeyPatch, *away: str) -> None:
    """Seal entries and announce their head three minutes ago, while the keepers in `away` do not run. Both keepers have stored an
    earlier head."""
    with monkeypatch.context() as then:
        for module in ("audit.anchors", "messaging.inbox"):
            then.setattr(f"services.kernel.{module}.real_now", lambda: real_now() - timedelta(minutes=9))
        audited.made.bench.clock.instant = real_now() - timedelta(minutes=10)
        audited.write("1")
        audited.seal_without_ledgers()
    audited.made.bench.clock.instant = real_now() - timedelta(minutes=4)
    audited.write("2", "3")
    audited.made.bench.runtime.seal()
    audited.made.bench.bus = RecordingBus(*(bench.runtime for name, bench in audited.keepers.items() if name not in away))
    audited.made.bench.settle()
    audited.change(update(outbox).values(published_at=real_now() - timedelta(minutes=3)))


@pytest.mark.parametrize("away", [("notification",), ("documents",), audit.KEEPERS])
def test_a_keeper_that_is_away_is_told_apart_from_a_flaw(
    audited: Audited, monkeypatch: pytest.MonkeyPatch, away: tuple[str, ...]
) -> None:
    announced_while_away(audited, monkeypatch, *away)
    # Then the check counts no flaw, and names each keeper that did not run, with the time since which it has received no event
    assert audited.flaws() == []
    awaited = [flaw.what for flaw in audited.found() if flaw.awaited]
    for keeper in away:
        assert any(f"{keeper} has received no event of application since " in what for what in awaited)
    assert all(keeper not in what for keeper in audited.keepers if keeper not in away for what in awaited)
    # and the exit status of the command says that the anchors of these keepers are unconfirmed
    assert report(audited.findings()) == UNCONFIRMED


@pytest.mark.parametrize("keeper", audit.KEEPERS)
def test_anchors_removed_while_their_events_were_received_are_a_flaw(
    audited: Audited, monkeypatch: pytest.MonkeyPatch, keeper: str
) -> None:
    # Given two keepers that have received all announcements
    announced_while_away(audited, monkeypatch)
    assert report(audited.findings()) == WHOLE
    # When a person removes the later anchors from one keeper's database
    audited.change(delete(audit_anchors).where(audit_anchors.c.number >= 2), of=keeper)
    # Then each missing anchor is a flaw, and the keeper does not count as unavailable
    assert lacks(audited.flaws(), "2 anchors of application's links 2 to 3 are") or lacks(
        audited.flaws(), "the anchor of application's link 3 is"
    )
    assert [flaw for flaw in audited.found() if flaw.awaited] == []
    assert report(audited.findings()) == FLAWED


def test_a_keeper_that_comes_back_without_an_announced_head_is_a_flaw(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> None:
    # Given a keeper that lost announcements while it was unavailable
    announced_while_away(audited, monkeypatch, "notification")
    # When the keeper runs again and receives a later event of the audited service
    audited.made.bench.bus = RecordingBus(*(bench.runtime for bench in audited.keepers.values()))
    audited.made.bench.clock.instant = real_now()
    audited.write("4")
    audited.made.bench.runtime.seal()
    audited.made.bench.settle()
    # Then the check reports the anchors that the keeper lacks as flaws
    assert any("removed, or not taken from the bus" in what for what in audited.flaws())


def test_the_end_of_a_log_removed_with_its_announcements_shows(sealed: Audited) -> None:
    sealed.change(
        delete(audit_chain).where(audit_chain.c.number > 2),
        delete(log).where(log.c.position > 2),
        delete(outbox).where(outbox.c.type == "audit.sealed"),
    )
    assert "it was cut off from here on: 4 links were anchored" in sealed.flaws()


@pytest.mark.parametrize("how", ["deleted", "truncated"])
def test_a_log_removed_as_a_whole_shows(sealed: Audited, how: str) -> None:
    tables = (log, audit_chain, outbox)
    sqlite = sealed.database.sqlite
    sealed.change(*(delete(table) if how == "deleted" or sqlite else text(f"TRUNCATE {table.name}") for table in tables))
    assert "it was cut off from here on: 4 links were anchored" in sealed.flaws()


@pytest.fixture
def earlier(audited: Audited, monkeypatch: pytest.MonkeyPatch) -> Audited:
    """Return a service of whose chain the keepers stored the head ten minutes ago."""
    with monkeypatch.context() as then:
        then.setattr("services.kernel.audit.anchors.real_now", lambda: real_now() - timedelta(minutes=10))
        audited.write("1", "2")
        audited.seal()
    assert audited.flaws() == []
    return audited


def written_before(audited: Audited, minutes: int) -> None:
    audited.made.bench.clock.instant = real_now() - timedelta(minutes=minutes)
    audited.write("late")


def test_an_entry_that_is_not_sealed_for_minutes_shows(earlier: Audited) -> None:
    # Given an unsealed entry that is older than the head that the keepers stored ten minutes ago
    written_before(earlier, minutes=15)
    assert [what.partition(" UTC, ")[2] for what in earlier.flaws()] == [
        "is not sealed: it was inserted or held back, or the service's leader does not run"
    ]


def test_an_entry_that_the_sealer_has_not_come_to_yet_is_no_flaw(earlier: Audited) -> None:
    written_before(earlier, minutes=9)
    assert earlier.flaws() == []


def test_announcements_held_back_show_although_the_outbox_says_they_are_on_their_way(earlier: Audited) -> None:
    # Given a sealed entry of 15 minutes ago, whose announcement is still in the outbox
    written_before(earlier, minutes=15)
    earlier.made.bench.runtime.seal()
    assert earlier.flaws() == ["from here on it is anchored nowhere: anchors were removed, or came to no keeper within 2 minutes"]


# A service's database is restored to an earlier state


def set_back(audited: Audited) -> None:
    """Set the service's database back to the state after its first two entries."""
    audited.change(
        delete(audit_chain).where(audit_chain.c.number > 2),
        delete(log).where(log.c.position > 2),
        delete(outbox).where(outbox.c.position > 3),
    )


def recorded(audited: Audited, signer: Signer) -> None:
    with audited.database.write() as session:
        registry = audited.made.bench.runtime.registry
        restored.record(session, registry, signer, "0" * 64, real_now() - timedelta(hours=1), ["450200"])


def test_a_log_that_a_restore_set_back_says_so_and_is_no_flaw(sealed: Audited) -> None:
    # Given a database that was restored from an archive, with the record of the restore
    set_back(sealed)
    recorded(sealed, sealed.made.bench.signers["application"])
    # When the service writes and seals another entry
    sealed.write("5")
    sealed.seal()
    # Then the check finds no flaw, and explains the lost links by the restore
    assert sealed.flaws() == []
    [told] = [flaw for flaw in sealed.found() if flaw.explained]
    assert "set the log back to" in told.what
    assert "2 anchored links are lost" in told.what
    # And links that are removed after the restore are still reported
    sealed.change(
        delete(audit_chain).where(audit_chain.c.number > restored.GAP + 3),
        delete(log).where(log.c.action == "thing.put", log.c.position > 2),
    )
    assert any(what.startswith("it was cut off from here on") for what in sealed.flaws())


def test_a_log_set_back_and_recorded_by_a_stranger_shows(sealed: Audited) -> None:
    set_back(sealed)
    recorded(sealed, Signer("application", new_key()))
    sealed.write("5")
    sealed.seal()
    assert any("forged" in what for what in sealed.flaws())
    assert any("anchored" in what for what in sealed.flaws())


def test_a_record_of_a_restore_explains_nothing_that_was_kept_after_it(sealed: Audited) -> None:
    # Given the record of a restore, and entries that were sealed after it
    recorded(sealed, sealed.made.bench.signers["application"])
    sealed.write("5")
    sealed.seal()
    sealed.write("6")
    sealed.seal()
    # When the log is cut off after the record of the restore
    sealed.change(delete(audit_chain).where(audit_chain.c.number > restored.GAP + 5), delete(log).where(log.c.position > 5))
    # Then the check reports the cut
    assert any(what.startswith("it was cut off from here on") for what in sealed.flaws())
