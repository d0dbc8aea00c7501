"""Cities beside the province as deployments of their own: each can be upgraded, moved, isolated and joined independently."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import amqp
import psycopg
import pytest

from deploy.cli.verify import verify
from deploy.cluster.federation import link_account
from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.client import as_read
from deploy.local_services import install
from deploy.local_services.local_service import free_ports
from deploy.local_services.rabbitmq import VHOST
from services.kernel.amqp.client import Client
from services.kernel.amqp.connection import connected
from services.kernel.errors import Forbidden
from services.kernel.identity import PROVINCE, Actor
from services.kernel.messaging import rpc
from services.kernel.messaging.signing import Signer
from services.kernel.settings import Settings
from tests.deploy.own_broker import OwnBroker
from tests.deploy.scenario import World, accept, guichuang, handle, heard_from, received, rows, sent_to, settled, waiting
from tests.integration.bus.buses import eventually

#: Two cities with their own deployments, and one city that the province's deployment serves.
LIUZHOU, GUILIN, NANNING = "450200", "450300", "450100"
#: The number of times that the test cuts the link between the two brokers while the city and the province publish events.
ROUNDS = 3


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    install.ensure("rabbitmq-server", "postgresql")
    http = f"127.0.0.1:{free_ports(['http'])['http']}"
    settings = Settings(http=http, var=str(tmp_path_factory.mktemp("var")), seed="demo", rate_limit="0", log_level="WARNING")
    with LocalCluster(settings, [LIUZHOU, GUILIN]) as machine:
        yield World(machine)


def test_a_citys_deployment_holds_its_own_secrets_only(world: World) -> None:
    province, city = world.machine.province, world.machine.cities[LIUZHOU]
    # Given a city's process, When the test reads the process's environment variables
    told = Path(f"/proc/{city.processes[f'review-{LIUZHOU}'].pid}/environ").read_bytes().decode()
    # Then they contain no password of another party: for the broker, the databases or the object store
    broker, postgres, store = world.machine.broker, world.machine.postgres, world.machine.store
    others = [broker.secret("province"), broker.secret(f"bureau-{GUILIN}"), store.secret_key]
    others += [postgres.secret(name) for name in ("application", "review", "gateway", f"review_{GUILIN}")]
    assert [secret for secret in others if secret in told] == []
    assert broker.secret(f"bureau-{LIUZHOU}") in told and postgres.secret(f"review_{LIUZHOU}") in told
    # and the city's folder of keys has only the city's private key; the province has the public key that belongs to it
    keys = city.settings.keys_folder
    assert [path.name for path in keys.iterdir() if path.suffix in (".key", ".vault")] == [f"review.{LIUZHOU}.key"]
    public = f"review.{LIUZHOU}.pub"
    assert (province.settings.keys_folder / public).read_text() == (keys / public).read_text()


def test_a_city_is_upgraded_while_everybody_else_works(world: World) -> None:
    broker, city = world.machine.broker, world.machine.cities[LIUZHOU]
    case = world.application(LIUZHOU)
    reports = [world.report(LIUZHOU) for _ in range(3)]
    # Given a city whose own deployment is stopped for its upgrade
    city.stop()

    # When enterprises of the stopped city submit an application and reports, then the platform accepts them, and their events
    # wait on the broker for the city
    case.submit()
    for report in reports:
        report.submit()
    eventually(lambda: waiting(broker, f"review.{LIUZHOU}") == 1 + len(reports))
    # and a request for the city's inbox is refused immediately, with the number of seconds after which to repeat it
    refused = world.inbox(LIUZHOU)
    assert (refused.status, refused.body["code"]) == (503, "service_unavailable")
    assert int(refused.headers["Retry-After"]) > 0
    # and another city with its own deployment, a city that the province's deployment serves, and the province continue to work
    for place in (GUILIN, NANNING):
        report = world.report(place)
        report.submit()
        accept(report)
    assert world.is_served(PROVINCE)

    # When the city's database is migrated and the city is started again
    assert "at this version" in guichuang(city, "migrate", "review")
    city.start()

    # Then every event has arrived at the city exactly once, in the order of publication
    case.recommend()
    case.reaches("submitted", stage="formal_check")
    for report in reports:
        accept(report)
    settled(lambda: waiting(broker, f"review.{LIUZHOU}"))
    assert received(city.operators()) == sent_to(LIUZHOU, world.machine.operators())
    assert rows(city.operators(), "review", "SELECT count(*), count(DISTINCT subject) FROM cases") == [(4, 4)]


def test_a_pooled_city_moves_to_a_review_of_its_own_and_back_while_its_people_work(world: World) -> None:
    machine, chief = world.machine, world.people.chief(NANNING)
    pool, own = machine.province.operators(), machine.add_city(NANNING)
    of_city = f"SELECT id, subject FROM cases WHERE bureau = '{NANNING}' ORDER BY id"
    # Given a city that the province's review service serves, with a case that it has recommended, an open case, and a case with
    # the unsigned draft of an opinion
    case, waits, drafted, *others = world.application(NANNING), *(world.report(NANNING) for _ in range(6))
    for handed_in in (case, waits, drafted):
        handed_in.submit()
    case.recommend()
    opinion = {"stage": "acceptance", "outcome": "pass", "comment": "经审核，材料属实。", "waivers": []}
    path = f"/reviews/{drafted.review(NANNING, 'acceptance')}/opinions"
    draft = world.people.officer(NANNING).post(path, opinion)
    signing = as_read(draft) | {"Idempotency-Key": "signed-there"}

    with ThreadPoolExecutor(2) as clerks:
        # When the city moves to its own deployment while its people continue to work
        work = [clerks.submit(handle, report) for report in others[:2]]
        guichuang(machine.province, "move", NANNING, "--to", str(machine.folder / f"environment-{NANNING}"))
        own.start()
        for done in work:
            done.result()
        # Then the city's cases are only in its own deployment, and a chief signs the draft there with an idempotency key
        there = rows(own.operators(), "review", of_city)
        assert {subject for _, subject in there} >= {item.subject for item in (case, waits, drafted, *others[:2])}
        assert rows(pool, "review", of_city) == []
        signed = chief.post(path, opinion, headers=signing)

        # When the city moves back to the province's deployment
        work = [clerks.submit(handle, report) for report in others[2:]]
        moving = ("--from", str(machine.folder / f"environment-{NANNING}"), "--to", str(machine.folder / "environment"))
        guichuang(machine.province, "move", NANNING, *moving)
        own.stop()
        for done in work:
            done.result()

    # Then the province's database has all cases of the city again, each once, and the open cases can be handled
    back = rows(pool, "review", of_city)
    assert rows(own.operators(), "review", of_city) == []
    assert set(there) <= set(back)
    assert len({subject for _, subject in back}) == len(back)
    drafted.reaches("accepted")
    accept(waits)
    case.check()
    # and when the chief repeats the signature with the same idempotency key, the answer is the one that the city's deployment
    # gave, and every audit chain verifies
    assert chief.post(path, opinion, headers=signing) == signed
    assert verify(machine.operators()) == 0


def test_a_citys_account_reaches_nothing_of_anothers_on_the_broker(world: World) -> None:
    # Given the account with which a city's deployment logs in at the shared broker
    uri, own, others = world.machine.broker.uri(f"bureau-{LIUZHOU}"), f"review.{LIUZHOU}", f"review.{GUILIN}"
    acts: dict[str, Callable[[amqp.Channel], object]] = {
        "reading another's events": lambda channel: channel.basic_get(others),
        "consuming them": lambda channel: channel.basic_consume(others),
        "consuming the province's": lambda channel: channel.basic_consume("application.all"),
        "taking another's requests": lambda channel: channel.basic_consume(f"rpc.{others}"),
        "taking the province's": lambda channel: channel.basic_consume("rpc.application"),
        "emptying another's queue": lambda channel: channel.queue_purge(others),
        "deleting it": lambda channel: channel.queue_delete(others),
        "declaring it": lambda channel: channel.queue_declare(others, durable=True, auto_delete=False),
        "declaring another's request queue": lambda channel: channel.queue_declare(f"rpc.review.{NANNING}", auto_delete=True),
        "a queue of its own making": lambda channel: channel.queue_declare("", exclusive=True),
        "hearing what others are told": lambda channel: channel.queue_bind(own, "application", f"application.submitted.{GUILIN}"),
        "hearing what another says": lambda channel: channel.queue_bind(own, others, "#"),
        "sending what it says to another": lambda channel: channel.queue_bind(others, own, "#"),
        "loosing what another hears": lambda channel: channel.queue_unbind(
            others, "application", f"application.submitted.{GUILIN}"
        ),
        "declaring an exchange": lambda channel: channel.exchange_declare("mine", "topic"),
        "deleting another's exchange": lambda channel: channel.exchange_delete(others),
        "speaking for another": lambda channel: _publish(channel, others, f"review.recommended.{GUILIN}"),
        "speaking for a service of the province": lambda channel: _publish(channel, "application", f"application.held.{LIUZHOU}"),
    }
    # When the city's account attempts each action that it may not perform, then the broker refuses each of them
    with connected(uri) as connection:
        for act, attempt in acts.items():
            with pytest.raises(amqp.AccessRefused):
                attempt(connection.channel())
                pytest.fail(f"{act} was not refused")
        # and the account may use its own queues and its own exchange
        connection.channel().queue_declare(own, passive=True)
        _publish(connection.channel(), own, f"nothing.heard.{LIUZHOU}")


def test_what_any_account_may_send_by_the_default_exchange_has_no_effect(world: World) -> None:
    machine, city = world.machine, world.machine.cities[LIUZHOU]
    uri, guilin = machine.broker.uri(f"bureau-{LIUZHOU}"), machine.cities[GUILIN].operators()
    # Given an event that a service of the province published, When the account of a city puts copies of it, with other ids and
    # producers, directly into the queues of another city and of the province
    [body] = rows(machine.operators(), "evaluation", "SELECT body FROM outbox WHERE type = 'report.submitted' LIMIT 1")[0]
    forged = [
        json.loads(body) | {"id": f"forged-{number}", "producer": producer, "bureau": GUILIN, "subject": "report/forged-2026"}
        for number, producer in enumerate(("evaluation", f"review.{LIUZHOU}", ""))
    ]
    with connected(uri) as connection:
        for event in forged:
            for queue in (f"review.{GUILIN}", "application.all"):
                _publish(connection.channel(), "", queue, json.dumps(event))
    # Then the services that read these queues refuse the copies, and process later events
    report = world.report(GUILIN)
    report.submit()
    accept(report)
    for settings, service in ((guilin, "review"), (machine.operators(), "application")):
        assert rows(settings, service, "SELECT id FROM inbox WHERE id LIKE 'forged-%'") == []
    assert rows(guilin, "review", "SELECT count(*) FROM cases WHERE subject = 'report/forged-2026'") == [(0,)]

    # When the city signs a request in the name of a chief of the province with its only private key, then the service refuses the
    # request, because the key is not the gateway's
    key = (city.settings.keys_folder / f"review.{LIUZHOU}.key").read_text().strip()
    client = Client(uri)
    try:
        for name in (f"review.{LIUZHOU}", "gateway"):
            caller = rpc.Caller(client, Signer(name, key))
            with pytest.raises(Forbidden):
                caller.call("application", "list_applications", {}, Actor("chief", ("chief",), PROVINCE))
    finally:
        client.close()


def test_a_citys_database_user_opens_no_other_database(world: World) -> None:
    # Given the address and password with which a city's deployment connects to its own database
    own = world.machine.cities[LIUZHOU].operators().db_review.replace("+psycopg", "")
    psycopg.connect(own).close()
    # When the city connects to another party's database, then the database server refuses the connection
    for name in ("application", "review", "evaluation", "notification", "documents", "gateway", f"review_{GUILIN}"):
        with pytest.raises(psycopg.OperationalError, match="permission denied"):
            psycopg.connect(f"{own.rpartition('/')[0]}/{name}").close()


def test_a_city_gets_a_broker_of_its_own_and_loses_nothing_while_the_link_is_cut(world: World, tmp_path: Path) -> None:
    machine, shared = world.machine, world.machine.cities[GUILIN]
    with OwnBroker(world, GUILIN, tmp_path) as own:
        # Given a city whose review service is on the shared broker, When the city gets a broker of its own: its queues are
        # declared there, the links between the brokers are set up, and when the city's queue on the shared broker is empty, the
        # city's processes start on the new broker
        guichuang(own.deployment, "broker", "declare", "review", "gateway")
        own.join()
        _fetches_nothing_of_anothers(machine.broker.uri(link_account(GUILIN)))
        report = world.report(GUILIN)
        report.submit()
        settled(lambda: waiting(machine.broker, f"review.{GUILIN}"))
        shared.stop()
        late = world.report(GUILIN)
        late.submit()
        own.start()
        # Then the open case continues on the new broker, and so does the annual report that was submitted during the change
        for handed_in in (report, late):
            handed_in.people = own.people
            accept(handed_in)
        # and the province's broker stores nothing for the city any more: its queue is deleted, and the province's deployment does
        # not create it again
        own.retire()
        assert f"review.{GUILIN}" not in machine.broker.ctl("list_queues", "-p", VHOST, "name").split()
        # and each of the two gateways reaches only the services on its own broker
        assert world.inbox(GUILIN).status == 503
        assert own.people.officer(GUILIN).send("GET", "/consortia", patience=0).status == 503

        # When the link between the two brokers is cut repeatedly while the city and the province work
        case = world.application(GUILIN)
        case.submit()
        case.people = own.people
        reports = [world.report(GUILIN) for _ in range(ROUNDS)]
        for handed_in in reports:
            handed_in.people = own.people
            own.cut()
            handed_in.submit()
            own.mend()
            handed_in.review(GUILIN, "acceptance")  # This waits until the city has the report.
            own.cut()
            handed_in.opine(GUILIN, "acceptance")
            own.mend()
        case.recommend()
        # Then every event of the province arrives at the city, and every event of the city at the province, once
        for handed_in in reports:
            own.reaches(handed_in, "accepted")
        case.reaches("submitted", stage="formal_check")
        case.people = world.people
        case.check()
        # and no event is missing or duplicated at the city or at the province
        city, province = own.deployment.operators(), machine.operators()
        sent, came = sent_to(GUILIN, province), received(city)
        for producer in ("application", "evaluation"):
            assert Counter(came[producer]) == Counter(sent[producer])
        for service in ("application", "evaluation", "notification"):
            eventually(lambda service=service: heard_from(GUILIN, city, service, province))
        subjects = "SELECT count(*) - count(DISTINCT subject) FROM cases"
        assert rows(city, "review", subjects) == [(0,)]
        eventually(lambda: rows(city, "review", "SELECT count(*) FROM audit WHERE sealed IS NULL") == [(0,)])
        assert verify(machine.operators(GUILIN)) == 0

        # When the city gives up its own broker while it has an open case, and after the province's gateway has created an account
        # for a new officer of the city
        waits, last = world.report(GUILIN), world.report(GUILIN)
        waits.submit()
        new = {"username": "new-officer", "password": secrets.token_urlsafe(15), "roles": ["officer"], "bureau": GUILIN}
        world.people.role("operator").post("/accounts", new | {"name": "new-officer"})
        own.give_up()
        # Then the city's officials can handle the open case, and later cases, through the province's gateway
        last.submit()
        for handed_in in (waits, last):
            accept(handed_in)
        # and no event that the province ever addressed to the city is missing or duplicated, events about accounts included, and
        # no queue of the link is left on the province's broker
        said = Counter(id for ids in sent_to(GUILIN, province).values() for id in ids)
        eventually(lambda: Counter(id for ids in received(city).values() for id in ids if id in said) == said)
        assert rows(city, "review", subjects) == [(0,)]
        assert "federation: " not in machine.broker.ctl("list_queues", "-p", VHOST, "name")


def _fetches_nothing_of_anothers(uri: str) -> None:
    """Check that the account with which the city's broker fetches from the province's broker reaches nothing of another
    bureau."""
    own = f"federation: application -> guichuang-{GUILIN}"
    with connected(uri) as connection:
        channel, allowed = connection.channel(), ("application", f"application.submitted.{GUILIN}")
        channel.queue_bind(own, *allowed)
        channel.queue_unbind(own, *allowed)
        for exchange, key in (
            ("application", f"application.submitted.{LIUZHOU}"),
            ("application", "application.submitted.*"),
            ("application", "#"),
            ("gateway", f"account.changed.{GUILIN}"),
            (f"review.{LIUZHOU}", f"review.opened.{GUILIN}"),
        ):
            with pytest.raises(amqp.AccessRefused):
                connection.channel().queue_bind(own, exchange, key)
        with pytest.raises(amqp.AccessRefused):
            connection.channel().basic_get(f"review.{LIUZHOU}")
        with pytest.raises(amqp.AccessRefused):
            _publish(connection.channel(), "application", f"application.submitted.{GUILIN}")


def _publish(channel: amqp.Channel, exchange: str, key: str, body: str = "{}") -> None:
    """Publish a message; return when the broker has confirmed it."""
    channel.confirm_select()
    channel.basic_publish_confirm(amqp.Message(body, delivery_mode=2), exchange=exchange, routing_key=key)
