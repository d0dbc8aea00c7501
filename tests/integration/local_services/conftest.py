"""The local services need Debian packages; missing packages are installed if that is possible."""

import pytest

from deploy.local_services import install


@pytest.fixture(scope="session", autouse=True)
def packages() -> None:
    install.ensure("rabbitmq-server", "postgresql")
