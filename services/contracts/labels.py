"""The labels of codes, in Chinese and English. All texts are in `labels.toml`; no other module defines a label."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Label:
    """The label of a code, in Chinese and English."""

    zh: str
    en: str

    def to_dict(self) -> dict[str, str]:
        return {"zh": self.zh, "en": self.en}


def _read(file: str) -> str:
    return Path(__file__).with_name(file).read_text(encoding="utf-8")


def _labels(codes: Mapping[str, list[str]]) -> dict[str, Label]:
    return {code: Label(*words) for code, words in codes.items()}


_SETS: Mapping[str, Mapping[str, list[str]]] = tomllib.loads(_read("labels.toml"))
#: All labels: set → code → label. The order within a set is the order in which its codes are shown.
LABELS: Mapping[str, Mapping[str, Label]] = {name: _labels(codes) for name, codes in _SETS.items()}
#: Region code (GB/T 2260) → name. It contains the provinces, and the cities, counties and districts of Guangxi.
REGIONS: Mapping[str, Label] = _labels(tomllib.loads(_read("regions.toml")))


def region_name(region: str) -> Label:
    """Return the name of a region (GB/T 2260). For a region without a name of its own, return the name of its province; if the
    province is unknown too, the code itself."""
    return REGIONS.get(region) or REGIONS.get(f"{region[:2]}0000") or Label(region, region)


def codes_of(name: str) -> tuple[str, ...]:
    """Return the codes of a set, in the order in which they are shown."""
    return tuple(LABELS[name])


def label(name: str, code: str) -> Label:
    """Return the label of a code in a set. A code that is unknown here, because a newer release sent it, is its own label."""
    return LABELS[name].get(code) or Label(code, code)
