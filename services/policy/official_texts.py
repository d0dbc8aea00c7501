"""Texts of official documents that the regulation does not contain: document numbers and remedies. Their data is in
`papers.toml`."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.policy.bureaus import BUREAUS


@dataclass(frozen=True, slots=True)
class Office:
    """A bureau as an issuer of documents. `sign`: its 机关代字, used in document numbers; `authority`: the government that
    reviews its acts."""

    sign: str
    authority: str


_TEXTS: Mapping[str, Any] = tomllib.loads(Path(__file__).with_name("papers.toml").read_text(encoding="utf-8"))
#: Bureau code → the bureau's data as an issuer.
OFFICES = {code: Office(**row) for code, row in _TEXTS["bureaus"].items()}


def document_number(bureau: str, year: int, number: int) -> str:
    """Format a document number (发文字号): 桂科创联〔2026〕3号. Raises KeyError for an unknown bureau."""
    return str(_TEXTS["number"].format(sign=OFFICES[bureau].sign, year=year, number=number))


def remedies(bureau: str, act: str) -> str:
    """Return the text about administrative review (行政复议) and litigation (行政诉讼) against an adverse act (决定, 通知) of a
    bureau: authority, court and terms. Raises KeyError for an unknown bureau."""
    texts = _TEXTS["remedies"]
    terms = {name: texts[name] for name in ("days", "months", "court")}
    return str(texts["zh"].format(act=act, authority=OFFICES[bureau].authority, **terms))


def printer(bureau: str) -> str:
    """Return the office that prints a bureau's documents (印发机关). Raises KeyError for an unknown bureau."""
    return str(_TEXTS["printed_by"].format(bureau=BUREAUS[bureau].name.zh))
