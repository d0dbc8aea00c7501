"""Validators of settings. Each can say in words which values it accepts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.input.web_address import parse_web_address


@dataclass(frozen=True, slots=True)
class Validator:
    """Tests the text of a setting. `expected` says in words what is valid; `takes` tests a text and may raise ValueError if it is
    not valid."""

    expected: str
    takes: Callable[[str], bool]

    def __call__(self, given: str) -> bool:
        try:
            return self.takes(given)
        except ValueError:
            return False

    @property
    def or_empty(self) -> Validator:
        return Validator(f"{self.expected}, or nothing", lambda given: given == "" or self(given))


ANYTHING = Validator("anything", lambda given: True)


def whole_number(least: int) -> Validator:
    return Validator(
        f"a whole number, {least} or more", lambda given: bool(re.fullmatch("[0-9]+", given)) and int(given) >= least
    )


def one_of(*words: str) -> Validator:
    return Validator(" or ".join(words), lambda given: given in words)


def url(*schemes: str) -> Validator:
    """Return a validator for a URL with one of these schemes and a host; a port, if there is one, must be a number."""

    def takes(given: str) -> bool:
        where = urlsplit(given)
        return where.scheme in schemes and bool(where.hostname) and (where.port or 1) > 0

    return Validator(f"a URL {' or '.join(f'{scheme}://host…' for scheme in schemes)}", takes)


def either(*fits: Validator) -> Validator:
    return Validator(" or ".join(fit.expected for fit in fits), lambda given: any(fit(given) for fit in fits))


def starts_with(start: str, expected: str) -> Validator:
    """Return a validator for a value that begins with `start`, for URLs without a host."""
    return Validator(expected, lambda given: given.startswith(start))


def _address(given: str) -> bool:
    host, _, port = given.rpartition(":")
    return bool(host) and port.isdecimal() and int(port) <= 65535


#: The address on which a process listens.
ADDRESS = Validator("host:port, such as 127.0.0.1:8000", _address)
#: Several numbers of seconds, separated by commas.
SECONDS = Validator(
    "numbers of seconds by comma, such as 1,5,30",
    lambda given: all(re.fullmatch(r"[0-9]+(\.[0-9]+)?", part.strip()) for part in given.split(",")),
)
#: A web address. It is compared and sent exactly as written, so a host in another script must be written as punycode (xn--…).
WEB = Validator("a URL http://host… or https://host… in ASCII", lambda given: given.isascii() and bool(parse_web_address(given)))
BROKER = url("amqp", "amqps")
EMBEDDED = starts_with("embedded://", "embedded://")
FOLDER = starts_with("file://", "file:///folder")
#: The URL of a database; an SQLite file and a local socket have no host.
DATABASE = either(
    url("postgresql+psycopg", "postgresql"),
    starts_with("postgresql+psycopg:///", "postgresql+psycopg:///name?host=/folder"),
    starts_with("sqlite:///", "sqlite:///file"),
).or_empty
#: The URL of ClamAV's daemon, on a host or at a local socket.
SCANNER = either(url("clamd"), starts_with("clamd:///", "clamd:///path")).or_empty
