"""Every change is in the audit log, and tampering with it shows."""

import pytest
from sqlalchemy import delete, update

from services.kernel import audit
from services.kernel.tables import audit as log
from services.kernel.tables import audit_chain
from tests.integration.kernel.made import OFFICER, Made


@pytest.fixture
def sealed(made: Made) -> Made:
    for thing in ("1", "2", "3"):
        made.bench.tell("put", OFFICER, thing=thing)
    assert made.bench.runtime.seal() == 3
    return made


def flaws(made: Made, anchors: list[dict[str, object]] | None = None) -> list[str]:
    with made.bench.database.read() as session:
        return [flaw.what for flaw in audit.verify(session, anchors or [])[1]]


def head(made: Made) -> dict[str, object]:
    with made.bench.database.read() as session:
        row = session.execute(audit_chain.select().order_by(audit_chain.c.number.desc()).limit(1)).one()
    return {"bureau": row.bureau, "number": row.number, "hash": row.hash}


def test_an_untouched_log_verifies_and_sealing_again_does_nothing(sealed: Made) -> None:
    assert flaws(sealed, [head(sealed)]) == []
    assert sealed.bench.runtime.seal() == 0


def test_an_entry_says_who_did_what_by_which_article(sealed: Made) -> None:
    with sealed.bench.database.read() as session:
        row = session.execute(log.select().limit(1)).one()
    assert (row.actor, row.role, row.bureau, row.action, row.article) == ("officer", "officer", "450200", "thing.put", "A6(1)")


def test_a_changed_entry_shows(sealed: Made) -> None:
    with sealed.bench.database.write() as session:
        session.execute(update(log).where(log.c.position == 2).values(actor="somebody"))
    assert flaws(sealed) == ["its entry or the link was changed"]


def test_a_removed_entry_shows(sealed: Made) -> None:
    with sealed.bench.database.write() as session:
        session.execute(delete(log).where(log.c.position == 2))
    assert flaws(sealed) == ["its entry was removed"]


def test_a_chain_that_was_cut_off_shows_by_its_anchor(sealed: Made) -> None:
    anchor = head(sealed)
    with sealed.bench.database.write() as session:
        session.execute(delete(audit_chain).where(audit_chain.c.number >= 2))
        session.execute(delete(log).where(log.c.position >= 2))
    assert flaws(sealed) == []
    assert flaws(sealed, [anchor]) == ["it was cut off: 3 links were anchored"]


def test_a_chain_rebuilt_after_a_change_shows_by_its_anchor(sealed: Made) -> None:
    anchor = head(sealed)
    with sealed.bench.database.write() as session:
        session.execute(delete(audit_chain))
        session.execute(update(log).values(sealed=None, actor="somebody"))
    sealed.bench.runtime.seal()
    assert flaws(sealed) == []
    assert flaws(sealed, [anchor]) == ["it differs from what another service anchored"]
