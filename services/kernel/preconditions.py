"""Preconditions: an approval names the version that the approving person has read, so that no other version is approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from services.kernel.errors import PreconditionFailed, PreconditionRequired


def version_tag(id: str, revision: int, fields: Mapping[str, Any]) -> str:
    """Return the ETag of an object's version, which an approval of the object must name: a digest of the number of changes and of
    the content. Because the content is part of the digest, a client cannot name a version that it has not read."""
    content = json.dumps([id, revision, fields], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def require_current(if_match: str | None, etag: str) -> None:
    """Check that the caller has read the present version of an object before the object is approved, published or decided on.
    `if_match` is the ETag from the request, `etag` that of the present version.

    Raises PreconditionRequired if the request names no version, PreconditionFailed if the object has changed since.
    """
    if if_match is None:
        raise PreconditionRequired(
            "version_not_named",
            "请先打开并阅读最新内容，再办理。",
            "Read the present version first, then repeat this with its ETag in If-Match.",
            etag=etag,
        )
    if if_match != etag:
        raise PreconditionFailed(
            "version_changed",
            "您阅读后内容已有变化，请重新阅读后再办理。",
            "It has changed since you read it; read it again before you go on.",
            etag=etag,
        )
