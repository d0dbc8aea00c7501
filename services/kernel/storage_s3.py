"""Objects on an S3-compatible server."""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import ComposeSource, CopySource
from minio.error import MinioException, S3Error

from services.kernel.storage import CHUNK, DOWNLOAD_SECONDS, UPLOAD_SECONDS, Missing, Upload, attachment, away

#: Seconds to reach the server, and to wait for its next bytes; a request of ours waits for 10 in all.
CONNECT_SECONDS, READ_SECONDS = 2, 8
#: Connections kept open.
CONNECTIONS = 16


class S3Store:
    """`public` is the server as clients see it (`https://files.example`), where that differs from how we reach it."""

    def __init__(
        self, *, endpoint: str, secure: bool, access_key: str, secret_key: str, region: str, bucket: str, public: str = ""
    ) -> None:
        self._bucket = bucket
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=urllib3.Retry(total=1, backoff_factor=0.1, status_forcelist=(500, 502, 503, 504)),
            maxsize=CONNECTIONS,
        )
        self._client = Minio(endpoint, access_key, secret_key, secure=secure, region=region, http_client=pool)
        seen = urlsplit(public)
        # Never connects: with the region given it only computes signatures.
        self._presigner = (
            Minio(seen.netloc, access_key, secret_key, secure=seen.scheme == "https", region=region) if public else self._client
        )

    def check(self) -> None:
        with _reported():
            try:
                # Keys that may touch objects only cannot ask for the bucket; asking for no object tells as much.
                self._client.get_object(self._bucket, ".check")
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise

    def upload(self, key: str, *, size: int, sha256: str) -> Upload:
        checksum = base64.b64encode(bytes.fromhex(sha256)).decode()
        url = self._presigner.get_presigned_url(
            "PUT",
            self._bucket,
            key,
            expires=timedelta(seconds=UPLOAD_SECONDS),
            extra_query_params={"x-amz-checksum-sha256": checksum},
        )
        return Upload("PUT", url, {})

    def download_url(self, key: str, *, filename: str, media_type: str) -> str:
        return self._presigner.get_presigned_url(
            "GET",
            self._bucket,
            key,
            expires=timedelta(seconds=DOWNLOAD_SECONDS),
            response_headers={
                "response-content-disposition": attachment(filename),
                "response-content-type": media_type,
            },
        )

    def put(self, key: str, content: bytes) -> None:
        with _reported():
            self._client.put_object(self._bucket, key, BytesIO(content), len(content))

    def put_file(self, key: str, path: Path) -> None:
        with _reported():
            self._client.fput_object(self._bucket, key, str(path))

    def settle(self, key: str, final: str) -> None:
        with _reported():
            try:
                self._client.copy_object(self._bucket, final, CopySource(self._bucket, key))
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise
                self._client.stat_object(self._bucket, final)
            self._client.remove_object(self._bucket, key)

    def holds(self, key: str) -> bool:
        with _reported():
            try:
                self._client.stat_object(self._bucket, key)
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise
                return False
            return True

    def compose(self, keys: Sequence[str], final: str) -> None:
        if self.holds(final) and not all(map(self.holds, keys)):
            return
        with _reported():
            self._client.compose_object(self._bucket, final, [ComposeSource(self._bucket, key) for key in keys])
            for key in keys:
                self._client.remove_object(self._bucket, key)

    def read(self, key: str) -> Iterator[bytes]:
        with _reported():
            response = self._client.get_object(self._bucket, key)
            try:
                yield from response.stream(CHUNK)
            finally:
                response.close()
                response.release_conn()

    def remove(self, key: str) -> None:
        with _reported():
            self._client.remove_object(self._bucket, key)

    def objects(self) -> Iterator[tuple[str, datetime]]:
        with _reported():
            for found in self._client.list_objects(self._bucket, recursive=True):
                yield str(found.object_name), found.last_modified


@contextmanager
def _reported() -> Iterator[None]:
    try:
        yield
    except S3Error as error:
        if error.code == "NoSuchKey":
            raise Missing(error.object_name) from error
        raise away(error) from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise away(error) from error
