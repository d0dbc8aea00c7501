"""Find the names in a PromQL expression that must exist: its metrics, the labels that it matches, and the labels by which it
groups."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

_GROUPING = re.compile(r"\b(?:by|without|on|ignoring|group_left|group_right)\s*\(([^)]*)\)")
_SELECTOR = re.compile(r"\b([a-zA-Z_:][a-zA-Z0-9_:]*)\s*(?:\{([^}]*)\})?")
_MATCHER = re.compile(r"(\w+)\s*(?:=~|!~|!=|=)\s*\"(?:[^\"\\]|\\.)*\"")
_WORDS = {"and", "or", "unless", "bool", "offset", "by", "without", "on", "ignoring", "group_left", "group_right"}


@dataclass(frozen=True, slots=True)
class Asked:
    """The names in a PromQL expression. `metrics`: each metric with the labels that its selector matches; `grouped`: the labels
    in clauses such as `by`, `without` and `on`."""

    metrics: tuple[tuple[str, frozenset[str]], ...]
    grouped: frozenset[str]


def read(expression: str) -> Asked:
    """Return the metrics and labels that an expression names. Braces within a matcher's string are not supported, because no
    expression has them."""
    grouped = {label.strip() for inside in _GROUPING.findall(expression) for label in inside.split(",") if label.strip()}
    rest = _GROUPING.sub(" ", expression)
    rest = re.sub(r"\[[^\]]*\]", " ", rest)  # Remove the ranges, such as [5m].
    rest = re.sub(r"\boffset\s+\w+", " ", rest)
    metrics = []
    for found in _SELECTOR.finditer(rest):
        name, matchers = found.groups()
        follows = rest[found.end() :].lstrip()
        if name in _WORDS or (matchers is None and follows.startswith("(")):  # The name is that of a function or an aggregation.
            continue
        if rest[: found.start()].endswith(tuple("0123456789.")):
            continue
        metrics.append((name, frozenset(_MATCHER.findall(matchers or ""))))
    return Asked(tuple(metrics), frozenset(grouped))


def names(expressions: Iterable[str]) -> set[str]:
    """Return all metrics that the expressions name."""
    return {name for expression in expressions for name, _ in read(expression).metrics}
