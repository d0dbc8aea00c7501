"""Fixtures: the evaluation service on a new database, and a function that announces a recognised consortium to it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.evaluation.registry import registry
from services.kernel.testing import FixedClock, ServiceHarness
from services.policy import Policies
from tests.integration.evaluation.scenario import recognise_in


@pytest.fixture
def bench(tmp_path: Path) -> ServiceHarness:
    clock = FixedClock(datetime(2026, 6, 9, 4, 0, tzinfo=UTC))
    return ServiceHarness(registry, tmp_path / "evaluation.db", policies=Policies.builtin(), clock=clock, signers=("documents",))


@pytest.fixture
def recognise(bench: ServiceHarness) -> Callable[..., str]:
    """Return a function that publishes the register's event that a consortium is recognised, and returns the consortium's id."""
    return recognise_in(bench)
