"""The life of a document over HTTP: announce, send directly to the store, complete, fetch. All tests run on the file store and on
S3."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from deploy import composition
from deploy.embedded.host import Embedded
from gateway.serve import application
from services.input.file_names import portable_name
from services.kernel.messaging.rpc import Caller
from services.kernel.settings import Settings
from tests.integration.documents.conftest import over_http, settings_of
from tests.unit.documents.files import PDF, PNG
from tests.unit.input.test_file_names import VOLUMES

#: The host of the platform's public address.
OWN = "guichuang.example"


class Platform:
    """The platform in this process, used by its applicants' accounts; `account` is the place in the list of these accounts."""

    def __init__(self, folder: Path, s3: str, rate_limit: str = "0") -> None:
        own = f"https://{OWN}"
        settings = Settings(var=str(folder), seed="demo", rate_limit=rate_limit, max_document_mb="3", s3=s3, public_url=own)
        self.settings = settings
        composition.make_keys(settings)
        composition.migrate_all(settings)
        self.host = Embedded.of(settings)
        caller = Caller(self.host, composition.signer("gateway", settings))
        self.client: FlaskClient = application(caller, self.host.runtimes["gateway"], settings).test_client()
        accounts = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
        self.applicants = [account for account in accounts if account["roles"] == ["applicant"]]
        self.subject = f"organisation/{self.applicants[0]['organisation']}"
        self._tokens: dict[str, str] = {}

    def send(self, method: str, path: str, body: Any = None, *, account: int = 0) -> TestResponse:
        who = self.applicants[account]
        if who["username"] not in self._tokens:
            given = {name: who[name] for name in ("username", "password")}
            self._tokens[who["username"]] = self.client.post("/api/v1/auth/token", json=given).json["access_token"]
        headers = {"Authorization": f"Bearer {self._tokens[who['username']]}", "Accept-Language": "en"}
        return self.client.open(f"/api/v1{path}", method=method, json=body, headers=headers)

    def announce(self, content: bytes, **change: Any) -> TestResponse:
        body = {
            "filename": "证明 材料.pdf",
            "kind": "platform_evidence",
            "subject": self.subject,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
        }
        return self.send("POST", "/documents", body | change)

    def put(self, upload: dict[str, Any], content: bytes) -> int:
        """Send bytes as a client does: to the host that the URL names, without credentials."""
        if urlsplit(upload["url"]).netloc == OWN:
            sent = self.client.open(
                upload["url"],
                method=upload["method"],
                data=content,
                headers=upload["headers"],
                # Real WSGI servers set this key of the environment, so the test sets it too.
                environ_overrides={"wsgi.input_terminated": True},
            )
            return sent.status_code
        return over_http(upload["method"], upload["url"], content, upload["headers"]).status

    def get(self, url: str) -> tuple[int, dict[str, str], bytes]:
        if urlsplit(url).netloc == OWN:
            answer = self.client.get(url)
            return answer.status_code, dict(answer.headers), answer.data
        fetched = over_http("GET", url)
        return fetched.status, dict(fetched.headers), fetched.read()


@pytest.fixture(scope="module", params=["files", "s3"])
def platform(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Platform]:
    s3 = settings_of(request.getfixturevalue("s3")).s3 if request.param == "s3" else ""
    platform = Platform(tmp_path_factory.mktemp("platform"), s3)
    platform.host.start()
    yield platform
    platform.host.stop()


def test_a_document_goes_to_the_store_and_comes_back_as_it_was(platform: Platform) -> None:
    announced = platform.announce(PDF)
    assert announced.status_code == 201
    assert platform.put(announced.json["upload"], PDF) == 200
    completed = platform.send("POST", f"/documents/{announced.json['id']}/completion")
    assert (completed.status_code, completed.json["state"]) == (200, "clean")
    assert platform.send("GET", f"/documents/{announced.json['id']}").json == completed.json
    content = platform.send("GET", f"/documents/{announced.json['id']}/content")
    assert content.status_code == 302
    status, headers, body = platform.get(content.headers["Location"])
    assert (status, body, headers["Content-Type"]) == (200, PDF, "application/pdf")
    assert unquote(headers["Content-Disposition"]).endswith("证明 材料.pdf")
    assert headers["Content-Disposition"].startswith("attachment;")


def test_a_document_may_be_larger_than_other_requests(platform: Platform) -> None:
    content = PDF + b"x" * ((3 << 20) - len(PDF))
    announced = platform.announce(content, filename="大文件.pdf").json
    assert platform.put(announced["upload"], content) == 200
    assert platform.send("POST", f"/documents/{announced['id']}/completion").json["state"] == "clean"


