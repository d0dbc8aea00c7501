"""The words for codes, in Chinese and English: their one home. The words themselves are in `labels.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Label:
    """The word for a code."""

    zh: str
    en: str

    def to_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


def _load(file: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))


def _labels(codes: Mapping[str, list[str]]) -> dict[str, Label]:
    return {code: Label(*words) for code, words in codes.items()}


#: Set → code → label. A set's order is the order in which people read its codes.
LABELS: Mapping[str, Mapping[str, Label]] = {name: _labels(codes) for name, codes in _load("labels.toml").items()}
#: Region (GB/T 2260) → name: the provinces, and the cities, counties and districts of Guangxi.
REGIONS: Mapping[str, Label] = _labels(_load("regions.toml"))


def region_name(region: str) -> Label:
    """The name of a region (GB/T 2260): its own, or that of the province; the code where neither is known."""
    return REGIONS.get(region) or REGIONS.get(f"{region[:2]}0000") or Label(region, region)


def label(name: str, code: str) -> Label:
    """The label of a code in a set. A code that the set does not know (of a newer version) labels itself."""
    return LABELS[name].get(code) or Label(code, code)
