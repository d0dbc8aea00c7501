"""Compression of answers. A compressed answer has the same ETag as the uncompressed one."""

from __future__ import annotations

from flask import Response, request
from flask_compress import Compress

#: The settings of flask-compress: the media types that are compressed if the client accepts compression, and the smallest size in
#: bytes of an answer that is compressed.
CONFIG: dict[str, object] = {
    "COMPRESS_MIMETYPES": ["application/json", "application/problem+json", "text/csv", "text/html", "text/javascript"],
    "COMPRESS_ALGORITHM": ["br", "gzip"],
    "COMPRESS_MIN_SIZE": 1024,
    "COMPRESS_STREAMS": False,
    "COMPRESS_EVALUATE_CONDITIONAL_REQUEST": False,
}


class Compression(Compress):
    """Compresses answers without changing their ETag. flask-compress appends the encoding to the ETag; a client that sent such an
    ETag back in If-Match would name a version that never existed. `Vary` and `no-store` prevent caches from mixing encodings.
    If-None-Match is answered the same with and without compression."""

    def after_request(self, response: Response | None) -> Response:
        etag = response.headers.get("ETag") if response else None
        response = super().after_request(response)
        if etag is not None:
            response.headers["ETag"] = etag
            if request.method in ("GET", "HEAD"):
                response.make_conditional(request)
        return response
