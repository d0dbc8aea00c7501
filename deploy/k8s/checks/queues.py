"""Check that the broker's manifests agree with the code: queues by their names, accounts by their permissions."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict, replace

from deploy import composition
from deploy.cluster.topology import ALL, EVENTS_POLICY, Permissions, bureau_account, bureau_permissions, policies
from deploy.k8s.checks.rendered import Document, Rendered, name_of
from services.kernel.messaging import rpc
from services.kernel.registry import PER_BUREAU
from services.kernel.settings import SERVICES, Settings
from services.policy.bureaus import BUREAUS, PROVINCE


def check(rendered: Rendered) -> Iterator[str]:
    try:
        served = composition.jurisdictions(
            replace(Settings(), jurisdictions=rendered.settings.get("GUICHUANG_JURISDICTIONS", "*"))
        )
    except ValueError as error:
        yield str(error)
        return
    if not served:
        yield "GUICHUANG_JURISDICTIONS leaves no bureau to serve"
    for document in rendered.of("ScaledObject"):
        yield from _triggers(document, served)
    yield from _accounts(rendered, served)
    yield from _policies(rendered)


def _policies(rendered: Rendered) -> Iterator[str]:
    """Yield a fault for each broker of an overlay that could drop an event because connections were lost."""
    [expected] = policies(replace(Settings(), bus="amqp:///guichuang"))
    stated = {
        "applyTo": expected["apply-to"],
        **{member: expected[member] for member in ("name", "vhost", "pattern", "priority", "definition")},
    }
    stated_policies = [document["spec"] for document in rendered.of("Policy") if name_of(document) == EVENTS_POLICY]
    for spec in stated_policies if rendered.of("RabbitmqCluster") else ():
        if {member: spec.get(member) for member in stated} != stated:
            yield f"Policy/{EVENTS_POLICY} is not what the code says: {spec}"
    if rendered.of("RabbitmqCluster") and not stated_policies:
        yield f"the broker has no Policy/{EVENTS_POLICY}: RabbitMQ 4 drops events after twenty lost connections"


def _triggers(document: Document, served: tuple[str, ...]) -> Iterator[str]:
    service = document["spec"]["scaleTargetRef"]["name"]
    bureaus: tuple[str | None, ...] = served if service in PER_BUREAU else (None,)
    expected = {rpc.queue_of(service, bureau) for bureau in bureaus}
    all_queues = {rpc.queue_of(name, bureau) for name in SERVICES for bureau in (BUREAUS if name in PER_BUREAU else (None,))} | {
        rpc.queue_of("gateway", None)
    }
    for trigger in document["spec"]["triggers"]:
        if trigger["type"] != "rabbitmq":
            continue
        queue_name = trigger["metadata"]["queueName"]
        as_pattern = trigger["metadata"].get("useRegex") == "true"
        queues_meant = {queue for queue in all_queues if re.search(queue_name, queue)} if as_pattern else {queue_name}
        if queues_meant != expected:
            yield f"ScaledObject/{name_of(document)} looks at {queue_name}; its processes take from {', '.join(sorted(expected))}"


def _accounts(rendered: Rendered, served: tuple[str, ...]) -> Iterator[str]:
    stated_permissions = {_whose(document): document["spec"]["permissions"] for document in rendered.of("Permission")}
    users = {name_of(document) for document in rendered.of("User")}
    expected = _expected(rendered, served) if rendered.of("RabbitmqCluster") else {}
    for account, permissions in expected.items():
        if account not in users or account not in stated_permissions:
            yield f"the broker has no account or no permissions for {account}"
        elif stated_permissions[account] != asdict(permissions):
            yield f"Permission of {account} is not what the code says: {stated_permissions[account]}"
    if strangers := set(stated_permissions) - users:
        yield f"permissions for accounts that are not there: {', '.join(sorted(strangers))}"


def _expected(rendered: Rendered, served: tuple[str, ...]) -> dict[str, Permissions]:
    """Return the expected accounts with their permissions. At the province's broker these are the cities' accounts, except those
    of cities with a broker of their own. At a city's own broker it is the city's account, with all permissions."""
    if PROVINCE not in served:
        return {bureau_account(code): ALL for code in served}
    cities = {code for code, bureau in BUREAUS.items() if bureau.tier == "city"}
    apart = set(rendered.settings.get("GUICHUANG_FEDERATED", "").split(","))
    return {bureau_account(code): bureau_permissions(code) for code in sorted(cities - apart)}


def _whose(permission: Document) -> str:
    spec = permission["spec"]
    return str(spec["user"] if "user" in spec else spec["userReference"]["name"])
