"""The two kinds of store (files and S3), and the documents service on each."""

from __future__ import annotations

import hashlib
import http.client
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

from deploy.local_services import S3, MinioGateway
from services.documents.registry import registry
from services.kernel.errors import Invalid
from services.kernel.identity import Actor
from services.kernel.settings import Settings
from services.kernel.storage.base import Store, Upload
from services.kernel.storage.factory import store_of
from services.kernel.storage.filesystem import FileStore
from services.kernel.testing import ServiceHarness
from services.policy import Policies

LEAD = Actor("lead", ("applicant",), organisation="91450200AAAAAAAA0A")


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with S3(tmp_path_factory.mktemp("s3")) as server:
        server.create_bucket("guichuang")
        yield server


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MinioGateway]:
    """Yield a server with MinIO's S3 handlers."""
    with MinioGateway(tmp_path_factory.mktemp("minio")) as server:
        server.create_bucket("guichuang")
        yield server


def settings_of(server: S3 | MinioGateway) -> Settings:
    return Settings(s3=f"http://{server.access_key}:{server.secret_key}@{server.endpoint}")


@pytest.fixture(params=["files", "s3"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return store_named(request, request.param, tmp_path)


def store_named(request: pytest.FixtureRequest, name: str, folder: Path) -> Store:
    """Return a store on the S3 server of the fixture with this name; for the name `files`, a file store in this folder."""
    if name != "files":
        return store_of(settings_of(request.getfixturevalue(name)))
    return store_of(Settings(s3=f"file://{folder}/objects"))


def over_http(
    method: str, url: str, body: bytes | Iterator[bytes] | None = None, headers: Mapping[str, str] | None = None
) -> http.client.HTTPResponse:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=10)
    connection.request(method, f"{where.path}?{where.query}", body, headers or {})
    return connection.getresponse()


def send(store: Store, upload: Upload, content: bytes) -> bool:
    """Send bytes to an upload address as a client does; return whether the store accepted them."""
    if not isinstance(store, FileStore):
        return over_http(upload.method, upload.url, content, upload.headers).status == 200
    try:
        store.receive(upload.url.rpartition("/")[2], io.BytesIO(content))
    except Invalid:
        return False
    return True


@dataclass
class Desk:
    """The documents service with a store. Tests call it as an applicant, with grants: signed, short-lived permissions of the
    service that owns the subjects."""

    bench: ServiceHarness
    store: Store

    def grant(self, subject: str, action: str, **change: Any) -> str:
        content = {"subject": subject, "action": action, "username": LEAD.username, "ids": None}
        seconds, by = change.pop("seconds", 30), change.pop("by", "application")
        return self.bench.signers[by].statement(content | change, seconds=seconds)

    def announce(self, content: bytes, filename: str = "协议.pdf", subject: str = "application/1", **more: Any) -> dict[str, Any]:
        body = {
            "subject": subject,
            "kind": "agreement",
            "filename": filename,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "parts": None,
            "grant": self.grant(subject, "write"),
        }
        return self.bench.tell("start_upload", LEAD, **body | more)  # type: ignore[no-any-return]

    def send(self, announced: dict[str, Any], content: bytes) -> bool:
        return send(self.store, Upload(**announced["upload"]), content)

    def complete(self, id: str, **more: Any) -> dict[str, Any]:
        kind, owner, _ = id.split(".")
        grant = self.grant(f"{kind}/{owner}", "write")
        return self.bench.tell("complete_upload", LEAD, id=id, **{"grant": grant} | more)  # type: ignore[no-any-return]

    def put(self, content: bytes, filename: str = "协议.pdf", subject: str = "application/1", **more: Any) -> dict[str, Any]:
        """Announce, upload and complete a document."""
        announced = self.announce(content, filename, subject, **more)
        self.send(announced, content)
        return self.complete(announced["id"])


@pytest.fixture
def desk(store: Store, tmp_path: Path) -> Desk:
    settings = Settings(max_document_mb="1")
    bench = ServiceHarness(
        registry, tmp_path / "documents.db", policies=Policies.builtin(), settings=settings, signers=["application"], store=store
    )
    return Desk(bench, store)
