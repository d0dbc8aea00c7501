"""The store of objects on an S3-compatible server."""

from __future__ import annotations

import base64
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import urllib3
from minio import Minio
from minio.commonconfig import ENABLED, GOVERNANCE, ComposeSource, CopySource
from minio.credentials.credentials import Credentials
from minio.error import MinioException, S3Error
from minio.retention import Retention
from minio.signer import sign_v4_s3
from minio.versioningconfig import SUSPENDED

from services.kernel.observability import outages
from services.kernel.storage.base import CHUNK, DOWNLOAD_SECONDS, UPLOAD_SECONDS, Locked, Missing, Upload, attachment, unavailable

#: Seconds to wait for a connection to the server, and for its next bytes. A request to the platform may take 10 seconds in total.
CONNECT_SECONDS, READ_SECONDS = 2, 8
#: The error codes with which servers report that a bucket or an object has no lock, or that these credentials may not read it.
NO_LOCK = (
    *("ObjectLockConfigurationNotFoundError", "NoSuchObjectLockConfiguration", "NoSuchObjectLegalHold"),
    *("AccessDenied", "NotImplemented", "MethodNotAllowed"),
)
#: The number of connections to the server that are kept open.
CONNECTIONS = 16

Answer = TypeVar("Answer")

log = logging.getLogger(__name__)


