"""Preconditions: an approval names the version that its author read, so that no other version is approved."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from services.kernel.errors import PreconditionFailed, PreconditionRequired


def version_tag(id: str, revision: int, fields: Mapping[str, Any]) -> str:
    """Return the ETag of the version that an approval must have read: a digest of its number of changes and its content. Because
    the content is part of it, no client can name a version by counting."""
    content = json.dumps([id, revision, fields], ensure_ascii=False, sort_keys=True, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def require_current(if_match: str | None, etag: str) -> None:
    """Check that the caller has read the present version before it is approved, published or decided on. `if_match` is the ETag
    from the request, `etag` that of the present version.

    Raises PreconditionRequired if the request contains none, PreconditionFailed if the object has changed since.
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
