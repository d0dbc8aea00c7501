"""`make compose-secrets`: create every password and key of a Compose installation once, in files that only their owner can read.

No password has a default. Each process gets only its own secrets: for its database, its keys, the broker and, if it uses the
store, the store. Running the command again keeps existing files.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path

from deploy import composition
from deploy.keys import key_folder
from deploy.local_services.s3 import PLATFORM_MAY
from deploy.private_files import restrict_new_files

#: The processes that have keys → the party that owns the keys; `identity` uses the gateway's.
PROCESSES = {**{party: party for party in composition.PARTIES}, "identity": "gateway"}
#: The processes that read or write documents.
WITH_STORE = ("documents", "gateway")
#: Folders beside the secrets for data that the platform's processes write.
DATA = ("store", "backups", "gateway")
#: The user id of the processes if root created the files: the image's own user.
NOBODY = 10001


class Folder:
    """The folder of the secrets: a file with one line for each password, `keys/<process>` for keys, `<part>.env` for the settings
    of each container."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def make(self) -> None:
        """Create all files that are missing."""
        self._keys()
        passwords = {party: self._password(f"database-{party}") for party in composition.PARTIES}
        self._write_environment(
            "postgres", {"POSTGRES_PASSWORD": self._password("database")} | {f"PASSWORD_{p}": w for p, w in passwords.items()}
        )
        broker = self._password("broker")
        account = {"RABBITMQ_DEFAULT_USER": "province", "RABBITMQ_DEFAULT_PASS": broker, "RABBITMQ_DEFAULT_VHOST": "guichuang"}
        self._write_environment("broker", account)
        bus = {"GUICHUANG_BUS": f"amqp://province:{broker}@broker:5672/guichuang"}
        databases = {
            party: {f"GUICHUANG_DB_{party.upper()}": f"postgresql+psycopg://{party}:{password}@postgres:5432/{party}"}
            for party, password in passwords.items()
        }
        store = {"GUICHUANG_S3": f"http://platform:{self._password('store')}@store:8333"}
        for process, party in PROCESSES.items():
            self._write_environment(process, bus | databases[party] | (store if process in WITH_STORE else {}))
        self._write_environment("databases", {name: url for variables in databases.values() for name, url in variables.items()})
        self._write_environment("topology", bus)
        self._write_environment(
            "bucket", {"GUICHUANG_S3": f"http://administrator:{self._password('store-administrator')}@store:8333"}
        )
        self._store()

    def _password(self, name: str) -> str:
        file = self._folder / f"{name}.password"
        if not file.exists():
            key_folder.write(file, secrets.token_urlsafe(24), 0o600)
        return file.read_text().strip()

    def _write_environment(self, part: str, environment: Mapping[str, str]) -> None:
        key_folder.write(self._folder / f"{part}.env", "".join(f"{name}={value}\n" for name, value in environment.items()), 0o600)

    def _keys(self) -> None:
        common_folder = self._folder / "keys" / "all"
        common_folder.parent.mkdir(exist_ok=True, mode=0o700)
        key_folder.make(common_folder, composition.PARTIES, composition.SEALING)
        for process, party in PROCESSES.items():
            own_folder = self._folder / "keys" / process
            own_folder.mkdir(exist_ok=True, mode=0o700)
            for file in [
                *common_folder.glob("*.pub"),
                *common_folder.glob(f"{party}.*"),
                *self._of_console(process, common_folder),
            ]:
                shutil.copy2(file, own_folder / file.name)

    @staticmethod
    def _of_console(process: str, common_folder: Path) -> Iterable[Path]:
        """Yield the console's key, for the gateway's process. The console runs in the gateway's process, because a Compose
        installation has one address and no proxy that could send pages and API calls to different processes."""
        return common_folder.glob(f"{key_folder.CONSOLE}.vault") if process == "gateway" else ()

    def _store(self) -> None:
        """Create the store's accounts: one creates the bucket; the platform's account may only access objects."""
        may = {"administrator": ["Admin"], "platform": list(PLATFORM_MAY)}
        passwords = {"administrator": self._password("store-administrator"), "platform": self._password("store")}
        identities = [
            {"name": name, "credentials": [{"accessKey": name, "secretKey": passwords[name]}], "actions": actions}
            for name, actions in may.items()
        ]
        key_folder.write(self._folder / "store.json", json.dumps({"identities": identities}, indent=2), 0o600)


def main() -> None:
    """Create the secrets beside this file. `.env` tells Compose under which user the platform's processes run, because no other
    user can read these files."""
    restrict_new_files()
    compose_folder = Path(__file__).parent
    Folder(compose_folder / "secrets").make()
    data = [compose_folder / "data" / name for name in DATA]
    for folder in data:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    user, group = os.getuid(), os.getgid()
    if user == 0:
        user = group = NOBODY
        for path in (compose_folder / "secrets", compose_folder / "data", *(compose_folder / "secrets").rglob("*"), *data):
            os.chown(path, user, group)
    (compose_folder / ".env").write_text(f"GUICHUANG_USER={user}:{group}\n")


if __name__ == "__main__":
    main()
