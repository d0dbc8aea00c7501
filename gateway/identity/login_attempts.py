"""Count attempts that must be limited, such as logins. All gateway processes use the counts in this database."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import case, delete, literal, or_, select, update
from sqlalchemy.orm import Session

from gateway.identity.answers import CountedAttempts, LimitedAttempt
from gateway.identity.tables import attempts
from services.kernel.clock import Clock, real_now
from services.kernel.persistence.database import Instant, insert_into

#: Days for which an address counts as familiar after an account has logged in from it.
FAMILIAR_DAYS = 30


def take_attempts(session: Session, tries: list[LimitedAttempt], familiar: str | None) -> CountedAttempts:
    """Count one attempt for each entry of `tries`, before the attempt is made. If `familiar` is stored as a known address of the
    account, entries with `unless_familiar` are neither counted nor limited. Return the keys that were counted. If one of the keys
    has reached its maximum, none is counted, and `wait` is the number of seconds until the next attempt."""
    now = real_now()
    is_familiar = familiar is not None and _is_familiar(session, familiar, now)
    limited = [limit for limit in tries if not (is_familiar and limit["unless_familiar"])]
    with session.begin_nested() as all_or_none:
        # The rows are locked in sorted order, so that two requests with common keys cannot deadlock.
        for limit in sorted(limited, key=lambda limit: str(limit["key"])):
            if wait := _count_attempt(session, _digest(limit["key"]), limit["most"], limit["seconds"], now):
                all_or_none.rollback()
                return {"wait": wait, "counted": []}
    return {"wait": 0, "counted": [limit["key"] for limit in limited]}


def settle_attempts(session: Session, forgiven: list[str], returned: list[str], familiar: str | None) -> None:
    """Correct the counts after an attempt that was not wrong: delete the counts of the keys `forgiven`, subtract one attempt from
    the counts of the keys `returned`, and store `familiar` as a known address."""
    now = real_now()
    session.execute(delete(attempts).where(attempts.c.key.in_(_digests(forgiven))))
    for key in _digests(returned):
        counted = (attempts.c.key == key, attempts.c.until > now, attempts.c.made > 0)
        session.execute(update(attempts).where(*counted).values(made=attempts.c.made - 1))
    if familiar is not None:
        until = now + timedelta(days=FAMILIAR_DAYS)
        statement = insert_into(session.get_bind().dialect.name, attempts).values(key=_digest(familiar), made=0, until=until)
        session.execute(statement.on_conflict_do_update(index_elements=[attempts.c.key], set_={"until": until}))


def past_attempts(session: Session, clock: Clock) -> list[str]:
    """Sweep: return a list with one fixed word (all are deleted in one step) if there are counts that ended more than a day ago,
    otherwise an empty list."""
    return ["attempts"] if session.execute(select(attempts.c.key).where(_expired()).limit(1)).first() else []


def forget_attempts(session: Session, id: str) -> str:
    """Sweep: delete the counts that ended more than a day ago."""
    session.execute(delete(attempts).where(_expired()))
    return "forgotten"


def _expired() -> Any:
    return attempts.c.until < real_now() - timedelta(days=1)


def _count_attempt(session: Session, key: str, maximum: int, seconds: int, now: datetime) -> int:
    """Count an attempt and return the new count. It is one statement, so that concurrent requests never count more than the
    maximum. The period of `seconds` begins with its first attempt."""
    until = literal(now + timedelta(seconds=seconds), Instant)
    expired = attempts.c.until <= now
    statement = insert_into(session.get_bind().dialect.name, attempts).values(key=key, made=1, until=until)
    counted = statement.on_conflict_do_update(
        index_elements=[attempts.c.key],
        set_={"made": case((expired, 1), else_=attempts.c.made + 1), "until": case((expired, until), else_=attempts.c.until)},
        where=or_(expired, attempts.c.made < maximum),
    )
    if session.execute(counted.returning(attempts.c.made)).first():
        return 0
    window_end: datetime = session.execute(select(attempts.c.until).where(attempts.c.key == key)).scalar_one()
    return max(int((window_end - now).total_seconds()) + 1, 1)


def _is_familiar(session: Session, key: str, now: datetime) -> bool:
    statement = select(attempts.c.key).where(attempts.c.key == _digest(key), attempts.c.until > now)
    return session.execute(statement).first() is not None


def _digests(keys: Iterable[str]) -> Sequence[str]:
    return sorted(map(_digest, keys))


def _digest(key: str) -> str:
    """Return the digest that is stored instead of a key, so that neither names nor addresses are stored."""
    return hashlib.sha256(key.encode(errors="replace")).hexdigest()
