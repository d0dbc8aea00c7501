"""A finding in the form in which versions store it, events contain it and answers show it. `FindingAnswer` is its schema."""

from __future__ import annotations

from typing import TypedDict


class StoredFinding(TypedDict):
    """The result of one rule. `observed` and `required` depend on the rule's check; texts are in Chinese and English."""

    rule: str
    group: str
    citation: str
    severity: str
    status: str
    observed: dict[str, object]
    required: dict[str, object]
    margin: str | None
    message: dict[str, str]
    reason: str | None
    title: dict[str, str] | None
    remedy: dict[str, str] | None
    at: str | None
