"""Unified social credit codes of organisations (GB 32100-2015)."""

from __future__ import annotations

import re

from stdnum.cn import uscc

from services.input.regions import was_prefecture
from services.input.text import clean_code

#: Registering authority (first character) → the categories that it registers (second character), by GB 32100-2015, tables 1 and
#: 2, and villages' and residents' committees (54, 55), which the Ministry of Civil Affairs has numbered since 2017. The
#: authorities: 1 staffing offices, 2 foreign affairs, 3 justice, 4 culture, 5 civil affairs, 6 tourism, 7 religion, 8 trade
#: unions, 9 market supervision, A the military's staffing office, N agriculture, Y others.
CATEGORIES = {
    "1": "1239",
    "2": "19",
    "3": "123459",
    "4": "19",
    "5": "123459",
    "6": "129",
    "7": "129",
    "8": "19",
    "9": "123",
    "A": "19",
    "N": "1239",
    "Y": "1",
}
#: The division of the registering authority must be 100000 (a central authority), begin with 66 (the Xinjiang Production and
#: Construction Corps), or begin with four digits of a division of GB/T 2260 that exists or existed. The last two digits are not
#: checked: development zones have numbers of their own.
_CENTRAL, _CORPS = "100000", "66"
_DIVISION = "(?:1[0-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-6]|71|8[12])[0-9]{4}"
_FIRST = "|".join(f"{department}[{categories}]" for department, categories in CATEGORIES.items())
_FORM = re.compile(f"(?:{_FIRST}){_DIVISION}[0-9A-HJ-NPQRTUWXY]{{10}}")


def is_credit_code(code: str) -> bool:
    """Return whether the text is a credit code in canonical spelling: with an authority, a category and a division that exist,
    and a right check digit."""
    return bool(_FORM.fullmatch(code)) and _is_division(code[2:8]) and bool(uscc.calc_check_digit(code[:17]) == code[17])


def _is_division(code: str) -> bool:
    return code == _CENTRAL or code.startswith(_CORPS) or was_prefecture(code[:4])


def parse_credit_code(text: str) -> str:
    """Return the canonical spelling of a typed credit code, which may be in lower case, full width or groups. Raises ValueError
    if the code is not valid."""
    code = clean_code(text).replace("-", "").upper()
    if not is_credit_code(code):
        raise ValueError(f"{code!r} is no unified social credit code")
    return code
