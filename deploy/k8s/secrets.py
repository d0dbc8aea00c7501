"""The Secrets that an installation on Kubernetes can generate by itself: passwords, addresses that contain them, and keys.

`python -m deploy.k8s secrets FOLDER --broker-ca FILE` writes a manifest for each into FOLDER/<namespace>/. The people who operate
the cluster apply the manifests, encrypt them, or store the values in the vault that External Secrets reads. Running it again
keeps every password and key that exists.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from deploy import composition
from deploy.cluster.federation import link_account
from deploy.cluster.topology import PROVINCE_ACCOUNT, bureau_account
from deploy.k8s.shared_database import database_name, password_secret
from deploy.k8s.tenants import NAMESPACE, SHARED_NAMESPACE, Table, Tenant
from deploy.keys import key_folder

#: Secrets of docs/operations/secrets.md that are not generated, because other parties issue them: certificates, and accounts at
#: other services.
BROUGHT = (
    "guichuang-s3",
    "guichuang-mail",
    "guichuang-sms",
    "guichuang-sso",
    "guichuang-move",
    "guichuang-broker-tls",
    "guichuang-tls",
    "guichuang-backups",
)
#: The type of the Secrets from which CloudNativePG creates database roles.
BASIC_AUTH = "kubernetes.io/basic-auth"
#: The number of random bytes in a password.
LENGTH = 24
#: The account with which KEDA reads the lengths of queues.
SCALER = "scaler"


@dataclass(frozen=True, slots=True)
class Secret:
    """One Secret of a namespace, with its values; `type` is the type by Kubernetes' names."""

    namespace: str
    name: str
    values: Mapping[str, str]
    type: str = "Opaque"

    def manifest(self) -> str:
        head = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": self.name, "namespace": self.namespace}}
        return str(yaml.safe_dump(head | {"type": self.type, "stringData": dict(self.values)}, sort_keys=False, width=1000))


