"""The content of a tenant's overlay: its namespace, its version, its components, and the tenant's own values in them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import yaml

from deploy.cluster.federation import cluster_name
from deploy.k8s.manifest import Labels, Overlay, Patch
from deploy.k8s.migration_job import migrations_name
from deploy.k8s.placing import of_cluster, of_quota, patch
from deploy.k8s.tenants import NAMESPACE, Table, Tenant

#: The manifest of a broker; the province's and every city's broker use it.
BROKER = Path(__file__).parent / "components/rabbitmq/cluster/cluster.yaml"
#: The components of all tenants.
ALL = ("network-policies",)
#: The annotation that makes KEDA keep the number of processes that it states, without scaling.
PAUSED = "autoscaling.keda.sh/paused-replicas"
#: The gateway's address for a console of the same deployment, and for a city's own console, which uses the province's gateway.
GATEWAY, PROVINCES_GATEWAY = "http://gateway", f"http://gateway.{NAMESPACE}.svc"


def province_overlay(table: Table) -> Overlay:
    """Return the province's overlay: all services, including the review service for several bureaus; the broker, unless it is
    outside the cluster; the public ingress."""
    tenant = table.province
    parts = [*ALL, *_database(tenant, "province"), "external/store", "ingress", "ingress-api", "operator"]
    parts += [f"{table.scaling}/province", "hpa/gateway", "hpa/console"]
    parts += ["rabbitmq/province", "broker-client"] if table.broker == "cluster" else ["external/broker"]
    parts += ["authorities/province"] if table.authorities else []
    parts += _monitoring(table, tenant, broker=table.broker == "cluster")
    parts += ["monitoring/rules"] if table.monitoring else []
    own_settings = {
        "GUICHUANG_JURISDICTIONS": table.jurisdictions,
        "GUICHUANG_PUBLIC_URL": f"https://{tenant.host}",
        "GUICHUANG_S3_PUBLIC": table.files,
        "GUICHUANG_CONSOLE_API": GATEWAY,
    }
    patches = [*_shared_patches(table, tenant), *_names(tenant.host), _outside("store", table)]
    if apart := ",".join(city.code for city in table.federated):
        own_settings["GUICHUANG_FEDERATED"] = apart
        patches.append(_told("migrations", "GUICHUANG_FEDERATED", apart))
    patches += [_outside("broker", table)] if table.broker == "external" else []
    patches += _scaling(table, tenant, queue=f"^rpc[.]review[.]({'|'.join(table.pooled)})$")
    overlay = _overlay(table, tenant, "province", parts, own_settings, patches)
    overlay["resources"] += [f"from-{city.code}.yaml" for city in table.federated]
    return overlay


def bureau_overlay(table: Table, tenant: Tenant) -> Overlay:
    """Return a city's overlay: its own review service and, if it has one, its own console. While the province serves the city, no
    review process runs."""
    if tenant.own_broker:
        return _apart(table, tenant)
    parts = [*ALL, *_database(tenant, "bureau")]
    parts += ["broker-client"] if table.broker == "cluster" else ["external/broker"]
    parts += ["authorities/bureau"] if table.authorities else []
    parts += _monitoring(table, tenant, broker=False)
    patches = [*_shared_patches(table, tenant)]
    patches += [_outside("broker", table)] if table.broker == "external" else []
    parts.append(f"{table.scaling}/bureau")
    patches += _scaling(table, tenant, queue=f"rpc.review.{tenant.code}")
    own_settings = {"GUICHUANG_JURISDICTIONS": tenant.code}
    if tenant.own_console:
        parts += ["own-console", "external/store", "ingress", "hpa/console"]
        own_settings |= {"GUICHUANG_S3_PUBLIC": table.files, "GUICHUANG_CONSOLE_API": PROVINCES_GATEWAY}
        patches += [*_names(tenant.host), _outside("store", table)]
    overlay = _overlay(table, tenant, "bureau", parts, own_settings, patches)
    if not tenant.own_review:
        overlay["replicas"] = [{"name": "review", "count": 0}]
    return overlay


def _apart(table: Table, tenant: Tenant) -> Overlay:
    """Return the overlay of a city with a broker, a gateway and a console of its own."""
    parts = [*ALL, *_database(tenant, "bureau"), "backup/own-broker", "own-broker", "broker-client", "ingress", "ingress-api"]
    parts += ["own-broker/database"] if tenant.database == "cnpg" else []
    parts += ["authorities/province"] if table.authorities else []
    parts += [f"{table.scaling}/bureau", "hpa/gateway", "hpa/console", *_monitoring(table, tenant, broker=True)]
    own_settings = {
        "GUICHUANG_JURISDICTIONS": tenant.code,
        "GUICHUANG_PUBLIC_URL": f"https://{tenant.host}",
        "GUICHUANG_PROVINCE_URL": f"https://{table.province.host}",
        "GUICHUANG_CONSOLE_API": GATEWAY,
    }
    patches = [*_shared_patches(table, tenant), *_names(tenant.host), *_own_broker(table, tenant)]
    patches += _scaling(table, tenant, queue=f"rpc.review.{tenant.code}")
    overlay = _overlay(table, tenant, "bureau", parts, own_settings, patches)
    overlay["resources"].append(f"from-{table.province.code}.yaml")
    return overlay


def _own_broker(table: Table, tenant: Tenant) -> Iterator[Patch]:
    server = f"rabbitmq.{tenant.namespace}.svc"
    path = "/spec/egress/0/to/0/namespaceSelector/matchLabels/kubernetes.io~1metadata.name"
    yield patch("NetworkPolicy", "to-broker", {path: tenant.namespace})
    yield _told("migrations", "GUICHUANG_JURISDICTIONS", tenant.code)
    # The name of the queue that waits for this broker on the other side contains the broker's cluster name, not its host name.
    configuration = yaml.safe_load(BROKER.read_text(encoding="utf-8").partition("\n---")[0])["spec"]["rabbitmq"][
        "additionalConfig"
    ]
    renamed = configuration.replace(
        f"cluster_name = {cluster_name(table.province.code)}\n", f"cluster_name = {cluster_name(tenant.code)}\n"
    )
    yield patch("RabbitmqCluster", "rabbitmq", {"/spec/rabbitmq/additionalConfig": renamed})
    if table.monitoring:
        server_names = {f"/spec/podMetricsEndpoints/{index}/tlsConfig/serverName": server for index in (0, 1)}
        yield patch("PodMonitor", "rabbitmq", server_names)


def _told(job: str, name: str, value: str) -> Patch:
    """Return a patch that sets one setting for the first container of a Job. That container does not read the tenant's shared
    settings, because a Job cannot be changed when those settings change."""
    return patch("Job", job, {"/spec/template/spec/containers/0/env/-": {"name": name, "value": value}}, op="add")


def _overlay(
    table: Table, tenant: Tenant, tier: str, parts: list[str], settings: dict[str, str], patches: list[Patch]
) -> Overlay:
    all_settings = table.settings | settings | tenant.settings
    parts = [*parts, *(["quota"] if tenant.quota else [])]
    patches = [*patches, *of_cluster(table), *of_quota(tenant)]
    labels: list[Labels] = [{"pairs": {"guichuang/bureau": tenant.code}, "includeTemplates": True}]
    image = _image(table.image, tenant)
    job = migrations_name(
        tenant.version,
        tier,
        parts,
        [patch_of_job for patch_of_job in patches if patch_of_job["target"]["kind"] == "Job"],
        [labels, image],
    )
    renamed: Patch = {**patch("Job", "migrations", {"/metadata/name": job}), "options": {"allowNameChange": True}}
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": tenant.namespace,
        "resources": [f"../../tiers/{tier}"],
        "components": [f"../../components/{part}" for part in parts],
        "labels": labels,
        "images": [image],
        "configMapGenerator": [
            {"name": "guichuang", "behavior": "merge", "literals": [f"{name}={value}" for name, value in all_settings.items()]}
        ],
        "patches": [renamed, *patches],
    }


def _image(name: str, tenant: Tenant) -> dict[str, str]:
    """Return the image of a tenant, by its digest if one is given: a registry then cannot deliver a different image."""
    digest = tenant.digest or (tenant.version if tenant.version.startswith("sha256:") else "")
    return {"name": "guichuang", "newName": name} | ({"digest": digest} if digest else {"newTag": tenant.version})


def _database(tenant: Tenant, tier: str) -> list[str]:
    path = {"cnpg": f"postgres/{tier}", "external": "external/database", "shared": "shared-database"}
    return [path[tenant.database], f"backup/{tier}"]


def _monitoring(table: Table, tenant: Tenant, *, broker: bool) -> list[str]:
    if not table.monitoring:
        return []
    parts_kept = {"database": tenant.database == "cnpg", "broker": broker}
    return ["monitoring/processes", *(f"monitoring/{part}" for part, is_included in parts_kept.items() if is_included)]


def _shared_patches(table: Table, tenant: Tenant) -> Iterator[Patch]:
    if tenant.database == "cnpg":
        archive = f"s3://guichuang-backups/{tenant.overlay}"
        path = {"/spec/configuration/endpointURL": table.backups, "/spec/configuration/destinationPath": archive}
        yield patch("ObjectStore", "guichuang-db", path)
    elif tenant.database == "external":
        yield _outside("database", table)


def _names(host: str) -> Iterator[Patch]:
    yield patch("Gateway", "public", {"/spec/listeners/0/hostname": host, "/spec/listeners/1/hostname": host})
    yield patch("HTTPRoute", ".*", {"/spec/hostnames/0": host})


def _outside(what: str, table: Table) -> Patch:
    outside = table.outside[what]
    networks = [{"ipBlock": {"cidr": network}} for network in outside.networks]
    return patch("NetworkPolicy", f"to-{what}", {"/spec/egress/0/to": networks, "/spec/egress/0/ports/0/port": outside.port})


def _scaling(table: Table, tenant: Tenant, queue: str) -> Iterator[Patch]:
    fewest, largest = tenant.replicas
    if table.scaling == "hpa":
        yield patch("HorizontalPodAutoscaler", "review", {"/spec/minReplicas": fewest, "/spec/maxReplicas": largest})
        return
    configuration = {
        "/spec/minReplicaCount": fewest,
        "/spec/maxReplicaCount": largest,
        "/spec/triggers/0/metadata/queueName": queue,
    }
    series = f'{{namespace="{tenant.namespace}", service="review"}}'
    configuration["/spec/triggers/1/metadata/query"] = f"max(guichuang_inbox_lag_seconds{series})"
    published = f"min_over_time(max(guichuang_bus_connected{series})[3m:30s])"
    configuration["/spec/triggers/2/metadata/query"] = f"max(guichuang_outbox_age_seconds{series}) * {published}"
    yield patch("ScaledObject", "review", configuration)
    if not tenant.own_review:
        # The scaler stays in the overlay and is paused. If it were left out, it would remain in the cluster and start the
        # processes that must not run.
        yield patch("ScaledObject", "review", {f"/metadata/annotations/{PAUSED.replace('/', '~1')}": "0"}, op="add")
    addresses = {f"/spec/triggers/{index}/metadata/serverAddress": table.prometheus for index in (1, 2)}
    yield patch("ScaledObject", ".*", addresses)
