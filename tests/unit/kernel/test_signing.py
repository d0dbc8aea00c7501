"""No party can forge the signature of another."""

import pytest

from services.kernel.errors import Forbidden
from services.kernel.messaging.signing import Signer, Verifier, new_key


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


@pytest.fixture
def city() -> tuple[Signer, Verifier]:
    """Return the signer of a city's review deployment, which has its own key, and a verifier that also knows the common key of
    `review` and another city's key."""
    signers = {name: Signer(name, new_key()) for name in ("review", "review.450200", "review.450300", "gateway")}
    return signers["review.450200"], Verifier({name: signer.public for name, signer in signers.items()})


def test_a_bureaus_own_key_speaks_for_the_service_in_matters_of_that_bureau_alone(city: tuple[Signer, Verifier]) -> None:
    signer, verifier = city
    assert verifier.read(signer.statement({"bureau": "450200"}, seconds=60), "review") == {"bureau": "450200"}
    for content in ({"bureau": "450300"}, {"bureau": "450000"}, {"bureau": None}, {}):
        with pytest.raises(Forbidden):
            verifier.read(signer.statement(content, seconds=60), "review")
    with pytest.raises(Forbidden):
        verifier.read(signer.statement({"bureau": "450200"}, seconds=60), "documents")


@pytest.mark.parametrize("name", ["review", "review.450300", "gateway", "review.", ".450200", "review.450200.450300", ""])
def test_a_bureaus_key_under_another_name_is_refused(city: tuple[Signer, Verifier], name: str) -> None:
    signer, verifier = city
    signature = signer.wrap(b"body").partition(b"\n")[0].rpartition(b".")[2]
    with pytest.raises(Forbidden):
        verifier.unwrap(name.encode() + b"." + signature + b"\nbody")


def test_a_party_is_known_by_each_of_its_keys_until_it_is_taken_away() -> None:
    old, new = Signer("gateway", new_key()), Signer("gateway", new_key())
    both = Verifier({"gateway": f"{new.public}\n{old.public}"})
    for signer in (old, new):
        assert both.unwrap(signer.wrap(b"body")) == ("gateway", b"body")
    with pytest.raises(Forbidden):
        Verifier({"gateway": new.public}).unwrap(old.wrap(b"body"))
