"""Document numbers (文号): one for each act, counted from 1 without gaps for each bureau and year."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from services.documents.registry import registry
from services.kernel.document_statement import document_statement
from services.kernel.errors import DomainError, Forbidden
from services.kernel.identity import SYSTEM, Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.settings import Settings
from services.kernel.storage.base import Store
from services.kernel.storage.factory import store_of
from services.kernel.testing import ServiceHarness
from tests.integration.documents.stated import OFFICIAL
from tests.integration.documents.test_papers import text_of

CITY = "450200"
OFFICER = Actor("officer", ("officer",), CITY)
PROVINCE = "450000"
Print = Callable[..., str]
_sequence = itertools.count(1)


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return store_of(Settings(s3=f"file://{tmp_path}/objects"))


@pytest.fixture
def bench(tmp_path: Path, store: Store) -> ServiceHarness:
    return ServiceHarness(
        registry, tmp_path / "d.db", policies=None, store=store, signers=("application", "review", f"review.{CITY}")
    )


def asked(
    bench: ServiceHarness,
    name: str,
    subject: str,
    act: str,
    *,
    bureau: str = PROVINCE,
    on: str = "2026-03-02",
    of: str | None = None,
    **facts: Any,
) -> Any:
    """Return the arguments of `make_paper` with which the gateway requests a generated document."""
    kind, known = OFFICIAL[name]
    owner = "review" if kind == "opinion" else "application"
    told = document_statement(
        bench.signers[owner],
        OFFICER,
        paper=kind,
        subject=subject,
        version="1",
        bureau=bureau,
        recommender=CITY,
        facts=known | facts,
        act={"id": act, "bureau": bureau, "on": on} | ({"subject": of} if of else {}),
    )
    return {"owner": owner, "statement": told["statement"], "form": "pdf"}


@pytest.fixture
def printed(bench: ServiceHarness, store: Store) -> Print:
    """Return a function that requests a generated document and returns its text. Like the gateway, it repeats the request if the
    act had no number yet."""

    def make(*args: Any, **kwargs: Any) -> str:
        request = asked(bench, *args, **kwargs)
        paper = bench.tell("make_paper", OFFICER, **request)
        if paper["url"] is None:
            paper = bench.tell("make_paper", OFFICER, **request)
        return text_of(b"".join(store.read(f"papers/{paper['sha256']}.pdf")))

    return make


def test_each_bureau_and_year_counts_from_one(printed: Print) -> None:
    assert "桂科创联〔2026〕1号" in printed("declined", "application/a", "1")
    assert "桂科创联〔2026〕2号" in printed("approved", "application/b", "1")
    assert "桂科创联〔2027〕1号" in printed("declined", "application/c", "1", on="2027-01-04")
    city = printed("recommended", f"review/{CITY}-a", "1", bureau=CITY)
    assert "柳科创联〔2026〕1号" in city


def test_an_act_keeps_its_number_whatever_its_paper_says(printed: Print) -> None:
    # Given a numbered act, When a name in its document changes, Then the newly generated document has the same number
    assert "桂科创联〔2026〕1号" in printed("declined", "application/a", "1")
    assert "桂科创联〔2026〕1号" in printed("declined", "application/a", "1", lead_name="改名后的单位")
    # and the next act of the same subject has the next number
    assert "桂科创联〔2026〕2号" in printed("declined", "application/a", "2")


def test_decisions_of_one_list_have_one_number(printed: Print) -> None:
    for subject in ("application/a", "application/b"):
        assert "桂科创联〔2026〕1号" in printed("approved", subject, "list", of="decision-list/list")
    assert "桂科创联〔2026〕2号" in printed("approved", "application/c", "1")


def test_a_paper_that_cannot_be_printed_costs_no_second_number(bench: ServiceHarness, printed: Print) -> None:
    with pytest.raises(DomainError):
        printed("declined", "application/a", "1", lead_name="名\U0001f995")
    assert "桂科创联〔2026〕1号" in printed("declined", "application/a", "1")
    assert "桂科创联〔2026〕2号" in printed("declined", "application/b", "1")


def test_acts_at_once_have_numbers_without_gaps(bench: ServiceHarness, printed: Print) -> None:
    # Given twelve simultaneous requests for the documents of eight acts; some documents are requested twice
    requests = [asked(bench, "declined", f"application/{place % 8}", "1") for place in range(12)]
    with ThreadPoolExecutor(6) as pool:
        list(pool.map(lambda request: bench.tell("make_paper", OFFICER, **request), requests))
    # Then the eight acts have the numbers from 1 to 8
    texts = [printed("declined", f"application/{place}", "1") for place in range(8)]
    numbers = sorted(int(text.partition("〔2026〕")[2].partition("号")[0]) for text in texts)
    assert numbers == list(range(1, 9))


def made(
    bench: ServiceHarness, subject: str, act: str, *, producer: str = "application", paper: str = "decision", **more: str
) -> None:
    """Deliver the event by which the owning service reports that an act was performed."""
    event = Event(
        id=new_id(),
        type=f"{producer.partition('.')[0]}.act_made",
        version=1,
        occurred_at=bench.clock.now(),
        producer=producer,
        subject=subject,
        bureau=more.get("bureau", PROVINCE),
        recommender=CITY,
        sequence=next(_sequence),
        actor=SYSTEM.stamp(),
        correlation_id="c",
        causation_id=None,
        data={"paper": paper, "act": {"id": act, "bureau": PROVINCE, "on": "2026-03-02"} | more},
    )
    bench.react(event.to_json())


def test_numbers_follow_the_acts_and_not_the_first_fetch_of_a_paper(bench: ServiceHarness, printed: Print) -> None:
    # Given the events of two decisions; the event of the first decision is received twice
    made(bench, "application/a", "1")
    made(bench, "application/a", "1")
    made(bench, "application/b", "1")
    # When the document of the second decision is fetched first, then each document has the number that its act got from its event
    assert "桂科创联〔2026〕2号" in printed("approved", "application/b", "1")
    assert "桂科创联〔2026〕1号" in printed("declined", "application/a", "1")
    # and an act from before such events existed gets its number when its document is fetched
    assert "桂科创联〔2026〕3号" in printed("declined", "application/old", "1")


def test_an_act_told_after_its_paper_was_fetched_keeps_its_number(bench: ServiceHarness, printed: Print) -> None:
    assert "桂科创联〔2026〕1号" in printed("declined", "application/a", "1")
    made(bench, "application/a", "1")
    made(bench, "application/b", "1")
    assert "桂科创联〔2026〕1号" in printed("declined", "application/a", "1")
    assert "桂科创联〔2026〕2号" in printed("declined", "application/b", "1")


def test_acts_told_and_papers_fetched_at_once_have_numbers_without_gaps(bench: ServiceHarness, printed: Print) -> None:
    # Given eight acts whose events arrive while their documents are fetched
    requests = [asked(bench, "declined", f"application/{place}", "1") for place in range(8)]
    with ThreadPoolExecutor(6) as pool:
        told = [pool.submit(made, bench, f"application/{place}", "1") for place in range(8)]
        list(pool.map(lambda request: bench.tell("make_paper", OFFICER, **request), requests))
        for each in told:
            each.result()
    texts = [printed("declined", f"application/{place}", "1") for place in range(8)]
    numbers = sorted(int(text.partition("〔2026〕")[2].partition("号")[0]) for text in texts)
    assert numbers == list(range(1, 9))


@pytest.mark.parametrize(
    ("producer", "paper", "bureau"),
    [("evaluation", "decision", PROVINCE), (f"review.{CITY}", "opinion", PROVINCE)],
)
def test_nobody_has_the_act_of_another_numbered(
    bench: ServiceHarness, printed: Print, producer: str, paper: str, bureau: str
) -> None:
    with pytest.raises(Forbidden):
        made(bench, f"review/{CITY}-a", "1", producer=producer, paper=paper, bureau=bureau)
    assert "桂科创联〔2026〕1号" in printed("declined", "application/a", "1")


def test_a_bureau_takes_no_number_of_another(bench: ServiceHarness) -> None:
    kind, facts = OFFICIAL["recommended"]
    told = document_statement(
        bench.signers[f"review.{CITY}"],
        OFFICER,
        paper=kind,
        subject=f"review/{CITY}-a",
        version="1",
        bureau=CITY,
        recommender=CITY,
        facts=facts,
        act={"id": "1", "bureau": PROVINCE, "on": "2026-03-02"},
    )
    with pytest.raises(Forbidden):
        bench.tell("make_paper", OFFICER, owner="review", statement=told["statement"], form="pdf")
