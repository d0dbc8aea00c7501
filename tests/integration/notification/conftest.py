"""A notification service that may send to this machine, and a clock that tests can move."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from services.kernel import clock as real
from services.kernel.settings import Settings
from services.kernel.testing import ServiceHarness
from services.kernel.vault import Vault, new_vault_key
from services.notification.registry import registry


@pytest.fixture
def bench(tmp_path: Path) -> ServiceHarness:
    settings = Settings(seed="demo", webhook_allow="127.0.0.0/8")
    return ServiceHarness(registry, tmp_path / "notification.db", policies=None, settings=settings, vault=Vault(new_vault_key()))


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return a function that moves forward the real time that the code of the webhooks reads."""
    passed = timedelta()

    def advance(**delta: float) -> None:
        nonlocal passed
        passed += timedelta(**delta)

    def now() -> datetime:
        return real.real_now() + passed

    for module in ("delivery_job", "subscriptions"):
        monkeypatch.setattr(f"services.notification.webhooks.{module}.real_now", now)
    return advance
