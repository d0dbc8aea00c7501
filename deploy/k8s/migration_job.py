"""The name of the migration Job. Kubernetes does not allow changing a Job's template, so every changed template needs a new
name."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent


def migrations_name(version: str, tier: str, parts: Sequence[str], patches: Sequence[Any], others: Any) -> str:
    """Return the Job's name: the version, for people who read it, and a digest of everything that determines the Job's template:
    the files of the overlay's parts that concern Jobs, the overlay's own patches, the image and the labels."""
    files = {name: text for part in (f"migrations/{tier}", *parts) for name, text in _about_jobs(HERE / "components" / part)}
    content = json.dumps([files, patches, others], sort_keys=True, ensure_ascii=False)
    return f"migrations-{_slug(version)}-{hashlib.sha256(content.encode()).hexdigest()[:8]}"


def _about_jobs(folder: Path) -> Iterator[tuple[str, str]]:
    for path in sorted(folder.glob("*.yaml")):
        text = path.read_text(encoding="utf-8")
        if re.search(r"kind: Job\b|\bmigrations\b", text) or path.name == "migrations.yaml":
            yield path.relative_to(HERE).as_posix(), text


def _slug(version: str) -> str:
    """Return the version in a form that a name may contain."""
    return re.sub(r"[^a-z0-9]+", "-", version.removeprefix("sha256:").lower())[:40].strip("-")
