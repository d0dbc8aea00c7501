"""The labels of codes, in Chinese and English. This module is their only source; the texts are in `labels.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Label:
    """The label of a code."""

    zh: str
    en: str

    def to_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


def _load(file: str) -> dict[str, Any]:
    return tomllib.loads(Path(__file__).with_name(file).read_text(encoding="utf-8"))


def _labels(codes: Mapping[str, list[str]]) -> dict[str, Label]:
    return {code: Label(*words) for code, words in codes.items()}


#: Set → code → label. The order of a set is the order in which its codes are shown.
LABELS: Mapping[str, Mapping[str, Label]] = {name: _labels(codes) for name, codes in _load("labels.toml").items()}
#: Region (GB/T 2260) → name: the provinces, and the cities, counties and districts of Guangxi.
REGIONS: Mapping[str, Label] = _labels(_load("regions.toml"))


def region_name(region: str) -> Label:
    """The name of a region (GB/T 2260): its own, or that of its province; the code itself if neither is known."""
    return REGIONS.get(region) or REGIONS.get(f"{region[:2]}0000") or Label(region, region)


def codes_of(name: str) -> tuple[str, ...]:
    """The codes of a set, in the order in which they are shown."""
    return tuple(LABELS[name])


def label(name: str, code: str) -> Label:
    """The label of a code in a set. For an unknown code (from a newer version) the label is the code itself."""
    return LABELS[name].get(code) or Label(code, code)
