"""The table of tenants: the deployments, their parts and their names."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, fields
from pathlib import Path
from typing import NotRequired, TypedDict

from services.kernel.errors import Text
from services.kernel.settings import SERVICES, Settings
from services.policy.bureaus import BUREAUS, PROVINCE

#: The province's namespace.
NAMESPACE = "guichuang"
#: The overlay and the namespace of the PostgreSQL that cities share.
SHARED_OVERLAY, SHARED_NAMESPACE = "databases", "guichuang-databases"
#: The `max_connections` of the PostgreSQL that cities share.
SHARED_CONNECTIONS = 500
#: The number of database connections of a process in addition to its pool: one that listens for new events, and two while broken
#: connections are replaced.
BESIDE_POOL = 3
#: The number of connections of one PostgreSQL that are reserved for its superuser, its Kubernetes operator, its metrics exporter,
#: migrations, backup and commands of the person who operates the platform.
RESERVED = 30
#: The number of connections that are reserved for each city that shares a PostgreSQL: for the city's migrations, backup and
#: commands of the person who operates its deployment.
RESERVED_BY_CITY = 8
#: Settings that come from Secrets (docs/operations/secrets.md), and settings that the manifests set themselves; the table may
#: contain neither.
SECRET = {"bus", "upstream", "s3", "smtp", "sms_token", "oidc_secret"} | {f"db_{party}" for party in (*SERVICES, "gateway")}
OURS = {"http", "probes", "var", "keys", "workers", "jurisdictions", "federated", "seed", "console_api"}
PLAIN = {field.metadata["env"] for field in fields(Settings) if field.name not in SECRET | OURS}


#: The resources that a quota limits.
QUOTA = {"cpu", "memory", "storage", "pods"}


class BadTable(ValueError):
    """The table contradicts itself or the list of bureaus; the message names the row."""


class PlatformRow(TypedDict):
    """The members of `[platform]` in the table that set the defaults of every tenant."""

    version: str
    digest: NotRequired[str]


class TenantRow(TypedDict):
    """A row of the table: the province, or a city. `version` and `digest`: its own image, if it has one."""

    overlay: str
    namespace: str
    zh: str
    en: str
    replicas: list[int]
    database: str
    own_review: NotRequired[bool]
    broker: NotRequired[str]
    console: NotRequired[str]
    host: NotRequired[str]
    version: NotRequired[str]
    digest: NotRequired[str]
    quota: NotRequired[dict[str, str | int]]
    settings: NotRequired[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Outside:
    """A server outside the cluster: its networks (CIDR) and its port."""

    networks: tuple[str, ...]
    port: int


@dataclass(frozen=True, slots=True)
class Tenant:
    """One deployment: the province's, or a city's own."""

    code: str
    overlay: str
    namespace: str
    name: Text
    #: The least and the greatest number of processes of the tenant's review service.
    replicas: tuple[int, int]
    #: Where the tenant's database is: cnpg, external or, for a city, shared.
    database: str
    #: Whether the tenant's own review service runs. If not, the tenant is only prepared, and the province's review service serves
    #: its bureau.
    own_review: bool
    #: Whether it has a broker of its own. If so, the tenant also has a gateway of its own, at `host`.
    own_broker: bool
    #: Whether it runs a console of its own, at `host`. A tenant with a gateway of its own always runs one.
    own_console: bool
    host: str
    version: str
    #: The digest of its image (`sha256:…`). If it is empty, the version is the tag.
    digest: str
    #: The most that the tenant may use of the cluster: cpu, memory, storage, pods. If empty, there is no limit.
    quota: dict[str, str]
    #: The tenant's own plain settings, by their environment names.
    settings: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """All tenants, and the values that they have in common."""

    image: str
    #: The names of the Secret for the image's registry, of the storage class, and of the priority class. If a name is empty, the
    #: overlays use no Secret, or the cluster's default class.
    pull_secret: str
    storage_class: str
    priority_class: str
    #: Whether processes must be spread over zones; otherwise they are spread only if possible.
    zones_required: bool
    #: The kind of scaler: keda or hpa.
    scaling: str
    #: Plain settings that all tenants have in common, by their environment names.
    settings: dict[str, str]
    monitoring: bool
    #: The address at which KEDA queries metrics.
    prometheus: str
    authorities: bool
    #: The URL of the S3 server to which the databases' archives are written.
    backups: str
    #: The object store's address for clients.
    files: str
    #: Where the province's broker is: cluster or external.
    broker: str
    outside: dict[str, Outside]
    province: Tenant
    cities: tuple[Tenant, ...]

    @property
    def pooled(self) -> tuple[str, ...]:
        """Return the bureaus that the province's review service serves."""
        apart = {city.code for city in self.cities if city.own_review}
        return tuple(code for code in BUREAUS if code not in apart)

    @property
    def federated(self) -> tuple[Tenant, ...]:
        """Return the cities with a broker of their own."""
        return tuple(city for city in self.cities if city.own_broker)

    @property
    def sharing(self) -> tuple[Tenant, ...]:
        """Return the cities that share one PostgreSQL."""
        return tuple(city for city in self.cities if city.database == "shared")

    @property
    def jurisdictions(self) -> str:
        """Return the bureaus of `pooled` in the form of the setting GUICHUANG_JURISDICTIONS."""
        return ",".join(("*", *(f"-{city.code}" for city in self.cities if city.own_review)))


