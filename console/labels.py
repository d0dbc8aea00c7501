"""The texts of the console. `labels/<area>.toml` contains the Chinese and the English text for each key."""

from __future__ import annotations

import string
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("zh", "en")
_FOLDER = Path(__file__).with_name("labels")


@cache
def labels() -> dict[str, dict[str, str]]:
    """Return every label by its key. A key begins with its file's name: `home.title` is `title` in home.toml."""
    labels_found: dict[str, dict[str, str]] = {}
    for path in sorted(_FOLDER.glob("*.toml")):
        _collect(path.stem, tomllib.loads(path.read_text(encoding="utf-8")), labels_found)
    return labels_found


def _collect(key: str, value: dict[str, Any], target: dict[str, dict[str, str]]) -> None:
    if set(value) == set(LANGUAGES):
        target[key] = value
        return
    for name, inner in value.items():
        _collect(f"{key}.{name}", inner, target)


def translate(key: str, language: str, **values: Any) -> str:
    """Return a label with its placeholders filled in. Raises KeyError for a key that no file contains, so that a page never shows
    a bare key."""
    text = labels()[key][language]
    return text.format(**values) if values else text


def placeholders(text: str) -> set[str]:
    """Return the names of the values that a label needs."""
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}
