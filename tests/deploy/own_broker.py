"""A city that gets a broker and a gateway of its own, by the steps that its operators would take
(docs/operations/federation.md)."""

from __future__ import annotations

import json
import re
import secrets
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

from deploy.cluster import topology
from deploy.cluster.deployment import Deployment, city_seats, exchange_public_keys, gateway_seats
from deploy.cluster.federation import Side, cluster_name, link_account
from deploy.demo.client import Server, until
from deploy.demo.oversight import AnnualReport
from deploy.demo.people import PROVINCE, People
from deploy.local_services import RabbitMQ
from deploy.local_services.local_service import free_ports
from deploy.local_services.rabbitmq import VHOST
from tests.deploy.link import Link
from tests.deploy.scenario import World, guichuang, rows, settled, waiting
from tests.integration.bus.buses import eventually


class OwnBroker:
    """A city's own broker, and the city's deployment on this broker, which replaces the city's deployment on the shared broker.
    Links that a test can cut carry the messages from each broker to the other, and the requests for the province's pages."""

    def __init__(self, world: World, city: str, folder: Path) -> None:
        self.city = city
        self._machine = world.machine
        self.broker = RabbitMQ(folder / "rabbitmq")
        http = int(self._machine.settings.http.rpartition(":")[2])
        self._links = {
            "city": Link(self._machine.broker.port("amqp")),
            "province": Link(self.broker.port("amqp")),
            "pages": Link(http),
        }
        #: The address at which the city's people reach the province's platform. It leads over a link of
        #: its own, which `cut` cuts together with the links between the brokers.
        self.province_url = f"http://127.0.0.1:{self._links['pages'].port}"
        before = self._machine.cities[city].settings
        settings = replace(
            before,
            http=f"127.0.0.1:{free_ports(['http'])['http']}",
            bus=self.broker.uri(topology.bureau_account(city)),
            keys=str(before.keys_folder),
            var=str(folder),
            seed="",
            province_url=self.province_url,
        )
        self.console = f"http://{settings.http}"
        seats = (*city_seats(city), *gateway_seats(city))
        self.deployment = Deployment(f"own-{city}", seats, settings, self._machine.postgres, folder)
        self.people: People
        self._joined: str

    def __enter__(self) -> Self:
        for link in self._links.values():
            link.mend()
        self.broker.start()
        self.broker.wait_ready()
        account = topology.bureau_account(self.city)
        self.broker.add_user(account)
        self.broker.set_permissions(account, **asdict(topology.ALL))
        # The city's deployment no longer trusts the province's gateway; it trusts its own new gateway.
        (self.deployment.settings.keys_folder / "gateway.pub").unlink()
        self.deployment.prepare()
        exchange_public_keys(self._machine.province, self.deployment)
        return self

    def __exit__(self, *_: object) -> None:
        self.deployment.stop()
        self.cut()
        self.broker.stop()

    def join(self) -> None:
        """Configure each broker to fetch events from the other; return when the links in both directions run."""
        self._joined = datetime.now(UTC).isoformat()
        for broker, guest in ((self.broker, link_account(PROVINCE)), (self._machine.broker, link_account(self.city))):
            broker.enable("rabbitmq_federation")
            broker.add_user(guest)
        self._teach("province", self._machine.province, self._machine.broker, self.broker.secret(link_account(PROVINCE)))
        self._teach("city", self.deployment, self.broker, self._machine.broker.secret(link_account(self.city)))
        eventually(lambda: _running(self.broker) == 2 and _running(self._machine.broker) == 1)

    def _teach(self, side: Side, deployment: Deployment, broker: RabbitMQ, password: str) -> None:
        guest = link_account(self.city if side == "city" else PROVINCE)
        upstream = f"amqp://{guest}:{password}@127.0.0.1:{self._links[side].port}/{VHOST}"
        printed = guichuang(deployment, "broker", "federation", side, self.city, GUICHUANG_UPSTREAM=upstream)
        broker.import_definitions(json.loads(printed))

    def start(self) -> None:
        """Start the city's deployment on its own broker, and create the accounts of an officer and a chief at its own gateway."""
        self.deployment.start()
        server = Server(f"http://{self.deployment.settings.http}")
        until(server.ready, "the city's own gateway", seconds=120)
        people = []
        for role in ("officer", "chief"):
            account = {"username": f"own-{role}", "password": secrets.token_urlsafe(15), "roles": [role], "bureau": self.city}
            words = ("accounts", "create", account["username"], "--role", role, "--bureau", self.city)
            guichuang(self.deployment, *words, given=f"{account['password']}\n")
            people.append(account | {"organisation": None})
        self.people = People(server, people)

    def login(self, role: str) -> tuple[str, str]:
        """Return name and password of the account with this role at the city's gateway."""
        return next((entry["username"], entry["password"]) for entry in self.people.listed if role in entry["roles"])

    def retire(self) -> None:
        """Delete the city's queue on the province's broker. The province's settings then list the city as federated, so that no
        later declaration creates the queue again."""
        province = self._machine.province
        province.settings = replace(province.settings, federated=self.city)
        self._machine.broker.ctl("delete_queue", "-p", VHOST, f"review.{self.city}")
        guichuang(province, "broker", "declare")

    def give_up(self) -> None:
        """Return the city's review service to the province's broker, stop the city's own broker, and remove everything that
        belongs to the link."""
        province, shared = self._machine.province, self._machine.cities[self.city]
        province.settings = replace(province.settings, federated="")
        guichuang(province, "broker", "declare")
        settled(lambda: waiting(self.broker, f"review.{self.city}"))
        self.deployment.stop()
        settled(lambda: waiting(self.broker, f"federation: review.{self.city} -> {cluster_name(PROVINCE)}"))
        for file in ("gateway.key", "gateway.vault", "gateway.pub"):
            (shared.settings.keys_folder / file).unlink()
        exchange_public_keys(province, shared)
        shared.start()
        # While the city had its own broker, it received none of the province's changes of accounts, because the events of
        # gateways do not cross the link. So the province publishes them again.
        guichuang(province, "events", "replay", "--since", self._joined)
        self.broker.stop()
        here = self._machine.broker
        here.ctl("clear_policy", "-p", VHOST, f"from-{self.city}")
        here.ctl("clear_parameter", "-p", VHOST, "federation-upstream", self.city)
        for queue in here.ctl("list_queues", "-p", VHOST, "name").splitlines():
            if queue.startswith("federation: "):
                here.ctl("delete_queue", "-p", VHOST, queue)

    def reaches(self, report: AnnualReport, status: str) -> None:
        """Wait until the report has this status. Raises AssertionError if that takes too long; its message contains the state of
        the links, and of the events about the report on both sides."""
        try:
            report.reaches(status)
        except TimeoutError as error:
            city, province = self.deployment.operators(), self._machine.operators()
            about = [f"province {self._machine.broker.ctl('federation_status')}", f"city {self.broker.ctl('federation_status')}"]
            sent = "SELECT type, sequence, published_at FROM outbox WHERE subject = :subject ORDER BY position"
            came = "SELECT type, sequence, state, attempts, error FROM inbox WHERE subject = :subject ORDER BY position"
            for settings, service in ((city, "review"), (province, "evaluation")):
                for table, statement in (("outbox", sent), ("inbox", came)):
                    about.append(f"{service} {table} {rows(settings, service, statement, subject=report.subject)}")
            raise AssertionError("\n".join([str(error), *about])) from error

    def cut(self) -> None:
        for link in self._links.values():
            link.cut()

    def mend(self) -> None:
        for link in self._links.values():
            link.mend()


def _running(broker: RabbitMQ) -> int:
    return len(re.findall(r"status => running", broker.ctl("federation_status")))
