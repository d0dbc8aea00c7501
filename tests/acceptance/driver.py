"""What stories share beyond the demonstration's client: refusals, and reading findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import pytest

from deploy.demo.client import Account, Refused, until


def refusal(act: Callable[..., Any], *args: Any, **kwargs: Any) -> Refused:
    """The refusal that an act must meet."""
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    return caught.value


def statuses(findings: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Rule → status of its finding."""
    return {finding["rule"]: finding["status"] for finding in findings}


def failing(findings: Iterable[Mapping[str, Any]]) -> set[str]:
    """The rules that fail."""
    return {rule for rule, status in statuses(findings).items() if status == "fail"}


def notice(account: Account, subject: str, kind: str) -> dict[str, Any]:
    """The notification of a kind about a subject, once it is there."""
    return until(
        lambda: next(
            (item for item in account.all("/notifications") if (item["subject"], item["type"]) == (subject, kind)), None
        ),
        f"{account} being told {kind} of {subject}",
    )
