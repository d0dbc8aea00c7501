"""Limit the guessing of passwords, codes, receipts and links. Each attempt is counted before it is checked; if it was right, the
count is reduced again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass

from gateway.identity.answers import CountedAttempts
from services.kernel.errors import DomainError, TooMany
from services.kernel.identity import NOBODY
from services.kernel.messaging.rpc import Caller

#: The number of seconds for which a wrong password or code counts.
LOGIN_WINDOW = 300
#: The most wrong passwords in `LOGIN_WINDOW` seconds: for one account name from one address; for one name from all addresses from
#: which that account has not logged in before; and from one address for all accounts that have not logged in from that address
#: before. Many people may share an address of an office or a proxy: therefore the last limit is high, and attempts for an account
#: that has logged in from the address before do not count.
LOGIN_ATTEMPTS, LOGIN_ATTEMPTS_FOR, LOGIN_ATTEMPTS_FROM = 5, 30, 200
#: The most wrong second-factor codes for one account name in `LOGIN_WINDOW` seconds. The limit is low, because only a client with
#: the right password may enter a code.
CODE_ATTEMPTS = 5
#: Error codes that report a wrong password, code, receipt or link. An attempt that ends with any other error does not count as
#: wrong.
WRONG = frozenset({"wrong_credentials", "wrong_password", "wrong_code", "receipt_not_found", "reset_refused", "sso_refused"})
#: The most requests for a first account: for one organisation, and from one address, in `REGISTRATION_WINDOW` seconds.
REGISTRATIONS_OF, REGISTRATIONS_FROM = 10, 300
REGISTRATION_WINDOW = 3600
#: The most names of organisations that one account may look up in `NAMES_WINDOW` seconds: a consortium has fewer than 300 units.
NAMES, NAMES_WINDOW = 300, 3600
#: The most requests to reset a password: for one name from one address, for one name from all addresses, and from one address for
#: all names, in `RESET_WINDOW` seconds. The last number is the most refused reset links from one address.
RESETS, RESETS_OF, RESETS_FROM, RESETS_REFUSED = 3, 10, 100, 30
RESET_WINDOW = 3600
#: The most authorization codes from one address that the identity provider refused, in `LOGIN_WINDOW` seconds.
CODES_REFUSED = 60
#: The most look-ups of receipts that do not exist, from one address in `REGISTRATION_WINDOW` seconds.
RECEIPTS_FROM = 60


@dataclass(frozen=True, slots=True)
class Limit:
    """Allows at most `most` attempts with the same key in `seconds`. `unless_familiar`: the limit does not apply to an account at
    an address from which it has logged in before."""

    key: str
    most: int
    seconds: int
    unless_familiar: bool = False


class Attempt:
    """An attempt that was counted as if it were wrong. The count stays unless `succeeded` or `taken_back` is called."""

    def __init__(self, identity: Caller, counted: Sequence[Limit], familiar: str | None) -> None:
        self._identity = identity
        self._counted = counted
        self._familiar = familiar

    def succeeded(self) -> None:
        """Report that the attempt was right: delete the earlier wrong attempts of the same account at the same address, and
        subtract this attempt from the other limits."""
        forgiven = [limit.key for limit in self._counted if not limit.unless_familiar]
        returned = [limit.key for limit in self._counted if limit.unless_familiar]
        self._settle_attempts(forgiven, returned, self._familiar)

    def taken_back(self) -> None:
        """Report that the attempt was not a wrong guess: subtract it, but keep the earlier wrong attempts."""
        self._settle_attempts([], [limit.key for limit in self._counted], None)

    def _settle_attempts(self, forgiven: list[str], returned: list[str], familiar: str | None) -> None:
        payload = {"forgiven": forgiven, "returned": returned, "familiar": familiar}
        self._identity.call("gateway", "settle_attempts", payload, NOBODY)


class Throttle:
    """Counts attempts in identity's database, for all gateway processes together. If `by_address` is false, the limits on one
    address for all names do not apply."""

    def __init__(self, identity: Caller, *, by_address: bool) -> None:
        self._identity = identity
        self._by_address = by_address
        self._lock = threading.Lock()
        #: Key of a limit → the number of attempts that this process is checking now.
        self._open: Counter[str] = Counter()

    @contextmanager
    def password(self, username: str, network: str) -> Iterator[Attempt]:
        """Count one password check; the check runs inside the block. Raises TooMany after too many wrong passwords."""
        limits = [
            Limit(f"password {username} {network}", LOGIN_ATTEMPTS, LOGIN_WINDOW),
            Limit(f"password {username}", LOGIN_ATTEMPTS_FOR, LOGIN_WINDOW, unless_familiar=True),
        ]
        if self._by_address:
            limits.append(Limit(f"passwords {network}", LOGIN_ATTEMPTS_FROM, LOGIN_WINDOW, unless_familiar=True))
        with self._count_attempt(limits, f"familiar {username} {network}") as attempt:
            yield attempt

    @contextmanager
    def code(self, username: str) -> Iterator[Attempt]:
        """Count one check of a second-factor code; the check runs inside the block. Raises TooMany after too many wrong codes
        from any address."""
        with self._count_attempt([Limit(f"code {username}", CODE_ATTEMPTS, LOGIN_WINDOW)], None) as attempt:
            yield attempt

    def registration(self, uscc: str, network: str) -> None:
        """Count a registration. Raises TooMany after too many registrations."""
        if self._by_address:
            limits = [
                Limit(f"registration {uscc}", REGISTRATIONS_OF, REGISTRATION_WINDOW),
                Limit(f"registrations {network}", REGISTRATIONS_FROM, REGISTRATION_WINDOW),
            ]
            with self._count_attempt(limits, None):
                pass

    def reset_requested(self, username: str, network: str) -> None:
        """Count a request to reset a password. Raises TooMany after too many such requests."""
        limits = [Limit(f"reset {username} {network}", RESETS, RESET_WINDOW), Limit(f"reset {username}", RESETS_OF, RESET_WINDOW)]
        if self._by_address:
            limits.append(Limit(f"resets {network}", RESETS_FROM, RESET_WINDOW))
        with self._count_attempt(limits, None):
            pass

    @contextmanager
    def reset(self, network: str) -> Iterator[None]:
        """Count one use of a reset link; the use runs inside the block. Raises TooMany after too many refused links. Valid links
        do not count."""
        limits = [Limit(f"reset links {network}", RESETS_REFUSED, RESET_WINDOW)] if self._by_address else []
        with self._count_attempt(limits, None) as attempt:
            yield
            attempt.taken_back()

    @contextmanager
    def authorization_code(self, network: str) -> Iterator[None]:
        """Count one exchange of an authorization code, which runs within the block. Raises TooMany after too many refused codes,
        so that no client can make the gateway call the provider without limit. Valid codes do not count."""
        limits = [Limit(f"authorization codes {network}", CODES_REFUSED, LOGIN_WINDOW)] if self._by_address else []
        with self._count_attempt(limits, None) as attempt:
            yield
            attempt.taken_back()

    def name_looked_up(self, username: str) -> None:
        """Count an account's look-up of an organisation's name. Raises TooMany after too many look-ups."""
        if self._by_address:
            with self._count_attempt([Limit(f"names {username}", NAMES, NAMES_WINDOW)], None):
                pass

    @contextmanager
    def receipt(self, network: str) -> Iterator[None]:
        """Count one look-up of a receipt; the look-up runs inside the block. Raises TooMany after too many unknown receipts.
        Receipts that exist do not count."""
        limits = [Limit(f"receipts {network}", RECEIPTS_FROM, REGISTRATION_WINDOW)] if self._by_address else []
        with self._count_attempt(limits, None) as attempt:
            yield
            attempt.taken_back()

    @contextmanager
    def _count_attempt(self, limits: Sequence[Limit], familiar: str | None) -> Iterator[Attempt]:
        tries = [asdict(limit) for limit in limits]
        payload = {"tries": tries, "familiar": familiar}
        counted: CountedAttempts = self._identity.call("gateway", "take_attempts", payload, NOBODY)
        if wait := counted["wait"]:
            # An attempt that is still being checked may turn out right and then no longer counts, so the client may try again
            # after 1 second.
            raise too_many(1 if any(self._open[limit.key] for limit in limits) else wait)
        attempt = Attempt(self._identity, [limit for limit in limits if limit.key in counted["counted"]], familiar)
        with self._lock:
            self._open.update(counted["counted"])
        try:
            yield attempt
        except DomainError as error:
            if not WRONG.intersection([error.code, *(field.code for field in error.errors)]):
                attempt.taken_back()
            raise
        finally:
            with self._lock:
                self._open.subtract(counted["counted"])
                self._open += Counter()  # Remove the keys whose count is 0.


def too_many(seconds: int) -> TooMany:
    return TooMany(
        "too_many_attempts",
        f"尝试次数过多，请在 {seconds} 秒后重试。",
        f"Too many attempts; please try again in {seconds} seconds.",
        retry_after=seconds,
    )