class Maker:
    """Generates the Secrets. Passwords and keys are kept under `folder`/kept, each generated once."""

    def __init__(self, table: Table, folder: Path, broker_ca: str) -> None:
        self._table = table
        self._folder = folder
        self._kept = folder / "kept"
        self._ca = broker_ca

    def make(self) -> list[Path]:
        """Write all Secrets that are missing or have changed; return their files."""
        self._kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        parties = [*composition.PARTIES, *(f"review.{city.code}" for city in self._table.cities)]
        key_folder.make(self._kept / "keys", parties, composition.SEALING)
        for city in self._table.cities:
            if city.own_broker or city.own_console:
                self._make_own_keys(city)
        made = [*self._province(), *(secret_of_city for city in self._table.cities for secret_of_city in self._city(city))]
        written = [self._write(secret.namespace, secret.name, secret.manifest()) for secret in made]
        for tenant in (self._table.province, *self._table.cities):
            written.append(self._write(tenant.namespace, "guichuang-public-keys", self._public_keys(tenant)))
        return written

    def _province(self) -> Iterator[Secret]:
        province = self._table.province
        for party in composition.PARTIES:
            yield self._database(NAMESPACE, party)
            yield self._key(NAMESPACE, party, self._kept / "keys")
        yield self._key(NAMESPACE, key_folder.CONSOLE, self._kept / "keys")
        yield self._bus(province, province, PROVINCE_ACCOUNT)
        yield self._scaler(province, province)
        guests = [bureau_account(city.code) for city in self._table.cities if not city.own_broker]
        links = [link_account(city.code) for city in self._table.federated]
        yield from self._accounts(province, PROVINCE_ACCOUNT, SCALER, *guests, *links)
        for city in self._table.federated:
            yield self._upstream(province, city)

    def _city(self, city: Tenant) -> Iterator[Secret]:
        if city.database == "shared":
            yield from self._shared_database(city)
        else:
            yield self._database(city.namespace, "review")
        broker = city if city.own_broker else self._table.province
        yield self._key(city.namespace, "review", self._kept / "keys", f"review.{city.code}")
        yield self._bus(city, broker, bureau_account(city.code))
        yield self._scaler(city, broker)
        if city.own_broker or city.own_console:
            yield self._key(city.namespace, key_folder.CONSOLE, self._own_keys(city))
        if city.own_broker:
            yield self._database(city.namespace, "gateway")
            yield self._key(city.namespace, "gateway", self._own_keys(city))
            yield from self._accounts(city, bureau_account(city.code), SCALER, link_account(self._table.province.code))
            yield self._upstream(city, self._table.province)

    def _own_keys(self, city: Tenant) -> Path:
        """Return the folder with the keys of a city's own gateway and console. It is a separate folder, because the keys of the
        province's gateway and console have the same names."""
        return self._kept / f"keys-{city.code}"

    def _make_own_keys(self, city: Tenant) -> None:
        gateway = ["gateway"] if city.own_broker else []
        key_folder.make(self._own_keys(city), gateway, [*gateway, key_folder.CONSOLE])

    def _database(self, namespace: str, party: str) -> Secret:
        values = self._login(f"database-{namespace}-{party}", party, "guichuang-db-rw")
        return Secret(namespace, f"guichuang-db-{party}", values, BASIC_AUTH)

    def _shared_database(self, city: Tenant) -> Iterator[Secret]:
        """Yield the Secret with the database's address for the city's processes, and the Secret with the same password for the
        Kubernetes operator that creates the database role."""
        name = database_name(city.code)
        values = self._login(f"database-{SHARED_NAMESPACE}-{city.code}", name, f"guichuang-db-rw.{SHARED_NAMESPACE}.svc")
        yield Secret(city.namespace, "guichuang-db-review", values, BASIC_AUTH)
        role = {key: values[key] for key in ("username", "password")}
        yield Secret(SHARED_NAMESPACE, password_secret(city.code), role, BASIC_AUTH)

    def _login(self, kept: str, name: str, host: str) -> dict[str, str]:
        password = self._password(kept)
        url = f"postgresql+psycopg://{name}:{password}@{host}:5432/{name}?sslmode=require"
        return {"url": url, "username": name, "password": password}

    def _bus(self, tenant: Tenant, broker: Tenant, account: str) -> Secret:
        return Secret(tenant.namespace, "guichuang-bus", {"uri": self._broker_uri(broker, account)})

    def _scaler(self, tenant: Tenant, broker: Tenant) -> Secret:
        login = f"{SCALER}:{self._broker_password(broker, SCALER)}@rabbitmq.{broker.namespace}.svc"
        management = f"https://{login}:15671/guichuang"
        addresses = {"uri": self._broker_uri(broker, SCALER), "management": management}
        return Secret(tenant.namespace, "guichuang-scaler", addresses | {"tls": "enable", "ca": self._ca})

    def _accounts(self, broker: Tenant, *accounts: str) -> Iterator[Secret]:
        """Yield the names and passwords from which RabbitMQ's topology operator creates accounts at a tenant's broker."""
        for account in accounts:
            values = {"username": account, "password": self._broker_password(broker, account)}
            yield Secret(broker.namespace, f"guichuang-broker-{account}", values)

    def _upstream(self, here: Tenant, there: Tenant) -> Secret:
        """Return the Secret with the address at which the broker `here` fetches events from the broker `there`."""
        return Secret(
            here.namespace, f"guichuang-upstream-{there.code}", {"uri": self._broker_uri(there, link_account(here.code))}
        )

    def _broker_uri(self, broker: Tenant, account: str) -> str:
        return f"amqps://{account}:{self._broker_password(broker, account)}@rabbitmq.{broker.namespace}.svc:5671/guichuang"

    def _broker_password(self, broker: Tenant, account: str) -> str:
        city_codes = f"{broker.code}-" if broker.own_broker else ""
        return self._password(f"broker-{city_codes}{account}")

    def _key(self, namespace: str, party: str, keys: Path, name: str = "") -> Secret:
        """Return the Secret with a party's private files from the folder `keys`. In that folder the files have the party's name
        or, if given, `name`."""
        files = [path for suffix in ("key", "vault") if (path := keys / f"{name or party}.{suffix}").exists()]
        values = {path.name: path.read_text(encoding="utf-8") for path in files}
        return Secret(namespace, f"guichuang-key-{party}", values)

    def _public_keys(self, tenant: Tenant) -> str:
        """Return a tenant's public keys. For a city with a gateway of its own, that gateway's key replaces the key of the
        province's gateway."""
        public = {path.name: path.read_text(encoding="utf-8") for path in sorted((self._kept / "keys").glob("*.pub"))}
        if tenant.own_broker:
            public["gateway.pub"] = (self._own_keys(tenant) / "gateway.pub").read_text(encoding="utf-8")
        metadata = {"name": "guichuang-public-keys", "namespace": tenant.namespace}
        return str(
            yaml.safe_dump({"apiVersion": "v1", "kind": "ConfigMap", "metadata": metadata, "data": public}, sort_keys=False)
        )

    def _password(self, name: str) -> str:
        file = self._kept / f"{name}.password"
        if not file.exists():
            key_folder.write(file, secrets.token_urlsafe(LENGTH), 0o600)
        return file.read_text(encoding="utf-8").strip()

    def _write(self, namespace: str, name: str, text: str) -> Path:
        path = self._folder / namespace / f"{name}.yaml"
        path.parent.mkdir(exist_ok=True, mode=0o700)
        key_folder.write(path, text, 0o600)
        return path
