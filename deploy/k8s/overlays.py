"""What a tenant's overlay says: where, which version, of which parts, and what is its own in them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import yaml

from deploy.k8s.tenants import Table, Tenant

#: What all tenants have.
ALL = ("network-policies",)


def province_overlay(table: Table) -> dict[str, Any]:
    """All services, the pooled review among them; the broker, unless it lives elsewhere; the way in for the public."""
    tenant = table.province
    parts = [*ALL, *_database(tenant, "province"), "external/store", "ingress", f"{table.scaling}/province", "hpa/gateway"]
    parts += ["rabbitmq", "broker-client"] if table.broker == "cluster" else ["external/broker"]
    parts += ["authorities/province"] if table.authorities else []
    parts += _monitoring(table, tenant)
    parts += ["monitoring/broker"] if table.monitoring and table.broker == "cluster" else []
    own = {
        "GUICHUANG_JURISDICTIONS": table.jurisdictions,
        "GUICHUANG_PUBLIC_URL": f"https://{table.host}",
        "GUICHUANG_S3_PUBLIC": table.files,
    }
    patches = [*_shared_patches(table, tenant), *_names(table.host), _outside("store", table)]
    patches += [_outside("broker", table)] if table.broker == "external" else []
    patches += _scaling(table, tenant, queue=f"^rpc[.]review[.]({'|'.join(table.pooled)})$")
    return _overlay(table, tenant, "province", parts, own, patches)


def bureau_overlay(table: Table, tenant: Tenant) -> dict[str, Any]:
    """A city's own review; none runs while the province serves the city."""
    parts = [*ALL, *_database(tenant, "bureau")]
    parts += ["broker-client"] if table.broker == "cluster" else ["external/broker"]
    parts += ["authorities/bureau"] if table.authorities else []
    parts += _monitoring(table, tenant)
    patches = [*_shared_patches(table, tenant)]
    patches += [_outside("broker", table)] if table.broker == "external" else []
    if tenant.own_review:
        parts.append(f"{table.scaling}/bureau")
        patches += _scaling(table, tenant, queue=f"rpc.review.{tenant.code}")
    overlay = _overlay(table, tenant, "bureau", parts, {"GUICHUANG_JURISDICTIONS": tenant.code}, patches)
    if not tenant.own_review:
        overlay["replicas"] = [{"name": "review", "count": 0}]
    return overlay


def _overlay(
    table: Table, tenant: Tenant, tier: str, parts: list[str], settings: dict[str, str], patches: list[dict[str, Any]]
) -> dict[str, Any]:
    all_settings = table.settings | settings | tenant.settings
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": tenant.namespace,
        "resources": [f"../../tiers/{tier}"],
        "components": [f"../../components/{part}" for part in parts],
        "labels": [{"pairs": {"guichuang/bureau": tenant.code}, "includeTemplates": True}],
        "images": [_image(table.image, tenant.version)],
        "configMapGenerator": [
            {"name": "guichuang", "behavior": "merge", "literals": [f"{name}={value}" for name, value in all_settings.items()]}
        ],
        "patches": patches,
    }


def _image(name: str, version: str) -> dict[str, str]:
    which = "digest" if version.startswith("sha256:") else "newTag"
    return {"name": "guichuang", "newName": name, which: version}


def _database(tenant: Tenant, tier: str) -> list[str]:
    return [f"postgres/{tier}"] if tenant.database == "cnpg" else ["external/database"]


def _monitoring(table: Table, tenant: Tenant) -> list[str]:
    if not table.monitoring:
        return []
    return ["monitoring/processes", *(["monitoring/database"] if tenant.database == "cnpg" else [])]


def _shared_patches(table: Table, tenant: Tenant) -> Iterator[dict[str, Any]]:
    name = f"migrations-{_slug(tenant.version)}"
    yield _patch("Job", "migrations", {"/metadata/name": name}, options={"allowNameChange": True})
    if tenant.database == "cnpg":
        archive = f"s3://guichuang-backups/{tenant.overlay}"
        where = {"/spec/configuration/endpointURL": table.backups, "/spec/configuration/destinationPath": archive}
        yield _patch("ObjectStore", "guichuang-db", where)
    else:
        yield _outside("database", table)


def _slug(version: str) -> str:
    """A version as a name may have it."""
    return re.sub(r"[^a-z0-9]+", "-", version.removeprefix("sha256:").lower())[:40].strip("-")


def _names(host: str) -> Iterator[dict[str, Any]]:
    yield _patch("Gateway", "public", {"/spec/listeners/0/hostname": host, "/spec/listeners/1/hostname": host})
    yield _patch("HTTPRoute", ".*", {"/spec/hostnames/0": host})


def _outside(what: str, table: Table) -> dict[str, Any]:
    outside = table.outside[what]
    networks = [{"ipBlock": {"cidr": network}} for network in outside.networks]
    return _patch("NetworkPolicy", f"to-{what}", {"/spec/egress/0/to": networks, "/spec/egress/0/ports/0/port": outside.port})


def _scaling(table: Table, tenant: Tenant, queue: str) -> Iterator[dict[str, Any]]:
    fewest, most = tenant.replicas
    if table.scaling == "hpa":
        yield _patch("HorizontalPodAutoscaler", "review", {"/spec/minReplicas": fewest, "/spec/maxReplicas": most})
        return
    said = {"/spec/minReplicaCount": fewest, "/spec/maxReplicaCount": most, "/spec/triggers/0/metadata/queueName": queue}
    for place, metric in ((1, "guichuang_inbox_lag_seconds"), (2, "guichuang_outbox_age_seconds")):
        query = f'max({metric}{{namespace="{tenant.namespace}", service="review"}})'
        said[f"/spec/triggers/{place}/metadata/query"] = query
    yield _patch("ScaledObject", "review", said)


def _patch(kind: str, name: str, values: Mapping[str, Any], **more: Any) -> dict[str, Any]:
    """Replace these values of what is called so."""
    steps = [{"op": "replace", "path": path, "value": value} for path, value in values.items()]
    return {"target": {"kind": kind, "name": name}, "patch": yaml.safe_dump(steps, sort_keys=False, width=1000), **more}
