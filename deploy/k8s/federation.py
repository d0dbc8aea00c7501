"""The resources with which each side's broker sends events to a city with a broker of its own, in the form of the topology
operator."""

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
    """Return a resource of the topology operator."""
    return {"apiVersion": "rabbitmq.com/v1beta1", "kind": kind, "metadata": {"name": name}, "spec": {**spec, **CLUSTER}}
