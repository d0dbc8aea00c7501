"""Fixtures that every test uses."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def pipes() -> Iterator[None]:
    """A command that a test runs in this process ends with its reader (`deploy.cli`); the test run must not."""
    before = signal.getsignal(signal.SIGPIPE)
    yield
    signal.signal(signal.SIGPIPE, before)
