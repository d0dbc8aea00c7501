"""The broker's declarations can be exported and imported into another broker, which then has the same exchanges, queues and
bindings."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import amqp
import pytest

from deploy.cluster.topology import bureau_account, declare_all, definitions
from deploy.local_services import RabbitMQ, install
from deploy.local_services.rabbitmq import VHOST
from services.kernel.amqp.connection import connected
from services.kernel.settings import Settings

COLUMNS = ("source_name", "destination_name", "routing_key")


def test_imported_definitions_are_what_declaring_makes_and_confine_a_bureau_to_its_own(tmp_path: Path) -> None:
    install.ensure("rabbitmq-server", "postgresql")
    with RabbitMQ(tmp_path / "broker") as broker:
        settings = replace(Settings(var=str(tmp_path / "var")), bus=broker.uri())
        # Given an empty broker, When the definitions are imported
        broker.import_definitions(definitions(settings, accounts=True))
        imported = _bindings(broker)
        # Then declaring all exchanges and queues finds each of them with the expected properties, and creates none
        declare_all(settings)
        assert imported == _bindings(broker)
        assert "review.450200" in broker.ctl("list_queues", "-p", VHOST, "name")
        # and an account without a password cannot log in
        city = bureau_account("450200")
        with pytest.raises((amqp.AccessRefused, OSError)), connected(broker.uri(city)):
            pass
        # and with a password, an account may read its own queue and no other queue
        broker.ctl("change_password", city, broker.secret(city))
        with connected(broker.uri(city)) as connection:
            connection.channel().basic_consume("review.450200")
            with pytest.raises(amqp.AccessRefused):
                connection.channel().basic_consume("review.450300")


def _bindings(broker: RabbitMQ) -> set[str]:
    return set(broker.ctl("list_bindings", "-p", VHOST, *COLUMNS).splitlines())
