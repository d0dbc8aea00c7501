"""What integration tests of several services share: a private PostgreSQL, started when the first test asks for it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.parts import install
from deploy.parts.postgres import Postgres


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """`create_database(name)` answers the URL of a fresh database."""
    install.ensure()
    with Postgres(tmp_path_factory.mktemp("postgres")) as part:
        yield part
