"""Properties that hold for all facts: order does not matter, more is never worse, boundaries are exact, no rule raises an
error."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st

from services.policy import DocumentFact, Facts, Figure, Finding, Platform, Standing, Unit, eligible, evaluate
from tests.unit.policy.sample_facts import LEAD, SYSTEMS, TODAY, TRIAL, facts, finding, lead, member

ORDER = {"fail": 0, "needs_evidence": 1, "pass": 2}

codes = st.sampled_from([f"U{number:02d}" for number in range(15)])
money = st.decimals(min_value=Decimal("-9999999999.99"), max_value=Decimal("99999999999.99"), places=2)
positive = st.decimals(min_value=0, max_value=Decimal("99999999999.99"), places=2)
dates = st.dates(min_value=date(2015, 1, 1), max_value=date(2035, 12, 31))
words = st.text(max_size=5)
maybe = st.none() | words

figures = st.builds(Figure, st.integers(2018, 2030), money, money, money)
platforms = st.builds(Platform, words, st.sampled_from(["national", "provincial", "other", ""]), words)
units = st.builds(
    Unit,
    uscc=codes,
    name=words,
    kind=st.none() | st.sampled_from(["enterprise", "university", "other", ""]),
    region=st.none() | st.sampled_from(["450100", "440100", ""]),
    tier=st.none() | st.sampled_from(["core", "close", "general", "odd"]),
    legal_person=st.none() | st.booleans(),
    public_institution=st.none() | st.booleans(),
    rd_staff=st.none() | st.integers(0, 60),
    founded_on=st.none() | dates,
    figures=st.lists(figures, max_size=5).map(tuple),
    platforms=st.lists(platforms, max_size=3).map(tuple),
    registered=st.booleans(),
)
any_facts = st.builds(
    Facts,
    as_of=dates,
    today=dates,
    lead=st.none() | st.just("") | codes,
    units=st.lists(units, max_size=14).map(tuple),
    agreement_version=words,
    confirmed=st.none() | st.frozensets(codes),
    operating_systems=st.dictionaries(st.sampled_from(SYSTEMS), maybe),
    standing=st.dictionaries(codes, st.builds(Standing, st.integers(0, 5), st.integers(0, 5))),
    documents=st.none() | st.lists(st.builds(DocumentFact, words, st.sampled_from(["clean", "pending"]))).map(tuple),
    attachments=st.lists(words, max_size=3).map(tuple),
    integrity=st.dictionaries(codes, st.none() | dates),
    case=st.sampled_from(["formation", "special_case", "unheard_of"]),
)


@settings(max_examples=150)
@given(any_facts)
def test_any_facts_give_every_finding_and_it_travels(case: Facts) -> None:
    findings = evaluate(TRIAL, case)

    assert [found.rule for found in findings] == [rule.id for rule in TRIAL.rules]
    assert {found.status for found in findings} <= set(ORDER)
    for found in findings:
        assert Finding.from_dict(json.loads(json.dumps(found.to_dict()))) == found


@settings(max_examples=100)
@given(any_facts)
def test_every_check_fills_the_placeholders_it_promises(case: Facts) -> None:
    for rule in TRIAL.rules:
        seen = rule.check.run(case, **rule.params)
        promised = rule.check.needs if seen.status == "needs_evidence" else rule.check.words
        assert promised is not None
        assert promised <= seen.words.keys()


@settings(max_examples=60)
@given(any_facts, st.randoms(use_true_random=False))
def test_the_order_of_members_changes_nothing(case: Facts, random: object) -> None:
    distinct = replace(case, units=tuple({unit.uscc: unit for unit in case.units}.values()))
    shuffled = list(distinct.units)
    random.shuffle(shuffled)  # type: ignore[attr-defined]

    assert _pointed(replace(distinct, units=tuple(shuffled))) == _pointed(distinct)


def _pointed(case: Facts) -> list[Finding]:
    """Return the findings about a case. In place of a JSON pointer to a member's position in the form, each names the member, so
    that findings can be compared when the order of members differs."""
    members = [unit.uscc for unit in case.units if unit.uscc != case.lead]

    def unit_at(at: str | None) -> str | None:
        name, _, place = (at or "").removeprefix("/").partition("/")
        return members[int(place)] if name == "members" and place else at

    return [replace(found, at=unit_at(found.at)) for found in evaluate(TRIAL, case)]


@settings(max_examples=100)
@given(
    rows=st.lists(st.tuples(positive, positive, positive), min_size=3, max_size=3),
    staff=st.integers(0, 100),
    more=st.tuples(positive, positive, st.integers(0, 50)),
    year=st.integers(0, 2),
)
def test_more_revenue_staff_or_research_never_turns_a_verdict_down(
    rows: list[tuple[Decimal, Decimal, Decimal]], staff: int, more: tuple[Decimal, Decimal, int], year: int
) -> None:
    revenue, research, people = more
    before = tuple(Figure(2023 + index, *row) for index, row in enumerate(rows))
    grown = replace(
        before[year],
        main_business_revenue=before[year].main_business_revenue + revenue,
        rd_expense=before[year].rd_expense + research,
    )
    after = tuple(grown if figure.year == grown.year else figure for figure in before)

    first = evaluate(TRIAL, facts(lead=lead(figures=before, rd_staff=staff)))
    second = evaluate(TRIAL, facts(lead=lead(figures=after, rd_staff=staff + people)))

    for earlier, later in zip(first, second, strict=True):
        assert ORDER[later.status] >= ORDER[earlier.status]
    assert eligible(second) or not eligible(first)


@settings(max_examples=100)
@given(st.integers(0, 40), st.integers(0, 40))
def test_the_share_of_guangxi_is_an_exact_comparison(inside: int, outside: int) -> None:
    members = [member(number) for number in range(inside)]
    members += [member(number, region="440100") for number in range(50, 50 + outside)]
    case = Facts(as_of=TODAY, today=TODAY, lead="LEAD", units=(LEAD, *members))

    status = finding("C3", case).status

    assert status == ("pass" if 10 * (inside + 1) >= 3 * (inside + outside + 1) else "fail")


@settings(max_examples=150)
@given(
    expense=st.integers(0, 3_000_000_200),
    sales=st.integers(0, 100_000_000_000),
    exact=st.sampled_from([None, "ratio", "total"]),
    fen=st.integers(-1, 1),
)
def test_the_research_effort_is_compared_in_fen(expense: int, sales: int, exact: str | None, fen: int) -> None:
    if exact == "ratio":
        sales -= sales % 100
        expense = max(0, sales * 3 // 100 + fen)
    elif exact == "total":
        expense = 3_000_000_000 + fen
    newest = Figure(2025, Decimal(0), Decimal(sales) / 100, Decimal(expense) / 100)
    idle = tuple(Figure(year, Decimal(0), Decimal(0), Decimal(0)) for year in (2023, 2024))

    status = finding("L5", facts(lead=lead(figures=(*idle, newest)))).status

    reached = expense >= 3_000_000_000 or (sales > 0 and expense * 100 >= 3 * sales)
    assert status == ("pass" if reached else "fail")


@settings(max_examples=50)
@given(st.integers(0, 6), st.integers(0, 6))
def test_one_more_consortium_never_helps(leads: int, joins: int) -> None:
    def statuses(extra: int) -> list[int]:
        case = facts(standing={"LEAD": Standing(leads + extra, leads + joins + extra)})
        return [ORDER[found.status] for found in evaluate(TRIAL, case, groups={"L6", "M3"})]

    assert all(later <= earlier for earlier, later in zip(statuses(0), statuses(1), strict=True))
