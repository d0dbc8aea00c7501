"""Codes of organisations and regions."""

from __future__ import annotations

from services.input.credit_code import is_credit_code
from services.input.regions import is_region


def is_valid_uscc(code: str) -> bool:
    """Return whether this is a unified social credit code (GB 32100) in its canonical spelling, with the right check digit."""
    return is_credit_code(code)


def is_valid_region(code: str) -> bool:
    """Return whether this is the six-digit code of a division of GB/T 2260 that exists today."""
    return is_region(code)
