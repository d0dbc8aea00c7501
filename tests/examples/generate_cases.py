"""Write the formation cases: for the rules on the composition, the lead, the tiers and the operating systems, cases on both sides
of each boundary, with the findings that the regulation demands.

All organisations are invented. The expected findings are written here by hand and never computed by the engine. Run `python -m
tests.examples.generate_cases`; the output is deterministic.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any
from zlib import crc32

from stdnum.cn import uscc

FOLDER = Path(__file__).parent / "formation"

#: Rule → its severity in the regulation's words. A case's `expect.fail` lists each failing rule with its severity.
SEVERITIES = {
    **dict.fromkeys(("C2", "C3", "C4", "L1", "L4", "M2", "O1", "O2", "O3", "O4", "O5", "O6", "O7"), "mandatory"),
    **dict.fromkeys(("C1", "L2", "L3", "L5", "L6"), "in_principle"),
}
SYSTEMS = {
    "decision_body": "设理事会，由各单位代表组成，审议发展方向和重点任务。",
    "advisory_body": "设技术委员会，由成员单位和外聘专家组成，首席科学家主持。",
    "executive_body": "牵头单位设秘书处，配备专职人员负责日常工作。",
    "rd_funding": "研发投入按协议比例到位，经费单独核算并接受内部监督。",
    "benefit_protection": "知识产权和收益按贡献约定归属、使用和分配。",
    "open_development": "每年吸收新成员，并向外扩散政府资助项目成果。",
    "major_matters": "重大事项及时向自治区科技厅报告。",
}
RULE_OF_SYSTEM = dict(zip(SYSTEMS, ("O1", "O2", "O3", "O4", "O5", "O6", "O7"), strict=True))

_CITIES = ["450100", "450200", "450300", "450400", "450500", "450600", "450700", "450800", "450900", "451000"]
_OUTSIDE = ["440100", "430100", "310000", "110000", "520100", "530100"]
_PLACES = {
    **dict(zip(_CITIES, ["南宁", "柳州", "桂林", "梧州", "北海", "防城港", "钦州", "贵港", "玉林", "百色"], strict=True)),
    **dict(zip(_OUTSIDE, ["广州", "长沙", "上海", "北京", "贵阳", "昆明"], strict=True)),
}
_OTHER_KINDS = ["university", "research_institute", "tech_transfer", "service_agency", "other"]
_SUFFIXES = {
    "enterprise": "科技有限公司",
    "university": "大学",
    "research_institute": "研究院",
    "tech_transfer": "技术转移中心",
    "service_agency": "检验检测中心",
    "other": "产业促进会",
}
_PUBLIC = {"university", "research_institute"}

Case = dict[str, Any]


def code_of(serial: int, region: str, kind: str) -> str:
    """Return a valid social credit code for an invented organisation."""
    stem = f"{'12' if kind in _PUBLIC else '91'}{region}MA{serial:07d}"
    return stem + uscc.calc_check_digit(stem)


def organisation(serial: int, region: str, kind: str) -> dict[str, Any]:
    """Return an organisation without figures, as a member enters it."""
    return {
        "uscc": code_of(serial, region, kind),
        "name": f"{_PLACES[region]}样例{serial}号{_SUFFIXES[kind]}",
        "kind": kind,
        "region": region,
        "legal_person": True,
        "public_institution": kind in _PUBLIC,
        "rd_staff": 20 + serial % 200,
        "founded_on": "2009-05-18",
        "figures": [],
        "platforms": [],
    }


def figure(year: int, revenue: str = "1200000000.00", sales: str = "1250000000.00", rd: str = "50000000.00") -> dict[str, Any]:
    return {"year": year, "main_business_revenue": revenue, "sales_revenue": sales, "rd_expense": rd}


def platform(level: str = "provincial", evidence: str = "样例认定2021-18号") -> dict[str, str]:
    return {"name": "企业技术中心", "level": level, "evidence": evidence}


class Build:
    """Builds one formation case: a valid consortium of a given composition, in which the caller then changes what the case is
    about."""

    def __init__(self, name: str, title: str, inside: tuple[int, int] = (7, 1), outside: tuple[int, int] = (0, 4)) -> None:
        """`inside` is (number of enterprises, number of other units) in Guangxi, `outside` the same outside Guangxi. The first
        enterprise in Guangxi is the lead."""
        start = crc32(name.encode()) % 99_000 * 100
        kinds = [("in", "enterprise")] * inside[0] + [("in", "")] * inside[1]
        kinds += [("out", "enterprise")] * outside[0] + [("out", "")] * outside[1]
        units = []
        for index, (where, kind) in enumerate(kinds):
            regions = _CITIES if where == "in" else _OUTSIDE
            units.append(organisation(start + index, regions[index % len(regions)], kind or _OTHER_KINDS[index % 5]))
        self.lead = units[0]
        self.lead |= {
            "rd_staff": 286,
            "figures": [figure(2023), figure(2024), figure(2025)],
            "platforms": [platform()],
        }
        self.organisations = units
        tiers = ("core", "close", "general")
        self.members = [
            {"organisation": unit["uscc"], "tier": tiers[index % 3], "role": "联合攻关"} for index, unit in enumerate(units[1:])
        ]
        self.systems: dict[str, str] = dict(SYSTEMS)
        self.name, self.title = name, title

    def case(self, *fail: str, needs: tuple[str, ...] = ()) -> Case:
        """Return the finished case. `fail` names the rules that must fail, `needs` the rules that must lack evidence."""
        return {
            "id": self.name,
            "title": self.title,
            "organisations": deepcopy(self.organisations),
            "application": {
                "name": f"广西样例创新联合体（{self.name}）",
                "field": "糖业",
                "industry_chain": "糖业产业链",
                "research_direction": "甘蔗良种与绿色制糖",
                "lead": self.lead["uscc"],
                "recommender": f"{self.lead['region'][:4]}00" if self.lead["region"].startswith("45") else "450200",
                "chief_scientist": {"name": "首席科学家（样例）", "employer": self.lead["uscc"], "title": "教授级高级工程师"},
                "members": deepcopy(self.members),
                "operating_systems": self.systems,
                "goals": [
                    {
                        "kind": "core_technology",
                        "statement": "突破甘蔗良种与绿色制糖关键核心技术",
                        "indicators": [{"name": "核心技术攻关", "target": "3", "unit": "项", "due": "2028-12-31"}],
                    }
                ],
            },
            "expect": {
                "eligible": not any(SEVERITIES[rule] == "mandatory" for rule in fail),
                "fail": [{"rule": rule, "severity": SEVERITIES[rule]} for rule in fail],
                "needs_evidence": list(needs),
            },
        }


def lead_with(name: str, title: str, **data: Any) -> Build:
    """Return a valid consortium in which `data` replaces fields of the lead's data."""
    build = Build(name, title)
    build.lead |= data
    return build


