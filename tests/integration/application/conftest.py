"""A world for each test, on a database of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.integration.application.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path / "application.db")
