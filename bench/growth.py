"""Compare inbox, register, ranking and entitlements on databases of 10,000 and of 1,000,000 cases, queried alternately."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from sqlalchemy import text

from bench.infrastructure import Ground, median
from bench.table import Line
from deploy.composition import registry_of
from services.kernel.identity import NOBODY, PROVINCE, Actor
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness
from services.policy import Policies

#: The number of cases in the small and in the large database.
SMALL, LARGE = 10_000, 1_000_000
#: The number of times that each query runs on each database, alternately, and the number of first runs that do not count.
ASKED, WARM_UP = 300, 30
#: The largest factor by which a query may take longer on the large database.
BAR = 1.5

_CITY = Actor("officer", ("officer",), "450200")
_PROVINCE = Actor("province", ("officer",), PROVINCE)
_HOME = "'45' || lpad((1 + n % 14)::text, 2, '0') || '00'"
_ID = "lpad(n::text, 36, '0')"

#: SQL that fills the review database. Each call has a hundred cases; in a tenth of the calls three experts have scored each case.
#: The due dates are spread over a year, and nine in ten cases are settled.
REVIEW = (
    f"""INSERT INTO cases (id, bureau, recommender, subject, kind, title, policy, call, stage, status, settled, version, round,
        opened_at, due_on, scoring_closed_at)
    SELECT '450000-' || {_ID}, CASE n % 2 WHEN 0 THEN '450000' ELSE {_HOME} END, {_HOME}, 'application/' || {_ID}, 'formation',
        '联合体' || n, 'guangxi_trial@1', 'call-' || (n / 100), CASE n % 2 WHEN 0 THEN 'decision' ELSE 'recommendation' END,
        CASE n % 10 WHEN 0 THEN 'open' ELSE 'approved' END, CASE n % 10 WHEN 0 THEN 0 ELSE 1 END, 1, 1, now(),
        to_char(now() + (n % 365) * interval '1 day', 'YYYY-MM-DD'), CASE WHEN n / 100 % 10 = 0 THEN now() END
    FROM generate_series(1, :cases) n""",
    "INSERT INTO calls (id, title, places) SELECT 'call-' || n, '通知' || n, 10 FROM generate_series(0, :cases / 100) n",
    f"""INSERT INTO seats (id, case_id, round, account, kind, state, assigned_at)
    SELECT n || '-' || e, '450000-' || {_ID}, 1, 'expert-' || e, 'expert', 'seated', now()
    FROM generate_series(1, :cases) n, generate_series(1, 3) e WHERE n / 100 % 10 = 0""",
    f"""INSERT INTO scores (id, seat_id, case_id, account, scores, comment, total, at)
    SELECT n || '-' || e, n || '-' || e, '450000-' || {_ID}, 'expert-' || e, '{{}}', '可行',
        (60 + (n * 7 + e * 3) % 40)::text, now()
    FROM generate_series(1, :cases) n, generate_series(1, 3) e WHERE n / 100 % 10 = 0""",
)
#: SQL that fills the register: a consortium for each case, with eight units, its status and two support requests.
REGISTER = (
    """INSERT INTO organisations (uscc, name, figures, platforms, registered, revision, created_at, updated_at)
    SELECT 'u' || n, '单位' || n, '[]', '[]', true, 1, now(), now() FROM generate_series(0, 9999) n""",
    f"""INSERT INTO consortia (id, number, name, field, status, recognised_on, recommender, lead, policy, imported, revision,
        created_at, searchable)
    SELECT {_ID}, 'N' || n, '联合体' || n, '领域' || (n % 50), 'active', now() - interval '1 year', {_HOME}, 'u' || (n % 10000),
        'guangxi_trial@1', false, 1, now(), '联合体' || n FROM generate_series(1, :cases) n""",
    f"""INSERT INTO consortium_units (consortium_id, uscc, tier, place)
    SELECT {_ID}, 'u' || ((n + m * 1111) % 10000), 'core', m FROM generate_series(1, :cases) n, generate_series(0, 7) m""",
    f"""INSERT INTO register_states (consortium_id, since, status, under_guidance)
    SELECT {_ID}, now() - interval '1 year', 'active', false FROM generate_series(1, :cases) n""",
    f"""INSERT INTO support_requests (id, consortium_id, recommender, measure, status, reason, papers, policy, entitlement,
        requested_on, requested_by, revision, created_at)
    SELECT 's' || n || '-' || m, {_ID}, {_HOME}, 'strategy_study', 'recorded', 'x', '[]', 'guangxi_trial@1', '{{}}', now(),
        'x', 1, now() FROM generate_series(1, :cases) n, generate_series(1, 2) m""",
)


def measure(ground: Ground) -> list[Line]:
    """Fill small and large databases, then run every query on the small and the large one alternately."""
    sizes = (SMALL, LARGE)
    review = [filled(ground, "review", REVIEW, size) for size in sizes]
    register = [filled(ground, "application", REGISTER, size) for size in sizes]
    middle = [f"{size // 2:036d}" for size in sizes]
    questions: list[tuple[str, list[Callable[[], Any]]]] = [
        ("inbox of a city", [lambda b=b: b.ask("list_reviews", _CITY, bureau="450200") for b in review]),
        ("inbox of the province", [lambda b=b: b.ask("list_reviews", _PROVINCE, bureau=PROVINCE) for b in review]),
        ("ranking of a call", [lambda b=b: b.ask("call_ranking", _PROVINCE, bureau=PROVINCE, call="call-50") for b in review]),
        ("public register", [lambda b=b: b.ask("public_consortia", NOBODY) for b in register]),
        ("register of a city", [lambda b=b: b.ask("list_consortia", _CITY) for b in register]),
        (
            "entitlements of a consortium",
            [lambda b=b, id=id: b.ask("entitlements", _PROVINCE, id=id) for b, id in zip(register, middle, strict=True)],
        ),
    ]
    return [compared(what, asks, sizes) for what, asks in questions]


def filled(ground: Ground, service: str, fill: tuple[str, ...], cases: int) -> ServiceHarness:
    """Return a service on a database that the statements in `fill` have filled with this number of cases."""
    bench = ServiceHarness(registry_of(service), ground.fresh_database(), policies=Policies.builtin(), settings=Settings())
    engine = bench.database.engine
    with engine.begin() as connection:
        connection.execute(text("SET statement_timeout = 0"))
        for statement in fill:
            connection.execute(text(statement), {"cases": cases} if ":cases" in statement else {})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("SET statement_timeout = 0"))
        connection.execute(text("VACUUM ANALYZE"))
    engine.dispose()
    return bench


def compared(what: str, asks: list[Callable[[], Any]], sizes: tuple[int, int]) -> Line:
    """Run a query on the small and the large database alternately, so that both are measured under the same load; return the
    table's row with the medians."""
    took: list[list[float]] = [[], []]
    for turn in range(ASKED + WARM_UP):
        for place, ask in enumerate(asks):
            started = time.perf_counter()
            ask()
            if turn >= WARM_UP:
                took[place].append((time.perf_counter() - started) * 1000)
    small, large = (median(times) for times in took)
    return Line(
        f"growth: {what}, {sizes[1]:,} cases",
        f"{large:.2f} ms",
        f"the same with {sizes[0]:,}: {small:.2f} ms",
        f"{large / small:.2f} ×",
        f"≤ {BAR} ×",
        large / small <= BAR,
    )