def consortium_cases() -> Iterator[Case]:
    """Yield cases for the rules C1 to C4."""
    yield Build("all-pass", "twelve units, everything above the thresholds").case()
    yield Build("units-eight", "exactly 8 units", (5, 1), (0, 2)).case()
    yield Build("units-seven", "7 units: too few, waivable", (5, 1), (0, 1)).case("C1")
    yield Build("units-lead-alone", "the lead alone", (1, 0), (0, 0)).case("C1")
    yield Build("region-exact", "10 units, exactly 3 in Guangxi", (2, 1), (3, 4)).case()
    yield Build("region-below", "11 units, 3 in Guangxi (27.27 %)", (2, 1), (3, 5)).case("C3")
    yield Build("region-above", "13 units, 4 in Guangxi (30.77 %)", (3, 1), (3, 6)).case()
    yield Build("region-twenty-exact", "20 units, exactly 6 in Guangxi", (4, 2), (4, 10)).case()
    yield Build("region-twenty-below", "20 units, 5 in Guangxi", (4, 1), (5, 10)).case("C3")
    yield Build("enterprises-exact", "10 units, exactly 3 enterprises, the lead counted", (2, 3), (1, 4)).case()
    yield Build("enterprises-below", "11 units, 3 enterprises (27.27 %)", (2, 4), (1, 4)).case("C4")
    yield Build("enterprises-above", "13 units, 4 enterprises (30.77 %)", (3, 4), (1, 5)).case()
    yield Build("enterprises-few", "20 units, 5 enterprises", (5, 8), (0, 7)).case("C4")

    build = Build("branch-office", "a member that is no independent legal person")
    build.organisations[2]["legal_person"] = False
    yield build.case("C2")

    build = Build("member-twice", "a member listed twice")
    build.members.append(dict(build.members[3]))
    yield build.case("C2")

    build = Build("lead-as-member", "the lead listed as a member too")
    build.members.append({"organisation": build.lead["uscc"], "tier": "core", "role": "联合攻关"})
    yield build.case("C2")

    build = Build("units-eight-one-twice", "8 entries, but one unit twice: 7 units", (5, 1), (0, 1))
    build.members.append(dict(build.members[0]))
    yield build.case("C1", "C2")

    build = Build("member-invited", "a member that is not registered yet: its legal personality is not known")
    del build.organisations[4]
    yield build.case(needs=("C2",))

    build = Build("members-invited-turn-shares", "invited members could still turn both shares", (2, 0), (0, 6))
    del build.organisations[6:]
    yield build.case(needs=("C2", "C3", "C4"))


