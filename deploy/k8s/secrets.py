"""The Secrets that an installation on Kubernetes can generate by itself: passwords, addresses that contain them, and keys.

`python -m deploy.k8s secrets FOLDER --broker-ca FILE` writes a manifest for each into FOLDER/<namespace>/. Operators apply them,
seal them, or store them in the vault that External Secrets reads. Running it again keeps every password and key that exists.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import yaml

from deploy import composition
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
#: The type of the Secrets from which CloudNativePG makes roles.
BASIC_AUTH = "kubernetes.io/basic-auth"
#: The number of random bytes in a password.
LENGTH = 24


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
        """Write all Secrets that are missing or have changed; return their files. Cities with a broker of their own are left
        out."""
        self._kept.mkdir(parents=True, exist_ok=True, mode=0o700)
        own = [city.code for city in self._cities()]
        parties = [*composition.PARTIES, *(f"review.{code}" for code in own)]
        key_folder.make(self._kept / "keys", parties, composition.SEALING)
        written = []
        for secret in (*self._province(), *(one for city in self._cities() for one in self._city(city))):
            written.append(self._write(secret.namespace, secret.name, secret.manifest()))
        for namespace in (NAMESPACE, *(city.namespace for city in self._cities())):
            written.append(self._write(namespace, "guichuang-public-keys", self._public_keys(namespace)))
        return written

    def _cities(self) -> list[Tenant]:
        return [city for city in self._table.cities if not city.own_broker]

    def _province(self) -> Iterator[Secret]:
        for party in composition.PARTIES:
            yield self._database(NAMESPACE, party)
            yield self._key(NAMESPACE, f"guichuang-key-{party}", party)
        yield self._key(NAMESPACE, f"guichuang-key-{key_folder.CONSOLE}", key_folder.CONSOLE)
        yield self._bus(NAMESPACE, PROVINCE_ACCOUNT)
        yield self._scaler(NAMESPACE)
        for account in (PROVINCE_ACCOUNT, "scaler", *(bureau_account(city.code) for city in self._cities())):
            values = {"username": account, "password": self._password(f"broker-{account}")}
            yield Secret(NAMESPACE, f"guichuang-broker-{account}", values)

    def _city(self, city: Tenant) -> Iterator[Secret]:
        if city.database == "shared":
            yield from self._shared_database(city)
        else:
            yield self._database(city.namespace, "review")
        yield self._key(city.namespace, "guichuang-key-review", f"review.{city.code}")
        yield self._bus(city.namespace, bureau_account(city.code))
        yield self._scaler(city.namespace)

    def _database(self, namespace: str, party: str) -> Secret:
        values = self._login(f"database-{namespace}-{party}", party, "guichuang-db-rw")
        return Secret(namespace, f"guichuang-db-{party}", values, BASIC_AUTH)

    def _shared_database(self, city: Tenant) -> Iterator[Secret]:
        """The address for the city's processes, and the same password for the operator that makes the role."""
        name = database_name(city.code)
        values = self._login(f"database-{SHARED_NAMESPACE}-{city.code}", name, f"guichuang-db-rw.{SHARED_NAMESPACE}.svc")
        yield Secret(city.namespace, "guichuang-db-review", values, BASIC_AUTH)
        role = {key: values[key] for key in ("username", "password")}
        yield Secret(SHARED_NAMESPACE, password_secret(city.code), role, BASIC_AUTH)

    def _login(self, kept: str, name: str, host: str) -> dict[str, str]:
        word = self._password(kept)
        url = f"postgresql+psycopg://{name}:{word}@{host}:5432/{name}?sslmode=require"
        return {"url": url, "username": name, "password": word}

    def _bus(self, namespace: str, account: str) -> Secret:
        uri = f"amqps://{account}:{self._password(f'broker-{account}')}@rabbitmq.{NAMESPACE}.svc:5671/guichuang"
        return Secret(namespace, "guichuang-bus", {"uri": uri})

    def _scaler(self, namespace: str) -> Secret:
        login = f"scaler:{self._password('broker-scaler')}@rabbitmq.{NAMESPACE}.svc"
        addresses = {"uri": f"amqps://{login}:5671/guichuang", "management": f"https://{login}:15671/guichuang"}
        return Secret(namespace, "guichuang-scaler", addresses | {"tls": "enable", "ca": self._ca})

    def _key(self, namespace: str, name: str, party: str) -> Secret:
        files = [path for ending in ("key", "vault") if (path := self._kept / "keys" / f"{party}.{ending}").exists()]
        return Secret(namespace, name, {path.name: path.read_text(encoding="utf-8") for path in files})

    def _public_keys(self, namespace: str) -> str:
        public = {path.name: path.read_text(encoding="utf-8") for path in sorted((self._kept / "keys").glob("*.pub"))}
        metadata = {"name": "guichuang-public-keys", "namespace": namespace}
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
