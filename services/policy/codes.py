"""Codes of organisations and regions."""

from __future__ import annotations

from stdnum.cn import uscc

#: The first two digits of GB/T 2260 codes: provinces, autonomous regions, municipalities, special regions.
_PROVINCES = frozenset(
    ["11", "12", "13", "14", "15", "21", "22", "23", "31", "32", "33", "34", "35", "36", "37", "41", "42", "43", "44", "45", "46", "50", "51", "52", "53", "54", "61", "62", "63", "64", "65", "71", "81", "82"]
)


def is_valid_uscc(code: str) -> bool:
    """Whether this is a unified social credit code (GB 32100) in its one canonical spelling, check digit included."""
    return uscc.is_valid(code) and code == uscc.compact(code)


def is_valid_region(code: str) -> bool:
    """Whether this has the form of a GB/T 2260 code of six digits in an existing province-level region."""
    return len(code) == 6 and code.isascii() and code.isdigit() and code[:2] in _PROVINCES