def lead_cases() -> Iterator[Case]:
    """Yield cases for the rules L1 to L4."""
    outside = lead_with("lead-outside", "a lead registered outside Guangxi", region="440100")
    yield outside.case("L1")
    yield lead_with("lead-university", "a university as lead", kind="university").case("L1")
    yield lead_with("lead-branch", "a lead that is no independent legal person", legal_person=False).case("C2", "L1")

    newest = "1000000000.00"
    yield lead_with("revenue-exact", "exactly 1e9", figures=[figure(2023), figure(2024), figure(2025, newest)]).case()
    short = [figure(2023), figure(2024), figure(2025, "999999999.99")]
    yield lead_with("revenue-fen-short", "one fen short of 1e9", figures=short).case("L2")
    large = "1900000000.00"
    falling = [figure(2023, large, sales=large), figure(2024, large, sales=large), figure(2025, "700000000.00")]
    yield lead_with("revenue-fell", "only the newest year counts, not the best", figures=falling).case("L2")
    running = [figure(2023), figure(2024), figure(2025), figure(2026, "0.00", rd="0.00")]
    yield lead_with("figures-running-year", "2026 is still running: 2025 is the latest year", figures=running).case()
    yield lead_with("figures-running-year-alone", "a running year never counts", figures=[figure(2026)]).case(needs=("L2", "L5"))
    old = [figure(2022), figure(2023), figure(2024)]
    yield lead_with("figures-two-years-old", "newest figures of 2024: still usable in 2026", figures=old).case()
    stale = [figure(2021), figure(2022), figure(2023)]
    yield lead_with("figures-three-years-old", "newest figures of 2023: too old in 2026", figures=stale).case(needs=("L2", "L5"))
    yield lead_with("figures-none", "no figures at all", figures=[]).case(needs=("L2", "L5"))
    shuffled = [figure(2025, newest), figure(2023), figure(2024, "1.00")]
    yield lead_with("figures-unordered", "figures entered in any order", figures=shuffled).case()

    yield lead_with("staff-thirty", "exactly 30 R&D staff", rd_staff=30).case()
    yield lead_with("staff-twenty-nine", "29 R&D staff, waivable", rd_staff=29).case("L3")
    yield lead_with("staff-none", "no R&D staff", rd_staff=0).case("L3")

    yield lead_with("platform-none", "no platform", platforms=[]).case("L4")
    yield lead_with("platform-other", "a platform below provincial level", platforms=[platform("other")]).case("L4")
    yield lead_with("platform-no-evidence", "a platform without evidence", platforms=[platform(evidence="")]).case("L4")
    blank = [platform(evidence="  ")]
    yield lead_with("platform-blank-evidence", "evidence of blanks alone", platforms=blank).case("L4")
    yield lead_with("platform-national", "a national platform", platforms=[platform("national")]).case()
    mixed = [platform("other"), platform(evidence=""), platform()]
    yield lead_with("platform-one-counts", "three platforms, one of which counts", platforms=mixed).case()


