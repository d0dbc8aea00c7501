"""What one party signs, nobody else can say."""

import pytest

from services.kernel.errors import Forbidden
from services.kernel.signing import Signer, Verifier, new_key


@pytest.fixture
def parties() -> tuple[Signer, Signer, Verifier]:
    gateway, documents = Signer("gateway", new_key()), Signer("documents", new_key())
    return gateway, documents, Verifier({"gateway": gateway.public, "documents": documents.public})


def test_a_body_comes_back_as_it_was_signed(parties: tuple[Signer, Signer, Verifier]) -> None:
    gateway, _, verifier = parties
    assert verifier.unwrap(gateway.wrap("申请".encode())) == ("gateway", "申请".encode())


@pytest.mark.parametrize("position", [10, -1])
def test_a_changed_byte_is_refused(parties: tuple[Signer, Signer, Verifier], position: int) -> None:
    gateway, _, verifier = parties
    signed = bytearray(gateway.wrap(b"amount 500"))
    signed[position] ^= 1
    with pytest.raises(Forbidden):
        verifier.unwrap(bytes(signed))


def test_a_party_cannot_speak_for_another(parties: tuple[Signer, Signer, Verifier]) -> None:
    gateway, documents, verifier = parties
    forged = documents.wrap(b"body").replace(b"documents.", b"gateway.", 1)
    with pytest.raises(Forbidden):
        verifier.unwrap(forged)
    with pytest.raises(Forbidden):
        verifier.read(gateway.statement({"clean": True}, seconds=60), "documents")


def test_a_statement_expires(parties: tuple[Signer, Signer, Verifier]) -> None:
    _, documents, verifier = parties
    assert verifier.read(documents.statement({"n": 1}, seconds=60), "documents") == {"n": 1}
    with pytest.raises(Forbidden):
        verifier.read(documents.statement({"n": 1}, seconds=-1), "documents")
