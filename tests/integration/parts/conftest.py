"""The parts need their packages; where they are missing and may be installed, they are."""

import pytest

from deploy.local_services import install


@pytest.fixture(scope="session", autouse=True)
def packages() -> None:
    install.ensure()
