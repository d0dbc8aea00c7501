"""A city with a broker of its own. Only events cross between the brokers, through RabbitMQ's exchange federation.

Each broker logs in at the other with an account that may fetch only the events that its own services receive. The province's
broker fetches from all of the city's exchanges; the city's broker fetches the events addressed to its bureau.
"""

from __future__ import annotations

import re
from typing import Literal

from deploy.cluster.broker_definitions import BrokerPolicy, LinkDefinitions, Upstream
from deploy.cluster.topology import Permissions, permissions_of, policies, shape, vhost_of
from services.kernel.registry import PER_BUREAU
from services.kernel.settings import Settings
from services.policy.bureaus import PROVINCE

Side = Literal["province", "city"]

#: Seconds between a broker's attempts to reach the other one.
RECONNECT_DELAY = 1
#: Producers whose events do not cross between the brokers: each side has its own gateway, because accounts belong to one side
#: only.
OWN = ("gateway",)


def cluster_name(code: str) -> str:
    """Return the name of a bureau's broker. It is part of the name of the queue in which the other broker stores events for this
    broker."""
    return "guichuang" if code == PROVINCE else f"guichuang-{code}"


def link_account(code: str) -> str:
    """Return the account with which a bureau's broker logs in at another broker."""
    return f"link-{code}"


def definitions(settings: Settings, side: Side, code: str) -> LinkDefinitions:
    """Return the definitions that one side's broker needs for events to cross between the province and a city, in the form that
    `rabbitmqctl import_definitions` reads. The account of the other side's broker must exist already."""
    own_code, other_code = (PROVINCE, code) if side == "province" else (code, PROVINCE)
    of_city, of_province = [f"{service}.{code}" for service in PER_BUREAU], _consumed_exchanges(settings, code)
    fetched, offered = (of_city, of_province) if side == "province" else (of_province, of_city)
    vhost = vhost_of(settings)
    fetch: Upstream = {"uri": settings.upstream, "ack-mode": "on-confirm", "max-hops": 1, "reconnect-delay": RECONNECT_DELAY}
    policy: BrokerPolicy = {
        "vhost": vhost,
        "name": f"from-{other_code}",
        "pattern": f"^({_any(fetched)})$",
        "apply-to": "exchanges",
        "priority": 0,
        "definition": {"federation-upstream": other_code},
    }
    guest = link_account(other_code)
    written: LinkDefinitions = {
        "global_parameters": [{"name": "cluster_name", "value": cluster_name(own_code)}],
        "parameters": [{"component": "federation-upstream", "vhost": vhost, "name": other_code, "value": fetch}],
        "policies": [policy, *policies(settings)],
        "permissions": [permissions_of(guest, vhost, _link_permissions(other_code, offered))],
    }
    if side == "province":
        written["topic_permissions"] = [
            {"user": guest, "vhost": vhost, "exchange": exchange, "write": "^$", "read": rf"^[a-z_.]+\.{code}$"}
            for exchange in offered
        ]
    return written


def _consumed_exchanges(settings: Settings, code: str) -> list[str]:
    """Return the exchanges of the province from which a city's services receive events."""
    bindings = [binding for service in PER_BUREAU for binding in shape(service, settings, [code]).bindings()]
    return sorted({exchange for binding in bindings for exchange, _ in binding.keys}.difference(OWN))


def _link_permissions(code: str, exchanges: list[str]) -> Permissions:
    """Return the permissions of the other side's broker. The other side's broker creates a queue and two exchanges with these
    names on this broker, in which events wait for it, and reads the `exchanges` that feed them."""
    waiting = rf"federation: ({_any(exchanges)}) -> {re.escape(cluster_name(code))}(:[^ ]*)?( [AB])?"
    return Permissions(configure=f"^{waiting}$", write=f"^{waiting}$", read=f"^({waiting}|{_any(exchanges)})$")


def _any(names: list[str]) -> str:
    return "|".join(re.escape(name) for name in names)
