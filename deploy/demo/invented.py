"""Invented organisations that meet the rules, with valid social credit codes that differ in every run."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import date
from typing import Any

from stdnum.cn import uscc

from services.contracts.payload import JsonObject

Organisation = JsonObject

#: The characters that may occur in places 9 to 17 of a social credit code; invented codes draw from them at random.
_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_PLACES = {
    "450100": "南宁",
    "450200": "柳州",
    "450300": "桂林",
    "450400": "梧州",
    "450500": "北海",
    "451400": "崇左",
    "440100": "广州",
    "430100": "长沙",
}
_ENDINGS = {
    "enterprise": "科技有限公司",
    "university": "大学",
    "research_institute": "研究院",
    "tech_transfer": "技术转移中心",
    "service_agency": "检验检测中心",
    "other": "产业促进会",
}
#: Region and kind of the units of a valid consortium, the lead first: 12 units, 9 in Guangxi, 6 enterprises.
TWELVE = (
    ("450200", "enterprise"),
    ("450100", "university"),
    ("450300", "research_institute"),
    ("450200", "enterprise"),
    ("450100", "enterprise"),
    ("450400", "tech_transfer"),
    ("450500", "enterprise"),
    ("440100", "university"),
    ("430100", "research_institute"),
    ("451400", "enterprise"),
    ("450300", "enterprise"),
    ("440100", "service_agency"),
)
EIGHT = TWELVE[:8]


def new_code(region: str, kind: str) -> str:
    """Return a valid, unused social credit code; its middle part is random."""
    stem = ("12" if kind in ("university", "research_institute") else "91") + region
    stem += "".join(secrets.choice(_CHARACTERS) for _ in range(9))
    return stem + uscc.calc_check_digit(stem)


def renewed(code: str) -> str:
    """Return another social credit code of the same registry, kind and region."""
    stem = code[:8] + "".join(secrets.choice(_CHARACTERS) for _ in range(9))
    return stem + uscc.calc_check_digit(stem)


def organisation(region: str, kind: str, **data: Any) -> Organisation:
    """Return a registered organisation in the form of PUT /organisations, together with its `uscc`; `data` replaces default
    values."""
    code = new_code(region, kind)
    return {
        "uscc": code,
        "name": f"{_PLACES[region]}样例{code[8:14]}{_ENDINGS[kind]}",
        "kind": kind,
        "region": region,
        "legal_person": True,
        "public_institution": kind in ("university", "research_institute"),
        "rd_staff": 60,
        "founded_on": "2009-05-18",
        "figures": [],
        "platforms": [],
    } | data


def lead(region: str = "450200", *, running: int | None = None, **data: Any) -> Organisation:
    """Return an enterprise that meets every condition of a lead (A5(2)): revenue, staff, platform, R&D expense. `running`: the
    present fiscal year, before which its figures end; by default that of today."""
    this_year = running or date.today().year
    figures = [
        {"year": year, "main_business_revenue": "1310000000.00", "sales_revenue": "1335000000.00", "rd_expense": "60000000.00"}
        for year in range(this_year - 3, this_year)
    ]
    platforms = [{"name": "自治区级企业技术中心", "level": "provincial", "evidence": "样例认定2021-18号"}]
    return organisation(region, "enterprise", **({"rd_staff": 286, "figures": figures, "platforms": platforms} | data))


def consortium(regions_and_kinds: Sequence[tuple[str, str]] = EIGHT, region: str = "450200", **data: Any) -> list[Organisation]:
    """Return the units of a valid consortium, the lead first; `region` and `data` describe the lead."""
    return [lead(region, **data), *(organisation(region_code, kind) for region_code, kind in regions_and_kinds[1:])]
