"""Fixtures that the integration tests of several services share: a private PostgreSQL, started when the first test needs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from deploy.local_services import install
from deploy.local_services.postgres import Postgres
from services.kernel import audit
from services.kernel.testing import runtimes


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Yield the PostgreSQL server. Its `create_database(name)` returns the URL of a new database."""
    install.ensure("postgresql")
    with Postgres(tmp_path_factory.mktemp("postgres")) as part:
        yield part


@pytest.fixture(autouse=True)
def every_change_of_rows_has_its_entry(request: pytest.FixtureRequest) -> Iterator[None]:
    """After each test, check that the rows of every audited subject match the subject's last entry.

    If this fails, a command changed rows and recorded no entry about their subject (`record_change` or `audit_only`); or a column
    changes without an entry by design, and must be added to `without` in the service's `audited_rows.py`. A test that writes to
    the database itself is marked `writes_rows`.
    """
    runtimes.clear()
    yield
    for runtime in runtimes if request.node.get_closest_marker("writes_rows") is None else ():
        with runtime.database.snapshot() as session:
            flaws = audit.verify_rows(session, runtime.registry).flaws
        assert not flaws, "\n".join(map(str, flaws))
