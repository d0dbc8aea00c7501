"""The PostgreSQL that small cities share: each has a database in it, a role of the same name, and a limit of connections."""

from __future__ import annotations

from collections.abc import Iterator

from deploy.k8s.manifest import Overlay, Resource
from deploy.k8s.placing import of_cluster, patch
from deploy.k8s.tenants import SHARED_NAMESPACE, SHARED_OVERLAY, Table, Tenant, connection_limit


def database_name(code: str) -> str:
    """Return the name of a city's database and of its role: a role may connect only to the database of its own name."""
    return f"review_{code}"


def password_secret(code: str) -> str:
    """Return the name of the Secret with a role's name and password, in the namespace of the shared PostgreSQL."""
    return f"guichuang-db-bureau-{code}"


def shared_overlay(table: Table) -> Overlay:
    """Return the overlay of the shared PostgreSQL, with its archive and the network policy that lets the cities' namespaces
    connect."""
    allowed_sources = [_pods_of(city) for city in table.sharing]
    archive = f"s3://guichuang-backups/{SHARED_OVERLAY}"
    store = {"/spec/configuration/endpointURL": table.backups, "/spec/configuration/destinationPath": archive}
    return {
        "apiVersion": "kustomize.config.k8s.io/v1beta1",
        "kind": "Kustomization",
        "namespace": SHARED_NAMESPACE,
        "resources": ["../../tiers/databases", "cities.yaml"],
        "components": [
            "../../components/network-policies",
            "../../components/postgres/shared",
            *(["../../components/monitoring/database"] if table.monitoring else []),
        ],
        "patches": [
            patch("ObjectStore", "guichuang-db", store),
            patch(
                "Cluster", "guichuang-db", {"/spec/managed": {"roles": [_role(table, city) for city in table.sharing]}}, op="add"
            ),
            patch("NetworkPolicy", "database", {"/spec/ingress/0/from": allowed_sources}),
            *of_cluster(table),
        ],
    }


def databases(table: Table) -> Iterator[Resource]:
    """Yield a database for each city that shares the PostgreSQL."""
    for city in table.sharing:
        name = database_name(city.code)
        yield {
            "apiVersion": "postgresql.cnpg.io/v1",
            "kind": "Database",
            "metadata": {
                "name": f"review-{city.code}",
                "annotations": {"argocd.argoproj.io/sync-options": "Prune=false,Delete=false"},
            },
            "spec": {
                "name": name,
                "owner": name,
                "encoding": "UTF8",
                "localeCollate": "C.UTF-8",
                "localeCType": "C.UTF-8",
                # If a city leaves, its data stay until an operator drops them.
                "databaseReclaimPolicy": "retain",
                "cluster": {"name": "guichuang-db"},
            },
        }


def _role(table: Table, city: Tenant) -> Resource:
    return {
        "name": database_name(city.code),
        "ensure": "present",
        "login": True,
        "connectionLimit": connection_limit(table, city),
        "passwordSecret": {"name": password_secret(city.code)},
    }


def _pods_of(city: Tenant) -> Resource:
    return {
        "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": city.namespace}},
        "podSelector": {"matchLabels": {"needs.guichuang/database": "yes"}},
    }
