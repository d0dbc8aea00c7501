"""Read the tables of a policy document. Every value is checked, and every mistake is reported with its path in the document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from services.input.dates import parse_day
from services.kernel.errors import Text
from services.policy.errors import PolicyError

_PERCENT = re.compile(r"(\d{1,3}(?:\.\d{1,6})?)\s?%")
_YUAN = re.compile(r"\d{1,15}\.\d{2}")


class Node:
    """One table of a policy document, with its path in the document. `close` refuses keys that no code has read, because they are
    spelling mistakes."""

    def __init__(self, value: object, path: str = "") -> None:
        if not isinstance(value, Mapping):
            raise PolicyError(path or "(document)", "应为一个表", "must be a table")
        self.value = value
        self.path = path
        self._read: set[str] = set()

    def at(self, key: str) -> str:
        """Return the path of one of this table's keys."""
        return f"{self.path}.{key}" if self.path else key

    def wrong(self, key: str, zh: str, en: str) -> PolicyError:
        """Return the error about one of this table's keys."""
        return PolicyError(self.at(key), zh, en)

    def has(self, key: str) -> bool:
        """Return whether the table has an optional key."""
        return key in self.value

    def take(self, key: str) -> Any:
        """Return the unchecked value of a required key. Raises PolicyError if the key is missing."""
        self._read.add(key)
        if key not in self.value:
            raise self.wrong(key, "缺少此项", "is missing")
        return self.value[key]

    def text(self, key: str) -> str:
        value = self.take(key)
        if not isinstance(value, str) or not value.strip():
            raise self.wrong(key, "应为非空文本", "must be a text that is not empty")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """Return a list of texts without repetition; empty if the key is missing."""
        if not self.has(key):
            return ()
        value = self.take(key)
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise self.wrong(key, "应为文本列表", "must be a list of texts")
        if len(set(value)) != len(value):
            raise self.wrong(key, "列表中有重复项", "names something twice")
        return tuple(value)

    def both(self, key: str) -> Text:
        """Return a text in Chinese and English."""
        node = self.node(key)
        text = Text(node.text("zh"), node.text("en"))
        node.close()
        return text

    def integer(self, key: str, minimum: int = 0) -> int:
        value = self.take(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < minimum:
            raise self.wrong(key, f"应为不小于 {minimum} 的整数", f"must be a whole number of at least {minimum}")
        return value

    def integers(self, key: str) -> tuple[int, ...]:
        value = self.take(key)
        if not isinstance(value, list) or not all(type(item) is int and item >= 0 for item in value):
            raise self.wrong(key, "应为非负整数列表", "must be a list of whole numbers")
        return tuple(value)

    def flag(self, key: str) -> bool:
        """Return a boolean; false if the key is missing."""
        value = self.take(key) if self.has(key) else False
        if not isinstance(value, bool):
            raise self.wrong(key, "应为 true 或 false", "must be true or false")
        return value

    def percent(self, key: str) -> Fraction:
        """Return a share written like "30%" or "2.5%", as an exact fraction between 0 and 1."""
        match = _PERCENT.fullmatch(str(self.take(key)))
        share = Fraction(match[1]) / 100 if match else None
        if share is None or share > 1:
            raise self.wrong(key, '应为 0% 至 100% 的百分比，如 "30%"', 'must be a percentage like "30%", at most 100%')
        return share

    def yuan(self, key: str) -> Decimal:
        """Return an amount of money that is written as a decimal string of yuan with two decimal places."""
        value = self.take(key)
        if not isinstance(value, str) or not _YUAN.fullmatch(value):
            raise self.wrong(key, '应为以元为单位、两位小数的文本，如 "30000000.00"', 'must be yuan like "30000000.00"')
        return Decimal(value)

    def day(self, key: str) -> date:
        value = self.take(key)
        if isinstance(value, str):
            with suppress(ValueError):
                return parse_day(value)
        raise self.wrong(key, "应为 YYYY-MM-DD 形式的日期文本", 'must be a date written as a text "YYYY-MM-DD"')

    def choice(self, key: str, options: tuple[str, ...]) -> str:
        value = self.text(key)
        if value not in options:
            raise self.wrong(key, f"应为其中之一：{'、'.join(options)}", f"must be one of {', '.join(options)}")
        return value

    def node(self, key: str) -> Node:
        """Return a table inside this one."""
        return Node(self.take(key), self.at(key))

    def named(self, key: str) -> Iterator[tuple[str, Any]]:
        """Yield the entries of a table whose keys are names, such as the pipelines."""
        node = self.node(key)
        for name in node.value:
            yield name, node.take(name)

    def rows(self, key: str, label: str = "id") -> Iterator[Node]:
        """Yield the tables of a list; the path of each contains its label. Two tables with the same label are refused."""
        yield from list_rows(self.take(key), self.at(key), label)

    def close(self) -> None:
        """Raise PolicyError for keys that were not read."""
        for key in self.value:
            if key not in self._read:
                raise self.wrong(key, "未知的项", "is not known here")


def list_rows(value: object, path: str, label: str) -> Iterator[Node]:
    """Yield the tables of a list found at `path`; the path of each contains its label.

    Raises PolicyError if the value is not a list, is empty, or two tables have the same label.
    """
    if not isinstance(value, list) or not value:
        raise PolicyError(path, "应为非空列表", "must be a list that is not empty")
    keys_seen: set[str] = set()
    for index, row in enumerate(value):
        name = Node(row, f"{path}[{index}]").text(label)
        if name in keys_seen:
            raise PolicyError(f"{path}[{name}]", "重复", "is given twice")
        keys_seen.add(name)
        yield Node(row, f"{path}[{name}]")
