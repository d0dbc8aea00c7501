"""The local services need their packages; missing ones are installed if that is possible."""

import pytest

from deploy.local_services import install


@pytest.fixture(scope="session", autouse=True)
def packages() -> None:
    install.ensure("rabbitmq-server", "postgresql")
