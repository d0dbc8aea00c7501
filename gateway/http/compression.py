"""Compressed answers, whose ETag stays that of the version they show."""

from __future__ import annotations

from typing import Any

from flask import Response, request
from flask_compress import Compress

#: What is compressed for clients that accept it, from how many bytes on.
CONFIG: dict[str, Any] = {
    "COMPRESS_MIMETYPES": ["application/json", "application/problem+json", "text/csv", "text/html", "text/javascript"],
    "COMPRESS_ALGORITHM": ["br", "gzip"],
    "COMPRESS_MIN_SIZE": 1024,
    "COMPRESS_STREAMS": False,
    "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": False,
}


class Compression(Compress):
    """flask-compress appends the encoding to the ETag, so that a client that sent it back in If-Match held a version that never
    was. An ETag here names a version, whatever encoding carries it; no cache may mix encodings up (`Vary`, `no-store`).
    If-None-Match is answered alike with and without compression."""

    def after_request(self, response: Response | None) -> Response:
        etag = response.headers.get("ETag") if response else None
        response = super().after_request(response)
        if etag is not None:
            response.headers["ETag"] = etag
            if request.method in ("GET", "HEAD"):
                response.make_conditional(request)
        return response
