"""Codes of organisations and regions."""

from __future__ import annotations

import re

from services.input.credit_code import is_credit_code

#: GB/T 2260: six digits, the first two an existing province-level region.
_REGION = re.compile(r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])[0-9]{4}")


def is_valid_uscc(code: str) -> bool:
    """Whether this is a unified social credit code (GB 32100) in its one canonical spelling, check digit included."""
    return is_credit_code(code)


def is_valid_region(code: str) -> bool:
    """Whether this has the form of a GB/T 2260 code in an existing province-level region."""
    return _REGION.fullmatch(code) is not None
