"""Fixtures that every test uses."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def pipes() -> Iterator[None]:
    """Restore the SIGPIPE handler after a test. `deploy.cli` sets it so that a command ends when its reader does; a test that
    runs a command in this process must not end the test run."""
    before = signal.getsignal(signal.SIGPIPE)
    yield
    signal.signal(signal.SIGPIPE, before)
