"""Validators of settings. Each can say in words which values it accepts."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from services.input.web_address import parse_web_address


@dataclass(frozen=True, slots=True)
class Validator:
    """Tests the text of a setting. `expected` says in words which values are valid; `accepts` returns whether a text is valid,
    and may raise ValueError if it is not."""

    expected: str
    accepts: Callable[[str], bool]

    def __call__(self, value: str) -> bool:
        try:
            return self.accepts(value)
        except ValueError:
            return False

    @property
    def or_empty(self) -> Validator:
        return Validator(f"{self.expected}, or nothing", lambda value: value == "" or self(value))


ANYTHING = Validator("anything", lambda value: True)


def whole_number(least: int) -> Validator:
    return Validator(
        f"a whole number, {least} or more", lambda value: bool(re.fullmatch("[0-9]+", value)) and int(value) >= least
    )


def one_of(*words: str) -> Validator:
    return Validator(" or ".join(words), lambda value: value in words)


def url(*schemes: str) -> Validator:
    """Return a validator for a URL with one of these schemes and a host; a port, if there is one, must be a number."""

    def accepts(value: str) -> bool:
        parts = urlsplit(value)
        return parts.scheme in schemes and bool(parts.hostname) and (parts.port or 1) > 0

    return Validator(f"a URL {' or '.join(f'{scheme}://host…' for scheme in schemes)}", accepts)


def either(*validators: Validator) -> Validator:
    return Validator(
        " or ".join(validator.expected for validator in validators),
        lambda value: any(validator(value) for validator in validators),
    )


def starts_with(start: str, expected: str) -> Validator:
    """Return a validator for a value that begins with `start`, for URLs without a host."""
    return Validator(expected, lambda value: value.startswith(start))


def _address(value: str) -> bool:
    host, _, port = value.rpartition(":")
    return bool(host) and port.isdecimal() and int(port) <= 65535


#: A validator for the address on which a process listens.
ADDRESS = Validator("host:port, such as 127.0.0.1:8000", _address)
#: A validator for several numbers of seconds, separated by commas.
SECONDS = Validator(
    "numbers of seconds by comma, such as 1,5,30",
    lambda value: all(re.fullmatch(r"[0-9]+(\.[0-9]+)?", part.strip()) for part in value.split(",")),
)
#: A validator for a web address. The address is compared and sent exactly as written, so a host in another script must be written
#: as punycode (xn--…).
WEB = Validator("a URL http://host… or https://host… in ASCII", lambda value: value.isascii() and bool(parse_web_address(value)))
BROKER = url("amqp", "amqps")
EMBEDDED = starts_with("embedded://", "embedded://")
FOLDER = starts_with("file://", "file:///folder")
#: A validator for the URL of a database; an SQLite file and a local socket have no host.
DATABASE = either(
    url("postgresql+psycopg", "postgresql"),
    starts_with("postgresql+psycopg:///", "postgresql+psycopg:///name?host=/folder"),
    starts_with("sqlite:///", "sqlite:///file"),
).or_empty
#: A validator for the URL of ClamAV's daemon, on a host or at a local socket.
SCANNER = either(url("clamd"), starts_with("clamd:///", "clamd:///path")).or_empty
