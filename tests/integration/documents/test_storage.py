"""One interface, three stores: the file store passes the same tests as the two S3 servers."""

from __future__ import annotations

import base64
import hashlib
import io
import os
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from minio import Minio
from minio.error import S3Error

from deploy.local_services.s3 import S3
from services.kernel.errors import Invalid, NotFound, Unavailable
from services.kernel.settings import Settings
from services.kernel.storage.base import CHUNK, Missing, Store, open_stored
from services.kernel.storage.factory import store_of
from services.kernel.storage.filesystem import SCRATCH_SECONDS, FileStore
from tests.integration.documents.conftest import over_http, send, settings_of, store_named

BYTES = b"0123456789" * 300_000
ROOT = Path(__file__).parents[3]
#: A body so small that the client has sent all of it before the server refuses the request.
FEW = BYTES[:10_000]


@pytest.fixture(params=["files", "s3", "minio"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    return store_named(request, request.param, tmp_path)


def announced(store: Store, key: str, content: bytes = BYTES) -> bool:
    """Announce these bytes and send them; return whether the store accepted them."""
    return send(store, store.upload(key, size=len(content), sha256=hashlib.sha256(content).hexdigest()), content)


def test_what_was_uploaded_is_settled_and_read_in_chunks(store: Store) -> None:
    store.check()
    assert announced(store, "incoming/whole")
    store.move_to_final("incoming/whole", "documents/whole")
    chunks = list(store.read("documents/whole"))
    assert b"".join(chunks) == BYTES
    assert max(map(len, chunks)) <= CHUNK


def test_a_part_is_read_where_it_lies(store: Store) -> None:
    announced(store, "documents/part")
    assert store.read_part("documents/part", 15, 10) == b"5678901234"
    with open_stored(store, "documents/part", len(BYTES)) as file:
        assert file.seek(-5, io.SEEK_END) == len(BYTES) - 5
        assert (file.read(), file.read()) == (b"56789", b"")
        assert (file.seek(7), file.read(3)) == (7, b"789")
    with pytest.raises(Missing):
        store.read_part("documents/none", 0, 1)


@pytest.mark.parametrize("other", [BYTES[:-1] + b"x", BYTES[:-1], BYTES + b"x"])
def test_other_bytes_than_announced_are_refused(store: Store, other: bytes) -> None:
    upload = store.upload("incoming/other", size=len(BYTES), sha256=hashlib.sha256(BYTES).hexdigest())
    assert not send(store, upload, other)
    with pytest.raises(Missing):
        store.move_to_final("incoming/other", "documents/other")


def test_settling_twice_changes_nothing(store: Store) -> None:
    announced(store, "incoming/twice")
    store.move_to_final("incoming/twice", "documents/twice")
    store.move_to_final("incoming/twice", "documents/twice")
    assert b"".join(store.read("documents/twice")) == BYTES


def test_an_upload_after_settling_does_not_reach_the_settled_bytes(store: Store) -> None:
    announced(store, "incoming/late", b"first")
    store.move_to_final("incoming/late", "documents/late")
    announced(store, "incoming/late", b"second")
    assert b"".join(store.read("documents/late")) == b"first"


def test_what_is_not_there_is_missing_and_can_be_removed_all_the_same(store: Store) -> None:
    store.remove("documents/none")
    with pytest.raises(Missing):
        list(store.read("documents/none"))


def test_removed_is_gone(store: Store) -> None:
    announced(store, "incoming/gone")
    store.remove("incoming/gone")
    with pytest.raises(Missing):
        list(store.read("incoming/gone"))


# The S3 servers


@pytest.fixture(params=["s3", "minio"])
def remote(request: pytest.FixtureRequest) -> Store:
    return store_of(settings_of(request.getfixturevalue(request.param)))


def test_an_upload_address_takes_the_announced_bytes_and_nothing_else(remote: Store) -> None:
    # Given an upload URL that its client has passed on to other people
    upload = remote.upload("incoming/passed-on", size=len(FEW), sha256=hashlib.sha256(FEW).hexdigest())
    other = FEW[:-1] + b"x"
    digest = {"x-amz-checksum-sha256": base64.b64encode(hashlib.sha256(other).digest()).decode()}
    unsigned = {"x-amz-content-sha256": "UNSIGNED-PAYLOAD"}
    # When another client uses that URL to send other bytes without the headers, with another checksum or as an unsigned payload,
    # or to send bytes in chunks without a length, or too many
    refused = [
        over_http("PUT", upload.url, other),
        over_http("PUT", upload.url, other, digest),
        over_http("PUT", upload.url, other, upload.headers | unsigned),
        over_http("PUT", upload.url, iter([FEW]), upload.headers | {"Transfer-Encoding": "chunked"}),
        over_http("PUT", upload.url, FEW * 3, upload.headers),
    ]
    # Then each of these requests is refused, nothing is stored, and the announced bytes are still accepted
    assert [answer.status for answer in refused if answer.status < 400] == []
    assert not remote.exists("incoming/passed-on")
    assert send(remote, upload, FEW)
    # and the upload requires only a header that a script in a browser may set
    assert set(upload.headers) == {"x-amz-checksum-sha256"}


def test_browsers_of_the_console_may_send_the_signed_header(remote: Store) -> None:
    upload = remote.upload("incoming/asked", size=1, sha256="0" * 64)
    asked = {
        "Origin": "https://guichuang.example",
        "Access-Control-Request-Method": upload.method,
        "Access-Control-Request-Headers": ",".join(upload.headers),
    }
    answer = over_http("OPTIONS", upload.url, None, asked)
    assert answer.status == 200
    assert answer.headers["Access-Control-Allow-Origin"] == asked["Origin"]
    assert answer.headers["Access-Control-Allow-Headers"].lower() == asked["Access-Control-Request-Headers"]


@pytest.mark.parametrize(
    ("server", "by_query", "mismatch", "locks"),
    [
        ("s3", 400, b"BadDigest", b"ObjectLockConfigurationNotFoundError"),
        ("minio", 200, b"XAmzContentSHA256Mismatch", b"NotImplemented"),
    ],
)
def test_the_servers_differ_as_documents_md_lists(
    request: pytest.FixtureRequest, server: str, by_query: int, mismatch: bytes, locks: bytes
) -> None:
    part = request.getfixturevalue(server)
    settings, other = settings_of(part), FEW[:-1] + b"x"
    client = Minio(part.endpoint, part.access_key, part.secret_key, secure=False, region="us-east-1")
    upload = store_of(settings).upload("incoming/differs", size=len(FEW), sha256=hashlib.sha256(FEW).hexdigest())
    # MinIO ignores a checksum in the query, and accepts any bytes.
    query = {"x-amz-checksum-sha256": upload.headers["x-amz-checksum-sha256"]}
    unsigned = client.get_presigned_url("PUT", settings.bucket, "incoming/by-query", extra_query_params=query)
    assert over_http("PUT", unsigned, other).status == by_query
    # If other bytes of the same length are sent to the platform's own upload addresses, both servers refuse, in different words.
    assert mismatch in over_http("PUT", upload.url, other, upload.headers).read()
    # The ordinary bucket has no object lock, which the two servers report by different codes.
    with pytest.raises(S3Error) as refused:
        client.get_object_lock_config(settings.bucket)
    assert refused.value.code.encode() == locks
    assert not store_of(settings).locks()
    page = (ROOT / "docs/operations/documents.md").read_text(encoding="utf-8")
    assert mismatch.decode() in page and locks.decode() in page


def test_a_presigned_download_is_an_attachment_under_its_name(remote: Store) -> None:
    announced(remote, "incoming/named", b"%PDF-1.7")
    answer = over_http("GET", remote.download_url("incoming/named", filename='组 "建".pdf', media_type="application/pdf"))
    assert (answer.status, answer.read()) == (200, b"%PDF-1.7")
    disposition = answer.headers["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert unquote(disposition.partition("filename*=UTF-8''")[2]) == "组 _建_.pdf"
    assert answer.headers["Content-Type"] == "application/pdf"


def test_clients_are_sent_to_the_public_host(s3: S3) -> None:
    settings = Settings(s3=settings_of(s3).s3, s3_public="https://files.example")
    upload = store_of(settings).upload("incoming/a", size=1, sha256="0" * 64)
    assert upload.url.startswith("https://files.example/guichuang/incoming/a?")


def test_a_store_that_is_away_or_has_no_bucket_says_so() -> None:
    with pytest.raises(Unavailable) as refused:
        store_of(Settings(s3="http://k:s@127.0.0.1:9")).check()
    assert refused.value.code == "store_unavailable"


def test_a_missing_bucket_shows(s3: S3) -> None:
    with pytest.raises(Unavailable):
        store_of(Settings(s3=settings_of(s3).s3, bucket="another")).check()


# Files on disk


@pytest.fixture
def files(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path / "objects")


def token(url: str) -> str:
    return url.rpartition("/")[2]


def test_another_process_on_the_same_folder_takes_the_same_tokens(files: FileStore, tmp_path: Path) -> None:
    upload = files.upload("incoming/a", size=2, sha256=hashlib.sha256(b"ab").hexdigest())
    FileStore(tmp_path / "objects").receive(token(upload.url), io.BytesIO(b"ab"))
    assert b"".join(files.read("incoming/a")) == b"ab"


def test_a_download_token_names_its_file_and_expires(files: FileStore, monkeypatch: pytest.MonkeyPatch) -> None:
    announced(files, "incoming/a", b"ab")
    given = token(files.download_url("incoming/a", filename="甲.txt", media_type="text/plain"))
    download = files.serve(given)
    assert (download.path.read_bytes(), download.filename, download.media_type) == (b"ab", "甲.txt", "text/plain")
    monkeypatch.setattr("services.kernel.storage.filesystem.DOWNLOAD_SECONDS", -1)
    expired = token(files.download_url("incoming/a", filename="甲.txt", media_type="text/plain"))
    with pytest.raises(NotFound):
        files.serve(expired)


def test_a_token_is_good_for_one_thing_only(files: FileStore) -> None:
    put = token(files.upload("incoming/a", size=1, sha256="0" * 64).url)
    with pytest.raises(NotFound):
        files.serve(put)
    get = token(files.download_url("incoming/a", filename="a", media_type="text/plain"))
    with pytest.raises(NotFound):
        files.receive(get, io.BytesIO(b"a"))


@pytest.mark.parametrize("made_up", ["", "x", "é", "....", base64.urlsafe_b64encode(b"store.AAAA\n{}").decode()])
def test_made_up_tokens_open_nothing(files: FileStore, made_up: str) -> None:
    with pytest.raises(NotFound):
        files.serve(made_up)


@pytest.mark.parametrize("key", ["a", "../a", "incoming/../../a", "/etc/passwd", "incoming/.key", "a/b/c", "a/b\x00"])
def test_no_key_leads_out_of_the_folder(files: FileStore, key: str) -> None:
    with pytest.raises(ValueError, match="not a key"):
        list(files.read(key))


def test_a_refused_upload_leaves_nothing_behind(files: FileStore, tmp_path: Path) -> None:
    upload = files.upload("incoming/a", size=2, sha256=hashlib.sha256(b"ab").hexdigest())
    with pytest.raises(Invalid):
        files.receive(token(upload.url), io.BytesIO(b"a" * 10))
    assert [path.name for path in (tmp_path / "objects").rglob("*") if path.is_file()] == [".key"]


def test_no_more_is_read_than_was_announced(files: FileStore) -> None:
    class Endless(io.RawIOBase):
        given = 0

        def read(self, size: int = -1) -> bytes:
            self.given += size
            return b"a" * size

    body, upload = Endless(), files.upload("incoming/a", size=1000, sha256="0" * 64)
    with pytest.raises(Invalid):
        files.receive(token(upload.url), body)
    assert body.given == 1001


def test_what_a_killed_upload_left_is_cleared_at_a_later_start(files: FileStore, tmp_path: Path) -> None:
    scratch = tmp_path / "objects" / ".scratch"
    for name, age in (("old", SCRATCH_SECONDS + 60), ("running", 60)):
        (scratch / name).write_bytes(b"half")
        os.utime(scratch / name, (time.time() - age,) * 2)
    FileStore(tmp_path / "objects")
    assert [path.name for path in scratch.iterdir()] == ["running"]


def test_the_key_of_the_store_is_for_its_owner_only(files: FileStore, tmp_path: Path) -> None:
    assert (tmp_path / "objects" / ".key").stat().st_mode & 0o077 == 0


def test_a_disk_that_fails_is_told_as_away(files: FileStore, tmp_path: Path) -> None:
    (tmp_path / "objects" / "incoming").write_text("a file where a folder should be")
    with pytest.raises(Unavailable):
        announced(files, "incoming/a", b"ab")


def test_settings_name_the_store(tmp_path: Path) -> None:
    store_of(Settings(var=str(tmp_path)))
    assert (tmp_path / "objects" / ".key").exists()
    with pytest.raises(ValueError, match="GUICHUANG_S3"):
        store_of(Settings(s3="ftp://example"))