def rd_cases() -> Iterator[Case]:
    """Yield cases for the rule L5: R&D expense of three fiscal years, 30,000,000 yuan in total or 3 % of sales."""

    def years(*expense: str, sales: str = "1250000000.00", last: int = 2025) -> list[dict[str, Any]]:
        first = last - len(expense) + 1
        revenue = min("1200000000.00", sales, key=float)  # The main-business revenue cannot exceed the sales.
        return [figure(first + index, revenue, sales=sales, rd=amount) for index, amount in enumerate(expense)]

    exact = years("10000000.00", "10000000.00", "10000000.00")
    yield lead_with("rd-total-exact", "exactly 30,000,000, far below 3 %", figures=exact).case()
    short = years("10000000.00", "10000000.00", "9999999.99")
    yield lead_with("rd-total-fen-short", "one fen short of 30,000,000, far below 3 %", figures=short).case("L5")
    ratio = years("9000000.00", "9000000.00", "9000000.00", sales="300000000.00")
    yield lead_with("rd-ratio-exact", "27,000,000, exactly 3 % of sales", figures=ratio).case("L2")
    below = years("9000000.00", "9000000.00", "8999999.99", sales="300000000.00")
    yield lead_with("rd-ratio-fen-short", "one fen below 3 % of sales, and below the total", figures=below).case("L2", "L5")
    more_sales = [*years("9000000.00", "9000000.00", sales="300000000.00", last=2024)]
    more_sales += years("9000000.00", sales="300000000.01")
    yield lead_with("rd-ratio-sales-fen-more", "one fen of sales too many for 3 %", figures=more_sales).case("L2", "L5")
    small = years("1.00", "1.00", "1.00", sales="0.00")
    yield lead_with("rd-no-sales", "no sales: no share, and the total is missed", figures=small).case("L2", "L5")
    large = years("0.00", "0.00", "30000000.00", sales="0.00")
    yield lead_with("rd-no-sales-total", "no sales, but the total is reached", figures=large).case("L2")
    nothing = years("0.00", "0.00", "0.00")
    yield lead_with("rd-none", "no R&D expense", figures=nothing).case("L5")
    gap = [figure(2023), figure(2025)]
    yield lead_with("rd-year-missing", "2024 is missing", figures=gap).case(needs=("L5",))
    two = [figure(2024), figure(2025)]
    yield lead_with("rd-two-years-old-lead", "an old lead with two years of figures", figures=two).case(needs=("L5",))
    fourth = years("90000000.00", "1.00", "1.00", "1.00")
    yield lead_with("rd-fourth-year", "the fourth year back does not count", figures=fourth).case("L5")

    def young(name: str, title: str, founded_on: str, figures: list[dict[str, Any]]) -> Build:
        return lead_with(name, title, founded_on=founded_on, figures=figures)

    yield young("young-two-years", "founded in 2024: two years count", "2024-09-01", years("15000000.00", "15000000.00")).case()
    yield young("young-short", "founded in 2024: its two years miss both", "2024-09-01", years("1.00", "1.00")).case("L5")
    yield young("young-one-year", "founded in 2025: one year counts", "2025-01-01", years("30000000.00")).case()
    missing = young("young-year-missing", "founded in 2024, but 2024 is missing", "2024-12-31", years("30000000.00"))
    yield missing.case(needs=("L5",))
    period = {"since": "2024-09-01", "evidence": "投产验收证书"}
    late = lead_with("operating-two-years", "founded in 2009, operating since 2024", figures=two, operating_period=period)
    yield late.case()
    third = young(
        "young-third-year", "founded in 2023: the part of that year counts", "2023-12-01", years("1.00", "1.00", "29999998.00")
    )
    yield third.case()


def member_and_system_cases() -> Iterator[Case]:
    """Yield cases for the rules M2 and O1 to O7, and cases with more than one fault."""
    build = Build("tier-null", "one member without a tier")
    build.members[3]["tier"] = None
    yield build.case("M2")

    build = Build("tier-all-null", "no member has a tier")
    for member in build.members:
        member["tier"] = None
    yield build.case("M2")

    for system, rule in RULE_OF_SYSTEM.items():
        build = Build(f"no-{system.replace('_', '-')}", f"{system} is not set up")
        del build.systems[system]
        yield build.case(rule)

    build = Build("blank-open-development", "an operating system described by blanks alone")
    build.systems["open_development"] = "  "
    yield build.case("O6")

    build = Build("no-systems", "no operating system is set up")
    build.systems = {}
    yield build.case(*RULE_OF_SYSTEM.values())

    build = lead_with("waivable-all", "all that fails holds in principle only")
    build.organisations = build.organisations[:7]
    build.members = build.members[:6]
    build.lead |= {"rd_staff": 3, "figures": [figure(year, "1.00", "100.00", "1.00") for year in (2023, 2024, 2025)]}
    yield build.case("C1", "L2", "L3", "L5")

    build = Build("many-faults", "many faults at once", (1, 0), (0, 6))
    build.lead |= {"region": "440100", "platforms": [], "rd_staff": 0}
    build.lead["figures"] = [figure(year, "1.00", "100.00", "0.00") for year in (2023, 2024, 2025)]
    build.members[0]["tier"] = None
    del build.systems["rd_funding"]
    yield build.case("C1", "C3", "C4", "L1", "L2", "L3", "L4", "L5", "M2", "O4")


def cases() -> list[Case]:
    """Return every case, in the order of the rules."""
    return [*consortium_cases(), *lead_cases(), *rd_cases(), *member_and_system_cases()]


def text_of(case: Case) -> str:
    """Return the JSON text of a case's file."""
    return json.dumps(case, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    for stale in FOLDER.glob("*.json"):
        stale.unlink()
    for case in cases():
        (FOLDER / f"{case['id']}.json").write_text(text_of(case), encoding="utf-8")
