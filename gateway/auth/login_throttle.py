"""A brake on guessing: what is tried is counted before it is checked, and taken back when it was right."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from services.kernel.errors import DomainError, TooMany
from services.kernel.identity import NOBODY
from services.kernel.messaging.rpc import Caller

#: Seconds in which wrong passwords and codes are counted.
LOGIN_WINDOW = 300
#: Wrong passwords for one name from one address; for one name from all addresses where it has not logged in before; and from one
#: address for all names that have not logged in there before. An address may be an office's or a proxy's: the last is high, and
#: those who work there are spared.
LOGIN_ATTEMPTS, LOGIN_ATTEMPTS_FOR, LOGIN_ATTEMPTS_FROM = 5, 30, 200
#: Wrong codes for one name: only those who know the password get so far.
CODE_ATTEMPTS = 5
#: The refusals by which a wrong password or code is told; after any other, nothing was found wrong.
WRONG = frozenset({"wrong_credentials", "wrong_password", "wrong_code", "receipt_not_found", "reset_refused"})
#: Registrations of one organisation, and from one address, in `REGISTRATION_WINDOW` seconds.
REGISTRATIONS_OF, REGISTRATIONS_FROM = 10, 300
REGISTRATION_WINDOW = 3600
#: Names of organisations that one account may look up in `NAMES_WINDOW` seconds: a consortium has fewer than 300 units.
NAMES, NAMES_WINDOW = 300, 3600
#: Requests to reset the password of one name from one address, of one name from all, and from one address, in `RESET_WINDOW`
#: seconds; and links that were refused, from one address.
RESETS, RESETS_OF, RESETS_FROM, RESETS_REFUSED = 3, 10, 100, 30
RESET_WINDOW = 3600
#: Receipts that no registration has, asked for from one address, in `REGISTRATION_WINDOW` seconds.
RECEIPTS_FROM = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` attempts for a key in `seconds`. `unless_familiar`: not for an account where it logged in before."""

    key: str
    most: int
    seconds: int
    unless_familiar: bool = False


class Attempt:
    """An attempt that was counted. It stays counted unless it succeeded or was taken back."""

    def __init__(self, identity: Caller, counted: Sequence[Limit], familiar: str | None) -> None:
        self._identity = identity
        self._counted = counted
        self._familiar = familiar

    def succeeded(self) -> None:
        """It was right: forget what failed before it for the same person, and take this one back from what others share."""
        forgiven = [limit.key for limit in self._counted if not limit.unless_familiar]
        returned = [limit.key for limit in self._counted if limit.unless_familiar]
        self._settle(forgiven, returned, self._familiar)

    def taken_back(self) -> None:
        """It was no attempt after all: nothing was found wrong, and nothing is forgiven."""
        self._settle([], [limit.key for limit in self._counted], None)

    def _settle(self, forgiven: list[str], returned: list[str], familiar: str | None) -> None:
        told = {"forgiven": forgiven, "returned": returned, "familiar": familiar}
        self._identity.call("gateway", "settle_attempts", told, NOBODY)


class Throttle:
    """Counts attempts in identity's database, for all processes of the gateway together. Without `by_address` an address alone
    is never limited."""

    def __init__(self, identity: Caller, *, by_address: bool) -> None:
        self._identity = identity
        self._by_address = by_address
        self._lock = threading.Lock()
        #: Attempts of this process that are being checked, by key.
        self._open: Counter[str] = Counter()

    @contextmanager
    def password(self, username: str, place: str) -> Iterator[Attempt]:
        """Check a password within; TooMany when too many were wrong."""
        limits = [
            Limit(f"password {username} {place}", LOGIN_ATTEMPTS, LOGIN_WINDOW),
            Limit(f"password {username}", LOGIN_ATTEMPTS_FOR, LOGIN_WINDOW, unless_familiar=True),
        ]
        if self._by_address:
            limits.append(Limit(f"passwords {place}", LOGIN_ATTEMPTS_FROM, LOGIN_WINDOW, unless_familiar=True))
        with self._trying(limits, f"familiar {username} {place}") as attempt:
            yield attempt

    @contextmanager
    def code(self, username: str) -> Iterator[Attempt]:
        """Check a code of the second factor within; TooMany when too many were wrong, wherever they came from."""
        with self._trying([Limit(f"code {username}", CODE_ATTEMPTS, LOGIN_WINDOW)], None) as attempt:
            yield attempt

    def registration(self, uscc: str, place: str) -> None:
        """Count a registration; TooMany when there were too many."""
        if self._by_address:
            limits = [
                Limit(f"registration {uscc}", REGISTRATIONS_OF, REGISTRATION_WINDOW),
                Limit(f"registrations {place}", REGISTRATIONS_FROM, REGISTRATION_WINDOW),
            ]
            with self._trying(limits, None):
                pass

    def reset_requested(self, username: str, place: str) -> None:
        """Count a request for a new password; TooMany when there were too many."""
        limits = [Limit(f"reset {username} {place}", RESETS, RESET_WINDOW), Limit(f"reset {username}", RESETS_OF, RESET_WINDOW)]
        if self._by_address:
            limits.append(Limit(f"resets {place}", RESETS_FROM, RESET_WINDOW))
        with self._trying(limits, None):
            pass

    @contextmanager
    def reset(self, place: str) -> Iterator[None]:
        """Use the link of a reset within; TooMany when too many were refused. Those that are right count nothing."""
        limits = [Limit(f"reset links {place}", RESETS_REFUSED, RESET_WINDOW)] if self._by_address else []
        with self._trying(limits, None) as attempt:
            yield
            attempt.taken_back()

    def name_looked_up(self, username: str) -> None:
        """Count that an account asked for an organisation's name; TooMany when it asked for too many."""
        if self._by_address:
            with self._trying([Limit(f"names {username}", NAMES, NAMES_WINDOW)], None):
                pass

    @contextmanager
    def receipt(self, place: str) -> Iterator[None]:
        """Look up a receipt within; TooMany when too many were not found. Those that are found count nothing."""
        limits = [Limit(f"receipts {place}", RECEIPTS_FROM, REGISTRATION_WINDOW)] if self._by_address else []
        with self._trying(limits, None) as attempt:
            yield
            attempt.taken_back()

    @contextmanager
    def _trying(self, limits: Sequence[Limit], familiar: str | None) -> Iterator[Attempt]:
        tries = [asdict(limit) for limit in limits]
        taken = self._identity.call("gateway", "take_attempts", {"tries": tries, "familiar": familiar}, NOBODY)
        if wait := taken["wait"]:
            # An attempt that is being checked may be right, and then makes room at once.
            raise too_many(1 if any(self._open[limit.key] for limit in limits) else wait)
        attempt = Attempt(self._identity, [limit for limit in limits if limit.key in taken["counted"]], familiar)
        with self._lock:
            self._open.update(taken["counted"])
        try:
            yield attempt
        except DomainError as error:
            if not WRONG.intersection([error.code, *(field.code for field in error.errors)]):
                attempt.taken_back()
            raise
        finally:
            with self._lock:
                self._open.subtract(taken["counted"])
                self._open += Counter()  # drops what is nought


def too_many(seconds: int) -> TooMany:
    return TooMany(
        "too_many_attempts",
        f"尝试次数过多，请在 {seconds} 秒后重试。",
        f"Too many attempts; please try again in {seconds} seconds.",
        retry_after=seconds,
    )
