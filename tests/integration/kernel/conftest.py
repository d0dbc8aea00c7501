"""The made-up service on a fresh database, and events for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from services.kernel.envelope import Event
from services.kernel.ids import new_id
from services.kernel.testing import FixedClock
from tests.integration.kernel.made import OFFICER, Made


@pytest.fixture
def made(tmp_path: Path) -> Made:
    return Made(tmp_path / "a.db")


@pytest.fixture
def arriving() -> Callable[..., str]:
    """Bodies of events from the review service of a bureau."""

    def body(n: str, *, subject: str = "thing/1", sequence: int = 1) -> str:
        event = Event(
            id=new_id(),
            type="thing.done",
            version=1,
            occurred_at=FixedClock().now(),
            producer="review.450200",
            subject=subject,
            bureau="450200",
            recommender="450200",
            sequence=sequence,
            actor=OFFICER.stamp(),
            correlation_id="c",
            causation_id=None,
            data={"n": n},
        )
        return event.to_json()

    return body
