"""The Chinese words for codes in official documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from services.contracts.labels import LABELS, Label
from services.documents.generated.layout import said
from services.policy import spell_out
from services.policy.bureaus import BUREAUS

LAW = "《广西壮族自治区创新联合体管理办法（试行）》"
TIERS = LABELS["tier"]
GOALS = LABELS["goal"]
SYSTEMS = LABELS["operating_system"]
SEVERITIES = LABELS["severity"]
FINDINGS = LABELS["finding_status"]
OUTCOMES = LABELS["opinion_outcome"]
GRADES = LABELS["grade"]


def bureau(code: str | None) -> str:
    """Return a bureau's name; the code itself for a bureau that no longer exists."""
    return BUREAUS[code].name.zh if code in BUREAUS else code or "—"


def material(kind: str) -> str:
    """Return the Chinese word for a kind of document."""
    return word(LABELS["document_kind"], kind)


def article(citation: str) -> str:
    """Return `A14(2)` in the regulation's own words (第十四条第（二）项); other text unchanged."""
    return spell_out(citation).zh or citation


def word(words: Mapping[str, Label], code: str | None) -> str:
    """Return the Chinese word for a code; the code itself if there is no word for it."""
    found = words.get(code or "")
    return found.zh if found else code or "—"


def zh(text: Any) -> str:
    """Return the Chinese part of a text in two languages; return any other value in words."""
    return str(text["zh"]) if isinstance(text, dict) else said(text)
