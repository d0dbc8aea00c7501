"""Compare upload and download of a document by presigned URLs with the bare minio client on the same server."""

from __future__ import annotations

import hashlib
import http.client
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from minio import Minio

from bench.infrastructure import median, spread
from bench.table import Line
from deploy.local_services.s3 import S3
from services.kernel.ids import new_id
from services.kernel.settings import Settings
from services.kernel.storage.base import CHUNK
from services.kernel.storage.factory import store_of

RUNS = 7
MEGABYTES = 48
BAR = 0.90
BUCKET = "guichuang"


def measure() -> list[Line]:
    """Measure upload and download by presigned URLs and by the minio client, alternately, and compare the medians. On both sides
    hashing is part of an upload."""
    with TemporaryDirectory(prefix="guichuang-bench-") as name, S3(Path(name) / "s3") as server:
        server.create_bucket(BUCKET)
        file = Path(name) / "file"
        file.write_bytes(os.urandom(MEGABYTES << 20))
        client = Minio(server.endpoint, server.access_key, server.secret_key, secure=False)
        store = store_of(Settings(s3=f"http://{server.access_key}:{server.secret_key}@{server.endpoint}", bucket=BUCKET))
        rates: dict[str, list[float]] = {"up": [], "bare up": [], "down": [], "bare down": []}
        for _ in range(RUNS):
            key = f"incoming/{new_id()}"

            def up(key: str = key) -> None:
                digest = hashlib.sha256()
                with file.open("rb") as content:
                    while chunk := content.read(CHUNK):
                        digest.update(chunk)
                    content.seek(0)
                    upload = store.upload(key, size=MEGABYTES << 20, sha256=digest.hexdigest())
                    _over_http("PUT", upload.url, content, upload.headers)

            def down(key: str = key) -> None:
                url = store.download_url(key, filename="a.bin", media_type="application/octet-stream")
                _over_http("GET", url, into=f"{name}/ours")

            rates["up"].append(_rate(up))
            rates["bare up"].append(_rate(lambda key=key: client.fput_object(BUCKET, f"{key}-bare", str(file))))
            rates["down"].append(_rate(down))
            rates["bare down"].append(_rate(lambda key=key: client.fget_object(BUCKET, f"{key}-bare", f"{name}/back")))
    return [_line("upload", rates["up"], rates["bare up"]), _line("download", rates["down"], rates["bare down"])]


def _line(what: str, ours: list[float], bare: list[float]) -> Line:
    ratio = median(ours) / median(bare)
    return Line(
        what=f"{what} of {MEGABYTES} MiB by a presigned URL",
        ours=f"{median(ours):.0f} MiB/s ({spread(ours)})",
        yardstick=f"the bare minio client: {median(bare):.0f} MiB/s ({spread(bare)})",
        measured=f"{ratio:.0%}",
        bar=f"≥ {BAR:.0%}",
        met=ratio >= BAR,
    )


def _rate(act: Callable[[], object]) -> float:
    started = time.monotonic()
    act()
    return MEGABYTES / (time.monotonic() - started)


def _over_http(
    method: str, url: str, body: object = None, more: Mapping[str, str] | None = None, *, into: str = os.devnull
) -> None:
    where = urlsplit(url)
    connection = http.client.HTTPConnection(where.netloc, timeout=60, blocksize=CHUNK)
    headers = {"Content-Length": str(MEGABYTES << 20), **(more or {})} if body else {}
    connection.request(method, f"{where.path}?{where.query}", body=body, headers=headers)  # type: ignore[arg-type]
    answer = connection.getresponse()
    with open(into, "wb") as file:
        while chunk := answer.read(CHUNK):
            file.write(chunk)
    if answer.status != 200:
        raise RuntimeError(f"{method} answered {answer.status}")
    connection.close()
