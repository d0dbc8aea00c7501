"""The resources with which each side's broker sends events to a city with a broker of its own, in the form that RabbitMQ's
topology operator for Kubernetes reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, replace

from deploy.cluster.federation import Side, definitions
from deploy.cluster.topology import ALL, EVENTS_POLICY, bureau_account
from deploy.k8s.manifest import Resource
from deploy.k8s.tenants import Tenant
from services.kernel.settings import Settings

#: The broker to which the resources of a namespace belong.
CLUSTER = {"rabbitmqClusterReference": {"name": "rabbitmq"}}
VHOST = "guichuang"


def account(name: str, permissions: Mapping[str, str]) -> Iterator[Resource]:
    """Yield a broker account and its permissions; the account's password is in a Secret that is named after it."""
    yield resource("User", name, {"importCredentialsSecret": {"name": f"guichuang-broker-{name}"}})
    yield resource("Permission", name, {"vhost": VHOST, "userReference": {"name": name}, "permissions": dict(permissions)})


def crossing(side: Side, city: Tenant) -> Iterator[Resource]:
    """Yield the resources of one side: the account of the other side's broker with its permissions, the upstream (the broker from
    which events are fetched), and the policies that name the exchanges to be fed."""
    if side == "city":
        yield from account(bureau_account(city.code), asdict(ALL))
    # The broker's address in these definitions is not used: the real address is in a Secret.
    needed = definitions(replace(Settings(), bus=f"amqp:///{VHOST}"), side, city.code)
    for permission in needed["permissions"]:
        may = {"configure": permission["configure"], "write": permission["write"], "read": permission["read"]}
        yield from account(permission["user"], may)
    for topic in needed.get("topic_permissions", ()):
        may = {"exchange": topic["exchange"], "write": topic["write"], "read": topic["read"]}
        name = f"{topic['user']}-{topic['exchange']}"
        yield resource("TopicPermission", name, {"vhost": VHOST, "userReference": {"name": topic["user"]}, "permissions": may})
    for upstream in needed["parameters"]:
        value = upstream["value"]
        fetch = {"ackMode": value["ack-mode"], "maxHops": value["max-hops"], "reconnectDelay": value["reconnect-delay"]}
        secret = {"uriSecret": {"name": f"guichuang-upstream-{upstream['name']}"}}
        yield resource("Federation", f"from-{upstream['name']}", {"name": upstream["name"], "vhost": VHOST, **secret, **fetch})
    for policy in needed["policies"]:
        # Left out here, because every broker has this policy from components/rabbitmq/cluster.
        if policy["name"] == EVENTS_POLICY:
            continue
        policy_spec = {"name": policy["name"], "vhost": VHOST, "pattern": policy["pattern"], "applyTo": policy["apply-to"]}
        more = {"priority": policy["priority"], "definition": policy["definition"]}
        yield resource("Policy", policy["name"], {**policy_spec, **more})


def resource(kind: str, name: str, spec: Resource) -> Resource:
    """Return a resource that RabbitMQ's topology operator reads."""
    return {"apiVersion": "rabbitmq.com/v1beta1", "kind": kind, "metadata": {"name": name}, "spec": {**spec, **CLUSTER}}