def test_a_mislabelled_document_is_refused_and_stays_refused(platform: Platform) -> None:
    announced = platform.announce(PNG)
    platform.put(announced.json["upload"], PNG)
    for _ in range(2):
        refused = platform.send("POST", f"/documents/{announced.json['id']}/completion")
        assert (refused.status_code, refused.json["code"]) == (422, "content_mismatch")
    kept = platform.send("GET", f"/documents/{announced.json['id']}").json
    assert (kept["state"], kept["reason"]["message"][:11]) == ("rejected", "The content")


def test_the_store_takes_no_other_bytes_than_announced(platform: Platform) -> None:
    announced = platform.announce(PDF).json
    for other in (PDF[:-1], PDF + b"x", b"x" * len(PDF)):
        assert platform.put(announced["upload"], other) in (400, 403, 413, 422)
    refused = platform.send("POST", f"/documents/{announced['id']}/completion")
    assert (refused.status_code, refused.json["code"], refused.json["current_status"]) == (409, "upload_missing", "pending")


def test_the_limit_is_told_before_anything_is_sent(platform: Platform) -> None:
    refused = platform.announce(PDF, size=(3 << 20) + 1)
    assert (refused.status_code, refused.json["code"], refused.json["largest"]) == (413, "document_too_large", 3 << 20)


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"filename": "程序.exe"}, "/filename"),
        ({"filename": " "}, "/filename"),
        ({"kind": "Form"}, "/kind"),
        ({"subject": "account/me"}, "/subject"),
        ({"size": 0}, "/size"),
        ({"sha256": "abc"}, "/sha256"),
        ({"path": "/etc"}, "/path"),
    ],
)
def test_each_mistake_is_named(platform: Platform, change: dict[str, Any], pointer: str) -> None:
    refused = platform.announce(PDF, **change)
    assert refused.status_code == 422
    assert [error["pointer"] for error in refused.json["errors"]] == [pointer]


def test_another_organisation_does_not_learn_of_it(platform: Platform) -> None:
    id = platform.announce(PDF).json["id"]
    for method, path in (("GET", ""), ("GET", "/content"), ("POST", "/completion")):
        assert platform.send(method, f"/documents/{id}{path}", account=1).status_code == 404
    assert platform.send("GET", f"/documents?subject={platform.subject}", account=1).status_code == 404
    assert platform.send("GET", "/documents/made.up").status_code == 404


def test_versions_are_listed(platform: Platform) -> None:
    for content in (PDF, PDF + b"\n"):
        announced = platform.announce(content, kind="figures_evidence").json
        platform.put(announced["upload"], content)
        platform.send("POST", f"/documents/{announced['id']}/completion")
    listed = platform.send("GET", f"/documents?subject={platform.subject}&limit=200").json["items"]
    assert [d["version"] for d in listed if d["kind"] == "figures_evidence"] == [1, 2]


@pytest.mark.parametrize("names", [VOLUMES, ["CON?.pdf", "con.pdf"]])
def test_files_of_other_names_are_other_documents_and_each_is_downloaded_under_a_name_of_its_own(
    platform: Platform, names: list[str]
) -> None:
    saved = []
    for name in names:
        announced = platform.announce(PDF, kind="attachment", filename=name).json
        platform.put(announced["upload"], PDF)
        kept = platform.send("POST", f"/documents/{announced['id']}/completion").json
        assert (kept["filename"], kept["version"], kept["replaces"]) == (name, 1, None)
        _, headers, _ = platform.get(platform.send("GET", f"/documents/{kept['id']}/content").headers["Location"])
        saved.append(unquote(headers["Content-Disposition"].partition("filename*=UTF-8''")[2]))
    assert saved == [portable_name(name) for name in names]
    assert all(len(name.encode()) < 255 for name in saved)


def test_a_new_version_may_have_another_name(platform: Platform) -> None:
    first = platform.announce(PDF, kind="basis", filename="依据.pdf").json
    platform.put(first["upload"], PDF)
    platform.send("POST", f"/documents/{first['id']}/completion")
    second = platform.announce(PDF, kind="basis", filename="依据（盖章）.pdf", replaces=first["id"]).json
    platform.put(second["upload"], PDF)
    kept = platform.send("POST", f"/documents/{second['id']}/completion").json
    assert (kept["version"], kept["replaces"]) == (2, first["id"])
    assert platform.send("GET", f"/documents/{first['id']}").json["replaced_by"] == second["id"]
    refused = platform.announce(PDF, kind="basis", replaces=first["id"])
    assert (refused.status_code, refused.json["code"], refused.json["replaced_by"]) == (409, "document_replaced", second["id"])
    wrong = platform.announce(PDF, kind="attachment", replaces=second["id"])
    assert (wrong.status_code, wrong.json["errors"][0]["pointer"]) == (422, "/replaces")


def test_a_made_up_token_opens_nothing(platform: Platform) -> None:
    assert platform.client.put("/api/v1/uploads/made-up", data=b"x").status_code == 404
    assert platform.client.get("/api/v1/downloads/made-up").status_code == 404
