"""The exchanges, queues and permissions on the broker. One step of the deployment declares them, just as another step migrates
the databases; or they are written to a file that the broker imports."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from deploy import composition
from deploy.cluster.broker_definitions import BrokerDefinitions, BrokerPolicy, UserPermissions
from services.kernel.amqp.topology import DELIVERY_LIMIT, EVENT_QUEUE, declare, exchanges_known, queue_lengths
from services.kernel.messaging.signing import Signer, Verifier, new_key
from services.kernel.persistence.database import Database
from services.kernel.registry import PER_BUREAU
from services.kernel.runtime import ServiceRuntime
from services.kernel.settings import Settings
from services.policy.bureaus import BUREAUS

#: The account of the province's services.
PROVINCE_ACCOUNT = "province"
#: The name of the broker's policy for queues of events.
EVENTS_POLICY = "events"


@dataclass(frozen=True, slots=True)
class Permissions:
    """Regular expressions that say which exchanges and queues an account may configure, write and read."""

    configure: str
    write: str
    read: str


#: All permissions: the province's services declare the queues of all services and may use all of them.
ALL = Permissions(".*", ".*", ".*")


def bureau_account(code: str) -> str:
    """Return the name of the account with which a bureau's own services log in at the broker."""
    return f"bureau-{code}"


def bureau_permissions(code: str) -> Permissions:
    """Return the permissions that a bureau's own services need: on their queues, their exchange, and the default exchange for
    replies."""
    own_queues = "|".join(rf"{service}\.{code}" for service in PER_BUREAU)
    return Permissions(
        configure=rf"^rpc\.({own_queues})$", write=rf"^(amq\.default|{own_queues})$", read=rf"^(rpc\.)?({own_queues})$"
    )


def declare_all(settings: Settings) -> None:
    """Declare every exchange, queue and binding of every service and bureau, whichever deployment serves it. A bureau with a
    broker of its own gets no queue here, because no process would empty it. Repeating the declaration changes nothing."""
    declare(settings.bus, list(_shapes(settings)))


def events_waiting(settings: Settings) -> dict[str, int]:
    """Return the number of events in each queue that no process has taken yet."""
    return queue_lengths(settings.bus, _shapes(settings))


def declare_own(settings: Settings, services: Sequence[str]) -> None:
    """Declare only the exchanges and queues that these services have for the bureaus that this deployment serves: for the broker
    of a city."""
    declare(settings.bus, [shape(service, settings, composition.jurisdictions(settings)) for service in services])


def policies(settings: Settings) -> list[BrokerPolicy]:
    """Return the broker's policies for the queues of events, in the form that `rabbitmqctl import_definitions` reads. These
    policies make the broker keep an event even if connections were lost during its delivery many times."""
    names = [rf"{name}\.[A-Z0-9-]+" if name in PER_BUREAU else rf"{name}\.all" for name in composition.PARTIES]
    return [
        {
            "vhost": vhost_of(settings),
            "name": EVENTS_POLICY,
            "pattern": f"^({'|'.join(names)})$",
            "apply-to": "queues",
            "priority": 0,
            "definition": {"delivery-limit": DELIVERY_LIMIT},
        }
    ]


def definitions(settings: Settings, *, accounts: bool = False) -> BrokerDefinitions:
    """Return the declarations of `declare_all` in the form that `rabbitmqctl import_definitions` reads. `accounts` adds the
    province's and every bureau's account with their permissions and without a password, so that no login is possible until a
    password is set. Use it for a new broker only."""
    vhost = vhost_of(settings)
    shapes = list(_shapes(settings))
    bindings = [binding for shape in shapes for binding in shape.bindings()]
    written: BrokerDefinitions = {
        "vhosts": [{"name": vhost}],
        "exchanges": [
            {
                "name": name,
                "vhost": vhost,
                "type": "topic",
                "durable": True,
                "auto_delete": False,
                "internal": False,
                "arguments": {},
            }
            for name in sorted({name for shape in shapes for name in exchanges_known(shape)})
        ],
        "queues": [
            {"name": name, "vhost": vhost, "durable": True, "auto_delete": False, "arguments": EVENT_QUEUE}
            for name in sorted(binding.queue for binding in bindings)
        ],
        "bindings": [
            {
                "source": exchange,
                "vhost": vhost,
                "destination": binding.queue,
                "destination_type": "queue",
                "routing_key": key,
                "arguments": {},
            }
            for binding in bindings
            for exchange, key in sorted(set(binding.keys))
        ],
        "policies": policies(settings),
    }
    if accounts:
        bureaus = sorted(set(BUREAUS) - composition.federated(settings))
        may = {PROVINCE_ACCOUNT: ALL} | {bureau_account(code): bureau_permissions(code) for code in bureaus}
        written["users"] = [{"name": name, "password_hash": "", "tags": ""} for name in may]
        written["permissions"] = [permissions_of(name, vhost, permissions) for name, permissions in may.items()]
    return written


def permissions_of(user: str, vhost: str, permissions: Permissions) -> UserPermissions:
    """Return the entry that gives an account these permissions."""
    return {
        "user": user,
        "vhost": vhost,
        "configure": permissions.configure,
        "write": permissions.write,
        "read": permissions.read,
    }


def vhost_of(settings: Settings) -> str:
    """Return the virtual host that contains all exchanges and queues."""
    return unquote(urlsplit(settings.bus).path[1:]) or "/"


def _shapes(settings: Settings) -> Iterator[ServiceRuntime]:
    bureaus = [code for code in BUREAUS if code not in composition.federated(settings)]
    return (shape(service, settings, bureaus) for service in composition.PARTIES)


def shape(service: str, settings: Settings, bureaus: Sequence[str]) -> ServiceRuntime:
    """Return a service's runtime for these bureaus, only to list the events that the service receives: the runtime neither
    connects to a database nor signs anything."""
    return ServiceRuntime(
        composition.registry_of(service),
        Database(settings.database(service)),
        settings=settings,
        policies=None,
        signer=Signer(service, new_key()),
        verifier=Verifier({}),
        bureaus=bureaus,
        all_bureaus=tuple(BUREAUS),
    )
