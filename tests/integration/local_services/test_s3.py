"""The private S3 server keeps stored objects, and the platform's key may access objects, not the server's administration."""

import io
from collections.abc import Iterator
from pathlib import Path

import pytest
from minio import Minio
from minio.error import S3Error

from deploy.compose.bucket import make as make_bucket
from deploy.local_services import S3
from services.kernel.settings import Settings


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3]:
    with S3(tmp_path_factory.mktemp("s3")) as part:
        part.create_bucket("documents")
        yield part


def client(server: S3) -> Minio:
    return Minio(server.endpoint, server.access_key, server.secret_key, secure=False)


def put(server: S3, bucket: str, key: str, data: bytes) -> None:
    client(server).put_object(bucket_name=bucket, object_name=key, data=io.BytesIO(data), length=len(data))


def get(server: S3, bucket: str, key: str) -> bytes:
    answer = client(server).get_object(bucket_name=bucket, object_name=key)
    try:
        return bytes(answer.read())
    finally:
        answer.close()
        answer.release_conn()


@pytest.mark.parametrize("ending", [S3.kill, S3.stop])
def test_an_object_survives_the_end_of_the_server(server: S3, ending: object) -> None:
    # Given an object larger than one chunk of the S3 server
    agreement = "组建协议".encode() * 500_000
    put(server, "documents", "incoming/agreement", agreement)
    # When the server ends and is started again
    assert callable(ending)
    ending(server)
    server.start()
    server.wait_ready()
    # Then the object is there, byte for byte
    assert get(server, "documents", "incoming/agreement") == agreement


def test_the_platforms_key_makes_no_buckets(server: S3) -> None:
    with pytest.raises(S3Error, match="AccessDenied"):
        client(server).make_bucket(bucket_name="elsewhere")


def test_an_upload_into_a_missing_bucket_is_refused_and_makes_none(server: S3) -> None:
    with pytest.raises(S3Error):
        put(server, "mistyped", "agreement", b"text")
    with pytest.raises(S3Error):
        get(server, "mistyped", "agreement")


def test_a_wrong_key_reads_nothing(server: S3) -> None:
    put(server, "documents", "secret", b"text")
    stranger = Minio(server.endpoint, server.access_key, "guessed", secure=False)
    with pytest.raises(S3Error, match="SignatureDoesNotMatch"):
        stranger.get_object(bucket_name="documents", object_name="secret")


def test_two_servers_run_side_by_side(server: S3, tmp_path: Path) -> None:
    with S3(tmp_path / "second") as second:
        second.create_bucket("documents")
        put(second, "documents", "name", b"second")
        put(server, "documents", "name", b"first")
        assert (get(second, "documents", "name"), get(server, "documents", "name")) == (b"second", b"first")


def test_compose_makes_the_bucket_with_the_administrators_keys_and_again_is_fine(server: S3) -> None:
    administrator, secret = server.secret("admin_access"), server.secret("admin_secret")
    settings = Settings(s3=f"http://{administrator}:{secret}@{server.endpoint}", bucket="composed")
    make_bucket(settings)
    make_bucket(settings)
    assert Minio(server.endpoint, administrator, secret, secure=False).bucket_exists(bucket_name="composed")
