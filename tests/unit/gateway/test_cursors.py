"""The gateway accepts a cursor only unchanged, only for the list in whose answer it was, and only while it has the key that
signed the cursor."""

from __future__ import annotations

import pytest

from gateway.http.cursors import Cursors
from services.kernel.errors import Invalid
from services.kernel.vault import Vault, new_vault_key

PLACE, LIST, OTHER = "WyIxIl0", '["/api/v1/calls", {}]', '["/api/v1/calls", {"status": "open"}]'


def test_the_list_that_gave_a_cursor_takes_it_back() -> None:
    cursors = Cursors(Vault(new_vault_key()))
    assert cursors.read(cursors.sign(PLACE, LIST), LIST) == PLACE


def test_every_process_of_a_gateway_gives_the_same_cursor() -> None:
    key = new_vault_key()
    assert Cursors(Vault(key)).sign(PLACE, LIST) == Cursors(Vault(key)).sign(PLACE, LIST)


@pytest.mark.parametrize(
    "harm",
    [
        lambda cursor: PLACE,
        lambda cursor: f"{PLACE}.",
        lambda cursor: cursor[:-1],
        lambda cursor: cursor[1:],
        lambda cursor: f"{cursor}=",
        lambda cursor: f"{cursor} ",
        lambda cursor: f"WyIyIl0.{cursor.rpartition('.')[2]}",
        lambda cursor: "桂.创",
        lambda cursor: "\ud800.x",
    ],
)
def test_a_changed_or_invented_cursor_is_refused(harm: object) -> None:
    cursors = Cursors(Vault(new_vault_key()))
    with pytest.raises(Invalid) as caught:
        cursors.read(harm(cursors.sign(PLACE, LIST)), LIST)  # type: ignore[operator]
    assert [error.pointer for error in caught.value.errors] == ["/cursor"]


def test_another_lists_cursor_is_refused() -> None:
    cursors = Cursors(Vault(new_vault_key()))
    with pytest.raises(Invalid):
        cursors.read(cursors.sign(PLACE, OTHER), LIST)


def test_a_cursor_outlives_a_change_of_key_until_the_old_key_is_gone() -> None:
    old, new = new_vault_key(), new_vault_key()
    cursor = Cursors(Vault(old)).sign(PLACE, LIST)
    assert Cursors(Vault(f"{new}\n{old}")).read(cursor, LIST) == PLACE
    with pytest.raises(Invalid):
        Cursors(Vault(new)).read(cursor, LIST)