def read(path: Path) -> Table:
    """Read the table from this file. Raises BadTable if it is inconsistent."""
    with path.open("rb") as file:
        table_read = tomllib.load(file)
    platform, province = table_read["platform"], table_read["province"]
    table = Table(
        image=platform["image"],
        pull_secret=platform.get("pull_secret", ""),
        storage_class=platform.get("storage_class", ""),
        priority_class=platform.get("priority_class", ""),
        zones_required=platform.get("zones", "required") == "required",
        scaling=platform["scaling"],
        settings=platform.get("settings", {}),
        monitoring=platform["monitoring"],
        prometheus=platform["prometheus"],
        authorities=platform["authorities"],
        backups=platform["backups"],
        files=province["files"],
        broker=province["broker"],
        outside={name: Outside(tuple(row["networks"]), row["port"]) for name, row in table_read["external"].items()},
        province=_tenant(province["code"], province, platform),
        cities=tuple(_tenant(code, row, platform) for code, row in table_read["cities"].items()),
    )
    _check(table)
    return table


def _tenant(code: str, row: TenantRow, platform: PlatformRow) -> Tenant:
    fewest, most = row["replicas"]
    # A row with a version of its own has another image than the platform's.
    version, digest = platform["version"], platform.get("digest", "")
    if "version" in row:
        version, digest = row["version"], row.get("digest", "")
    return Tenant(
        code=code,
        overlay=row["overlay"],
        namespace=row["namespace"],
        name=Text(row["zh"], row["en"]),
        replicas=(fewest, most),
        database=row["database"],
        own_review=row.get("own_review", True),
        own_broker=row.get("broker") == "own",
        own_console=row.get("console") == "own",
        host=row.get("host", ""),
        version=version,
        digest=digest,
        quota={name: str(amount) for name, amount in row.get("quota", {}).items()},
        settings=row.get("settings", {}),
    )


def _check(table: Table) -> None:
    tenants = (table.province, *table.cities)
    for tenant in tenants:
        bureau = BUREAUS.get(tenant.code)
        if bureau is None or bureau.name != tenant.name:
            raise BadTable(f"{tenant.code} {tenant.name.zh} is not what services/policy/bureaus.toml calls it")
        if (bureau.code == PROVINCE) != (tenant is table.province) or bureau.tier not in ("province", "city"):
            raise BadTable(f"{tenant.code} is in the wrong place: one province, and cities")
        if not 2 <= tenant.replicas[0] <= tenant.replicas[1]:
            raise BadTable(f"{tenant.code}: replicas are [fewest, most], two at least")
        if tenant.database not in ("cnpg", "external") and (tenant.database, tenant is table.province) != ("shared", False):
            raise BadTable(f"{tenant.code}: database is cnpg or external, or shared for a city")
        if tenant.database == "shared" and tenant.own_broker:
            raise BadTable(f"{tenant.code} has a broker of its own: its gateway needs a database too, so it shares none")
        if tenant.quota and set(tenant.quota) != QUOTA:
            raise BadTable(f"{tenant.code}: quota says {', '.join(sorted(QUOTA))}")
        if tenant.digest and not re.fullmatch(r"sha256:[0-9a-f]{64}", tenant.digest):
            raise BadTable(f"{tenant.code}: digest is sha256: and 64 hexadecimal digits")
        if tenant.own_broker and not (tenant.own_review and tenant.host):
            raise BadTable(f"{tenant.code} has a broker of its own: then it serves itself, and its gateway has a host")
        if tenant.own_console and not tenant.host:
            raise BadTable(f"{tenant.code} has a console of its own: then it has a host")
        if tenant.database == "external" and "database" not in table.outside:
            raise BadTable(f"{tenant.code} has an external database: say where under [external]")
    for what in ("overlay", "namespace"):
        names = [SHARED_OVERLAY, SHARED_NAMESPACE, *(getattr(tenant, what) for tenant in tenants)]
        if len(set(names)) < len(names):
            raise BadTable(f"two tenants share one {what}")
    if missing := [code for code, bureau in BUREAUS.items() if bureau.tier == "city" and code not in names_of(table)]:
        raise BadTable(f"no row for {', '.join(missing)}")
    for settings in (table.settings, *(tenant.settings for tenant in tenants)):
        if unknown := set(settings) - PLAIN:
            raise BadTable(f"not a plain setting: {', '.join(sorted(unknown))}")
    held = RESERVED + sum(connection_limit(table, city) for city in table.sharing)
    if held > SHARED_CONNECTIONS:
        raise BadTable(
            f"the cities that share a database hold {held} connections at their most, and it allows {SHARED_CONNECTIONS}: "
            "fewer replicas, a smaller GUICHUANG_POOL in their settings, or a database of its own for some"
        )
    if table.province.namespace != NAMESPACE:
        raise BadTable(f"the province's namespace is {NAMESPACE}: the cities' policies name it")
    if table.scaling not in ("keda", "hpa"):
        raise BadTable("scaling is keda or hpa")
    if table.broker not in ("cluster", "external"):
        raise BadTable("broker is cluster or external")
    for needed in {"store"} | ({"broker"} if table.broker == "external" else set()):
        if needed not in table.outside:
            raise BadTable(f"say where the {needed} is under [external]")


def connection_limit(table: Table, city: Tenant) -> int:
    """Return the number of connections that a city may use in a PostgreSQL that it shares: enough for the largest number of its
    review processes, also during a rollout, and for its migrations, backup and commands."""
    pool = int((table.settings | city.settings).get("GUICHUANG_POOL") or Settings().pool)
    return (city.replicas[1] + 1) * (pool + BESIDE_POOL) + RESERVED_BY_CITY


def names_of(table: Table) -> set[str]:
    """Return the codes of the cities that have a row."""
    return {city.code for city in table.cities}
