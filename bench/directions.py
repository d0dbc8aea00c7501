"""Compare the search for similar research directions (A4(1)) in a register of 100 consortia with that in one of 10,000, queried
alternately."""

from __future__ import annotations

from bench.growth import compared, filled
from bench.infrastructure import Ground
from bench.table import Line
from services.kernel.identity import Actor

#: The number of consortia in the small and in the large register.
SMALL, LARGE = 100, 10_000

_AUDITOR = Actor("auditor", ("auditor",))
_ID = "lpad(n::text, 36, '0')"
#: SQL for the text of a research direction: forty words of two characters each, out of 900 words; common words occur far more
#: often than rare ones.
_TEXT = """(SELECT string_agg(chr(19968 + word) || chr(24000 + word), '')
    FROM (SELECT floor(900 * power(random(), 2))::int AS word FROM generate_series(1, 40) WHERE n > 0) words)"""
REGISTER = (
    "SELECT setseed(0.5)",
    f"""INSERT INTO consortia (id, number, name, field, status, recognised_on, recommender, lead, policy, imported, compared,
        direction, revision, created_at, searchable)
    SELECT {_ID}, 'N' || n, '联合体' || n, '糖业', 'active', now() - interval '1 year', '450200', 'u' || (n % 500),
        'guangxi_trial@1', true, true, {_TEXT}, 1, now(), '联合体' || n FROM generate_series(1, :cases) n""",
    "INSERT INTO directions (id, text) SELECT id, direction FROM consortia",
    """INSERT INTO terms (kind, term, id)
    SELECT DISTINCT 'recognised', substr(direction, place, 2), id FROM consortia, generate_series(1, 79) place""",
    f"""INSERT INTO applications (id, channel, policy, as_of, status, stage, round, version, revision, name, lead, recommender,
        content, agreement, at_province, searchable, created_at, updated_at)
    SELECT {_ID}, 'call', 'p', now(), 'draft', NULL, 1, 0, 1, '联合体', 'u1', '450200',
        jsonb_build_object('research_direction', {_TEXT}), '{{}}', false, '联合体', now(), now() FROM generate_series(1, 1) n""",
)


def measure(ground: Ground) -> list[Line]:
    """Fill registers of both sizes, then search both alternately for the directions most similar to that of one draft."""
    benches = [filled(ground, "application", REGISTER, size) for size in (SMALL, LARGE)]
    asks = [lambda b=b: b.ask("similar_directions", _AUDITOR, id=f"{1:036d}") for b in benches]
    assert all(len(ask()["items"]) == 10 for ask in asks)
    return [compared("similar directions", asks, (SMALL, LARGE))]
