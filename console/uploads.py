"""Uploads through the console, for browsers without JavaScript: the console receives the file, hashes it, announces it and sends
it.

With JavaScript, the browser itself hashes the file and sends the bytes, in parts that can be resumed, directly to the address
that the API names.
"""

from __future__ import annotations

import hashlib
from typing import IO, Any
from urllib.parse import urlsplit

import urllib3

from console.api import Api, path_of

#: The largest file that the console itself uploads, in bytes.
LARGEST = 50 << 20
_PIECE = 1 << 20


def send(api: Api, subject: str, kind: str, filename: str, file: IO[bytes], size: int) -> dict[str, Any]:
    """Store a file as a document of a subject. Return the API's answer to the completed upload. Raises Problem if the API
    refuses."""
    digest = hashlib.sha256()
    while piece := file.read(_PIECE):
        digest.update(piece)
    file.seek(0)
    body = {"filename": filename, "kind": kind, "subject": subject, "size": size, "sha256": digest.hexdigest()}
    announced = api.post("/documents", body).data
    _put(api, announced["upload"], file, size)
    completed: dict[str, Any] = api.post(path_of("documents", announced["id"], "completion")).data
    return completed


def _put(api: Api, upload: dict[str, Any], file: IO[bytes], size: int) -> None:
    """Send the bytes to the address that the API named. An address of the API itself is called over the console's own transport,
    because the console may not be able to reach the address that browsers use."""
    address = urlsplit(upload["url"])
    if address.path.startswith("/api/"):
        api.transport.send(upload["method"], address.path, upload["headers"], file.read(), api.client)
        return
    # The length is signed with the address. Without this header the client would send the file chunked, without a length.
    headers = upload["headers"] | {"Content-Length": str(size)}
    urllib3.request(upload["method"], upload["url"], body=file, headers=headers, timeout=120, retries=False)