class S3Store:
    """A store on an S3-compatible server. `public` is the server's URL for clients (`https://files.example`), if it differs from
    the URL that the services use."""

    def __init__(
        self, *, endpoint: str, secure: bool, access_key: str, secret_key: str, region: str, bucket: str, public: str = ""
    ) -> None:
        self._bucket = bucket
        self._credentials = Credentials(access_key, secret_key)
        self._region = region
        #: Whether the bucket supports locks; None until it is first needed.
        self._locks: bool | None = None
        self._is_versioned: bool | None = None
        pool = urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=CONNECT_SECONDS, read=READ_SECONDS),
            retries=urllib3.Retry(total=1, backoff_factor=0.1, status_forcelist=(500, 502, 503, 504)),
            maxsize=CONNECTIONS,
        )
        self._client = Minio(endpoint, access_key, secret_key, secure=secure, region=region, http_client=pool)
        public_parts = urlsplit(public)
        # This client never connects: because its region is given, it only computes signatures.
        self._presigner = (
            Minio(public_parts.netloc, access_key, secret_key, secure=public_parts.scheme == "https", region=region)
            if public
            else self._client
        )

    def check(self) -> None:
        with _errors_translated():
            try:
                # Credentials that allow access to objects only may not query the bucket. So the check reads an object that does
                # not exist: the answer "no such key" proves that the bucket can be reached with these credentials.
                self._client.get_object(self._bucket, ".check")
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise

    def upload(self, key: str, *, size: int, sha256: str) -> Upload:
        checksum = {"x-amz-checksum-sha256": base64.b64encode(bytes.fromhex(sha256)).decode()}
        # Every HTTP client sends the length by itself, and browsers do not let scripts set it. So the length is signed but not
        # among the headers that the client is told to send.
        url = self._presigned_put(key, checksum | {"content-length": str(size)}, sha256)
        return Upload("PUT", url, checksum)

    def _presigned_put(self, key: str, headers: Mapping[str, str], sha256: str) -> str:
        """Return the URL of a PUT request that is valid only with these headers and these bytes. The client library's own
        presigning signs only the host. The checksum is signed twice: SeaweedFS and newer MinIO check the header, all MinIO
        versions check X-Amz-Content-Sha256. If neither were signed, the URL would accept anything of any size."""
        url_parts = urlsplit(self._presigner.get_presigned_url("PUT", self._bucket, key))
        parameters = dict(parse_qsl(url_parts.query))
        signed = {"host": url_parts.netloc, **headers}
        query = {name: parameters[name] for name in ("X-Amz-Algorithm", "X-Amz-Credential", "X-Amz-Date")}
        query |= {"X-Amz-Expires": str(UPLOAD_SECONDS), "X-Amz-SignedHeaders": ";".join(sorted(signed))}
        query["X-Amz-Content-Sha256"] = sha256
        unsigned = url_parts._replace(query=urlencode(query, quote_via=quote, safe=""))
        authorization = sign_v4_s3(
            method="PUT",
            url=unsigned,
            region=self._region,
            headers=dict(signed),
            credentials=self._credentials,
            content_sha256=sha256,
            date=datetime.strptime(parameters["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC),
        )["Authorization"]
        return f"{unsigned.geturl()}&X-Amz-Signature={str(authorization).rpartition('=')[2]}"

    def download_url(self, key: str, *, filename: str, media_type: str, inline: bool = False) -> str:
        return self._presigner.get_presigned_url(
            "GET",
            self._bucket,
            key,
            expires=timedelta(seconds=DOWNLOAD_SECONDS),
            response_headers={
                "response-content-disposition": attachment(filename, inline=inline),
                "response-content-type": media_type,
            },
        )

    def put(self, key: str, content: bytes) -> None:
        with _errors_translated():
            self._client.put_object(self._bucket, key, BytesIO(content), len(content))

    def put_file(self, key: str, path: Path) -> None:
        with _errors_translated():
            self._client.fput_object(self._bucket, key, str(path))

    def move_to_final(self, key: str, final: str) -> None:
        with _errors_translated():
            try:
                self._client.copy_object(self._bucket, final, CopySource(self._bucket, key))
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise
                self._client.stat_object(self._bucket, final)
            self._remove_all_versions(key)

    def exists(self, key: str) -> bool:
        with _errors_translated():
            try:
                self._client.stat_object(self._bucket, key)
            except S3Error as error:
                if error.code != "NoSuchKey":
                    raise
                return False
            return True

    def compose(self, keys: Sequence[str], final: str) -> None:
        if self.exists(final) and not all(map(self.exists, keys)):
            return
        with _errors_translated():
            self._client.compose_object(self._bucket, final, [ComposeSource(self._bucket, key) for key in keys])
            for key in keys:
                self._remove_all_versions(key)

    def read(self, key: str) -> Iterator[bytes]:
        with _errors_translated():
            response = self._client.get_object(self._bucket, key)
            try:
                yield from response.stream(CHUNK)
            finally:
                response.close()
                response.release_conn()

    def read_part(self, key: str, start: int, length: int) -> bytes:
        with _errors_translated():
            response = self._client.get_object(self._bucket, key, offset=start, length=length)
            try:
                return response.read()
            finally:
                response.close()
                response.release_conn()

    def remove(self, key: str) -> None:
        with _errors_translated():
            self._remove_all_versions(key)

    def locks(self) -> bool:
        if self._locks is None:
            with _errors_translated():
                self._locks = self._read_or_none(lambda: self._client.get_object_lock_config(self._bucket)) is not None
        return self._locks

    def protect(self, key: str, until: datetime | None, *, held: bool) -> None:
        with _errors_translated():
            if until is not None:
                present = self._read_or_none(lambda: self._client.get_object_retention(self._bucket, key))
                if present is None or present.retain_until_date < until:
                    # Mode GOVERNANCE: under COMPLIANCE no account could correct a wrong date during the whole term.
                    self._client.set_object_retention(self._bucket, key, Retention(GOVERNANCE, until))
            if held:
                self._client.enable_object_legal_hold(self._bucket, key)
            elif self._read_or_none(lambda: self._client.is_object_legal_hold_enabled(self._bucket, key)):
                self._client.disable_object_legal_hold(self._bucket, key)

    def _remove_all_versions(self, key: str) -> None:
        """Remove every version of an object, the newest first. In a versioned bucket, removing only the object would merely hide
        it."""
        if not self._versioned():
            self._client.remove_object(self._bucket, key)
            return
        for entry in self._client.list_objects(self._bucket, prefix=key, recursive=True, include_version=True):
            if entry.object_name == key:
                self._remove_version(key, entry.version_id)

    def _versioned(self) -> bool:
        if self._is_versioned is None:
            status = self._read_or_none(lambda: self._client.get_bucket_versioning(self._bucket).status)
            self._is_versioned = status in (ENABLED, SUSPENDED) or self.locks()
        return self._is_versioned

    def _remove_version(self, key: str, version: str | None) -> None:
        try:
            self._client.remove_object(self._bucket, key, version_id=version)
        except S3Error as error:
            if error.code not in ("AccessDenied", "ObjectLocked"):
                raise
            raise Locked(key) from error

    def _read_or_none(self, query: Callable[[], Answer]) -> Answer | None:
        """Return the server's answer to a question about locks and versions; None if the server reports that there are none, or
        that these credentials may not read them."""
        try:
            return query()
        except S3Error as error:
            if error.code not in NO_LOCK:
                raise
            return None

    def objects(self) -> Iterator[tuple[str, datetime]]:
        with _errors_translated():
            for entry in self._client.list_objects(self._bucket, recursive=True):
                yield str(entry.object_name), entry.last_modified


@contextmanager
def _errors_translated() -> Iterator[None]:
    try:
        yield
        outages.log_recovery(log, "store_unavailable", "the object store is back")
    except S3Error as error:
        if error.code == "NoSuchKey":
            raise Missing(error.object_name) from error
        raise unavailable(error) from error
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise unavailable(error) from error
