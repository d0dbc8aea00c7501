"""The resources with which each side's broker sends events to a city with a broker of its own, in the form of the topology
operator."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

from deploy.cluster.federation import Side, definitions
from deploy.cluster.topology import ALL, EVENTS_POLICY, bureau_account
from deploy.k8s.tenants import Tenant
from services.kernel.settings import Settings

Resource = dict[str, Any]
#: The broker to which the resources of a namespace belong.
CLUSTER = {"rabbitmqClusterReference": {"name": "rabbitmq"}}
VHOST = "guichuang"


def account(name: str, permissions: Mapping[str, str]) -> Iterator[Resource]:
    """Yield an account with its permissions; its password is in a Secret of the same name."""
    yield resource("User", name, {"importCredentialsSecret": {"name": f"guichuang-broker-{name}"}})
    yield resource("Permission", name, {"vhost": VHOST, "userReference": {"name": name}, "permissions": dict(permissions)})


def crossing(side: Side, city: Tenant) -> Iterator[Resource]:
    """Yield the resources of one side: the other side's account with its permissions, the upstream, and the exchanges that the
    upstream feeds."""
    if side == "city":
        yield from account(bureau_account(city.code), asdict(ALL))
    # The address in these definitions is not used: the real one is in a Secret.
    needed = definitions(replace(Settings(), bus=f"amqp:///{VHOST}"), side, city.code)
    for given in needed["permissions"]:
        yield from account(given["user"], {what: given[what] for what in ("configure", "write", "read")})
    for given in needed.get("topic_permissions", ()):
        may = {what: given[what] for what in ("exchange", "write", "read")}
        name = f"{given['user']}-{given['exchange']}"
        yield resource("TopicPermission", name, {"vhost": VHOST, "userReference": {"name": given["user"]}, "permissions": may})
    for given in needed["parameters"]:
        value = given["value"]
        fetch = {"ackMode": value["ack-mode"], "maxHops": value["max-hops"], "reconnectDelay": value["reconnect-delay"]}
        secret = {"uriSecret": {"name": f"guichuang-upstream-{given['name']}"}}
        yield resource("Federation", f"from-{given['name']}", {"name": given["name"], "vhost": VHOST} | secret | fetch)
    for given in needed["policies"]:
        # Left out here, because every broker has this policy from components/rabbitmq/cluster.
        if given["name"] == EVENTS_POLICY:
            continue
        said = {"name": given["name"], "vhost": VHOST, "pattern": given["pattern"], "applyTo": given["apply-to"]}
        more = {"priority": given["priority"], "definition": given["definition"]}
        yield resource("Policy", given["name"], said | more)


def resource(kind: str, name: str, spec: Mapping[str, Any]) -> Resource:
    """Return a resource of the topology operator."""
    return {"apiVersion": "rabbitmq.com/v1beta1", "kind": kind, "metadata": {"name": name}, "spec": {**spec, **CLUSTER}}
