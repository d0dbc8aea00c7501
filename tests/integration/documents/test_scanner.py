"""A real scanner checks uploads: an infected file is quarantined, and an unchecked one is not accepted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from deploy.local_services import install
from deploy.local_services.clamd import EICAR, Clamav
from services.documents.malware_scanner import Clamd
from services.documents.registry import registry
from services.kernel.errors import Unavailable
from services.kernel.settings import Settings
from services.kernel.storage.base import Missing
from services.kernel.storage.factory import store_of
from services.kernel.testing import ServiceHarness
from services.policy import Policies
from tests.integration.documents.conftest import Desk
from tests.unit.documents.files import PDF


@pytest.fixture(scope="module")
def clamav(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Clamav]:
    install.ensure()
    with Clamav(tmp_path_factory.mktemp("clamav")) as daemon:
        yield daemon


@pytest.fixture
def desk(clamav: Clamav, tmp_path: Path) -> Desk:
    store = store_of(Settings(s3=f"file://{tmp_path}/objects"))
    settings = Settings(max_document_mb="1", scanner=clamav.url)
    bench = ServiceHarness(
        registry, tmp_path / "d.db", policies=Policies.builtin(), settings=settings, signers=["application"], store=store
    )
    return Desk(bench, store)


def test_what_is_clean_passes(desk: Desk) -> None:
    assert desk.put(PDF)["state"] == "clean"


def test_what_is_infected_is_refused_kept_apart_and_told(desk: Desk) -> None:
    document = desk.put(EICAR, filename="说明.txt")
    assert (document["state"], document["reason"]["code"]) == ("rejected", "infected")
    assert "Eicar-Test-Signature" in document["reason"]["message"]["zh"]
    with pytest.raises(Missing):
        list(desk.store.read(f"documents/{document['id']}"))
    assert b"".join(desk.store.read(f"quarantine/{document['id']}")) == EICAR
    assert desk.bench.settle() == ["document.rejected"]
    assert json.loads(desk.bench.bus.published[0].body)["data"]["reason"]["code"] == "infected"


def test_while_the_scanner_is_away_nothing_passes_and_nothing_is_lost(desk: Desk, clamav: Clamav) -> None:
    announced = desk.announce(PDF)
    desk.send(announced, PDF)
    clamav.stop()
    with pytest.raises(Unavailable) as away:
        desk.complete(announced["id"])
    assert away.value.code == "scanner_unavailable"
    assert not Clamd(clamav.url).alive()
    clamav.start()
    clamav.wait_ready()
    assert desk.complete(announced["id"])["state"] == "clean"


def test_what_is_larger_than_the_scanner_looks_at_is_not_let_through(clamav: Clamav) -> None:
    with pytest.raises(Unavailable):
        Clamd(clamav.url).scan([b"0" * (1 << 20)] * 60)


@pytest.mark.parametrize("wrong", ["http://127.0.0.1:3310", "clamd://", "clamd://host"])
def test_a_scanner_that_could_not_be_is_refused_when_it_is_named(wrong: str) -> None:
    with pytest.raises(ValueError, match="GUICHUANG_SCANNER"):
        Clamd(wrong)
