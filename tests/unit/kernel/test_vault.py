"""A stored secret can be decrypted only with the key that encrypted it, and this key can be changed without an interruption."""

import pytest

from services.kernel.vault import Vault, new_vault_key


def test_what_was_sealed_is_opened_by_its_own_key_alone() -> None:
    own, strange = Vault(new_vault_key()), Vault(new_vault_key())
    sealed = own.seal("秘密")
    assert "秘密" not in sealed
    assert own.open(sealed) == "秘密"
    with pytest.raises(ValueError, match="not here"):
        strange.open(sealed)


def test_a_new_key_is_put_in_front_of_the_old_one() -> None:
    old, new = new_vault_key(), new_vault_key()
    before = Vault(old).seal("one")
    both = Vault(f"{new}\n{old}")
    assert both.open(before) == "one"
    assert Vault(new).open(both.seal("two")) == "two"


def test_what_is_sealed_with_a_key_that_is_to_leave_is_told_apart() -> None:
    old, new = new_vault_key(), new_vault_key()
    before, both = Vault(old).seal("one"), Vault(f"{new}\n{old}")
    assert both.has_several_keys
    assert not both.newest(before)
    assert both.newest(both.seal("one"))


def test_a_message_is_signed_for_one_purpose() -> None:
    vault = Vault(new_vault_key())
    assert vault.tags("cursor", b"m") == vault.tags("cursor", b"m")
    assert len({vault.tags("cursor", b"m"), vault.tags("other", b"m"), vault.tags("cursor", b"n")}) == 3


def test_while_a_key_is_changed_the_new_one_signs_and_the_old_one_is_recognised() -> None:
    old, new = new_vault_key(), new_vault_key()
    both = Vault(f"{new}\n{old}").tags("cursor", b"m")
    assert both == (*Vault(new).tags("cursor", b"m"), *Vault(old).tags("cursor", b"m"))
