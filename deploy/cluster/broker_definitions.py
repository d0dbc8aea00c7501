"""The types of the JSON that the platform writes for `rabbitmqctl import_definitions`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NotRequired, TypedDict

#: The arguments of a queue or binding, or the definition of a policy, by RabbitMQ's names.
Arguments = Mapping[str, str | int]


class VirtualHost(TypedDict):
    name: str


class Exchange(TypedDict):
    name: str
    vhost: str
    type: str
    durable: bool
    auto_delete: bool
    internal: bool
    arguments: Arguments


class Queue(TypedDict):
    name: str
    vhost: str
    durable: bool
    auto_delete: bool
    arguments: Arguments


class QueueBinding(TypedDict):
    source: str
    vhost: str
    destination: str
    destination_type: str
    routing_key: str
    arguments: Arguments


BrokerPolicy = TypedDict(
    "BrokerPolicy",
    {"vhost": str, "name": str, "pattern": str, "apply-to": str, "priority": int, "definition": Arguments},
)


class User(TypedDict):
    name: str
    password_hash: str
    tags: str


class UserPermissions(TypedDict):
    """Regular expressions that say which exchanges and queues the account may configure, write and read."""

    user: str
    vhost: str
    configure: str
    write: str
    read: str


class TopicPermissions(TypedDict):
    """Regular expressions for the routing keys that the account may write and read on an exchange."""

    user: str
    vhost: str
    exchange: str
    write: str
    read: str


Upstream = TypedDict("Upstream", {"uri": str, "ack-mode": str, "max-hops": int, "reconnect-delay": int})


class UpstreamParameter(TypedDict):
    component: str
    vhost: str
    name: str
    value: Upstream


class GlobalParameter(TypedDict):
    name: str
    value: str


class BrokerDefinitions(TypedDict):
    """All exchanges and queues of a broker and, for a new broker, its accounts."""

    vhosts: list[VirtualHost]
    exchanges: list[Exchange]
    queues: list[Queue]
    bindings: list[QueueBinding]
    policies: list[BrokerPolicy]
    users: NotRequired[list[User]]
    permissions: NotRequired[list[UserPermissions]]


class LinkDefinitions(TypedDict):
    """The definitions by which a broker fetches events from another broker, and lets the other broker fetch events from it."""

    global_parameters: list[GlobalParameter]
    parameters: list[UpstreamParameter]
    policies: list[BrokerPolicy]
    permissions: list[UserPermissions]
    topic_permissions: NotRequired[list[TopicPermissions]]
