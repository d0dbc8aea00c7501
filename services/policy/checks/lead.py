"""Checks of the lead, the responsible enterprise (A5(2)). If the lead is not named or has no account yet, its figures are
unknown."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

from services.contracts.labels import label, region_name
from services.kernel.errors import Text
from services.policy.checks.registry import Observation, check, floor_fen, listing, percent, verdict, yuan
from services.policy.facts import Facts, Figure, Standing
from services.policy.finding import FAIL, NEEDS_EVIDENCE


@check("lead_identity", at="/lead", words="lead problems", needs="lead unknown")
def lead_identity(facts: Facts, *, kind: str, prefix: str) -> Observation:
    """Check that the lead is an independent legal person of the kind `kind`, registered in the region whose codes begin with
    `prefix`."""
    required = {"kind": kind, "legal_person": True, "region": f"{prefix}xxxx"}
    lead = facts.lead_unit
    if not facts.lead:
        problems = Text("尚未填写牵头单位", "no lead is named")
        return Observation(FAIL, {"lead": None}, required, None, {"lead": "-", "problems": problems})
    if lead is None:
        words = {"lead": facts.lead, "unknown": Text("该单位尚未注册", "it is not registered yet")}
        return Observation(NEEDS_EVIDENCE, {"lead": facts.lead}, required, None, words)
    observed = {"kind": lead.kind, "legal_person": lead.legal_person, "region": lead.region}
    mismatches = []
    if lead.kind and lead.kind != kind:
        is_a = label("organisation_kind", lead.kind)
        mismatches.append(Text(f"单位类型（{is_a.zh}）不符合要求", f"its kind ({is_a.en}) is not the one required"))
    if lead.legal_person is False:
        mismatches.append(Text("不是独立法人", "it is not an independent legal person"))
    if lead.region and not lead.region.startswith(prefix):
        region = region_name(lead.region)
        mismatches.append(Text(f"注册地（{region.zh}）不在规定区域", f"its region ({region.en}) is outside the one required"))
    lead_name = lead.name or lead.uscc
    if not mismatches and (not lead.kind or not lead.region or lead.legal_person is None):
        unknown = Text("类型、注册地或法人资格未填写", "its kind, region or legal personality is not entered")
        return Observation(NEEDS_EVIDENCE, observed, required, None, {"lead": lead_name, "unknown": unknown})
    listed = Text("、".join(text.zh for text in mismatches), ", ".join(text.en for text in mismatches))
    result = listed if mismatches else Text("各项符合", "all of it holds")
    return Observation(verdict(not mismatches), observed, required, None, {"lead": lead_name, "problems": result})


def _latest(facts: Facts, max_age_years: int) -> tuple[dict[int, Figure], int | None, int]:
    """Return the lead's figures by year, its latest fiscal year (None if no entered year is accepted as such), and the oldest
    year that is accepted as the latest.

    The latest fiscal year is the newest entered one that has ended by the day of the evaluation: the running year never
    counts.
    """
    figures = {figure.year: figure for figure in (facts.lead_unit.figures if facts.lead_unit else ())}
    oldest = facts.as_of.year - max_age_years
    newest = max((year for year in figures if year < facts.today.year), default=None)
    return figures, newest if newest is not None and newest >= oldest else None, oldest


@check("lead_revenue", at="/lead", words="year revenue", needs="oldest entered")
def lead_revenue(facts: Facts, *, minimum: Decimal, max_age_years: int) -> Observation:
    """Check that the main-business revenue of the lead's latest fiscal year is at least `minimum`. That year must be at most
    `max_age_years` before the year in which the call opened."""
    required = {"at_least": yuan(minimum), "oldest_year": facts.as_of.year - max_age_years}
    figures, year, oldest = _latest(facts, max_age_years)
    if year is None:
        years_entered = listing(str(entry) for entry in sorted(figures)) if figures else Text("无", "none")
        observed: dict[str, object] = {"years": sorted(figures), "main_business_revenue": None}
        return Observation(NEEDS_EVIDENCE, observed, required, None, {"oldest": oldest, "entered": years_entered})
    revenue = figures[year].main_business_revenue
    observed = {"year": year, "main_business_revenue": yuan(revenue)}
    words = {"year": year, "revenue": f"{revenue:,.2f}"}
    return Observation(verdict(revenue >= minimum), observed, required, f"{revenue - minimum:+.2f}", words)


@check("lead_rd_staff", at="/lead", words="staff", needs="")
def lead_rd_staff(facts: Facts, *, minimum: int) -> Observation:
    """Check that the lead has at least `minimum` full-time R&D staff."""
    staff = facts.lead_unit.rd_staff if facts.lead_unit else None
    required = {"at_least": minimum}
    if staff is None:
        return Observation(NEEDS_EVIDENCE, {"rd_staff": None}, required)
    return Observation(verdict(staff >= minimum), {"rd_staff": staff}, required, f"{staff - minimum:+d}", {"staff": staff})


@check("lead_platform", at="/lead", words="count entered", needs="")
def lead_platform(facts: Facts, *, levels: tuple[str, ...], minimum: int) -> Observation:
    """Check that the lead hosts at least `minimum` innovation platforms of one of the levels, each with stated evidence; the
    check `documents` examines the uploaded evidence."""
    required = {"at_least": minimum, "levels": list(levels), "evidence": True}
    if facts.lead_unit is None:
        return Observation(NEEDS_EVIDENCE, {"platforms": None}, required)
    platforms = facts.lead_unit.platforms
    counted = [platform.name for platform in platforms if platform.level in levels and platform.evidence.strip()]
    without_evidence = [p.name for p in platforms if p.level in levels and not p.evidence.strip()]
    observed = {"platforms": counted, "entered": len(platforms), "without_evidence": without_evidence}
    words = {"count": len(counted), "entered": len(platforms)}
    return Observation(verdict(len(counted) >= minimum), observed, required, f"{len(counted) - minimum:+d}", words)


@check("lead_rd_effort", at="/lead", words="years expense sales ratio", needs="missing")
def lead_rd_effort(
    facts: Facts, *, years: int, minimum_total: Decimal, minimum_ratio: Fraction, max_age_years: int
) -> Observation:
    """Check that the lead's R&D expense of the last `years` fiscal years reaches `minimum_total`, or the share `minimum_ratio` of
    the sales revenue of the same years.

    The years end with the latest fiscal year; years before the lead's operating period are not required. Without sales revenue
    only `minimum_total` counts. The margin is in yuan, measured against the threshold that is easier to reach.
    """
    required = {"total_at_least": yuan(minimum_total), "or_ratio_at_least": percent(minimum_ratio), "years": years}
    figures, newest, oldest = _latest(facts, max_age_years)
    began = facts.lead_unit.began_on if facts.lead_unit else None
    first = began.year if began else 0
    period = range(0) if newest is None else range(max(newest - years + 1, first), newest + 1)
    missing = [year for year in period if year not in figures]
    if missing or not period:
        latest = Text(f"{oldest} 年（含）以后最近一个", f"the latest year ({oldest} or later)")
        missing_figures = listing(map(str, missing)) if missing else latest
        observed: dict[str, object] = {"years": sorted(figures), "missing": missing, "rd_expense": None}
        return Observation(NEEDS_EVIDENCE, observed, required, None, {"missing": missing_figures})
    expense = sum((figures[year].rd_expense for year in period), Decimal(0))
    sales = sum((figures[year].sales_revenue for year in period), Decimal(0))
    margin = expense - minimum_total
    if sales > 0:
        margin = max(margin, floor_fen(Fraction(expense) - minimum_ratio * Fraction(sales)))
    ratio = percent(Fraction(expense) / Fraction(sales)) if sales > 0 else None
    observed = {"years": list(period), "rd_expense": yuan(expense), "sales_revenue": yuan(sales), "ratio": ratio}
    words = {
        "years": listing(map(str, period)),
        "expense": f"{expense:,.2f}",
        "sales": f"{sales:,.2f}",
        "ratio": ratio or Text("无销售收入", "no sales"),
    }
    return Observation(verdict(margin >= 0), observed, required, f"{margin:+.2f}", words)


@check("lead_seats", at="/lead", words="count", needs="")
def lead_seats(facts: Facts, *, maximum: int) -> Observation:
    """Check that the lead leads at most `maximum` consortia, including this one."""
    required = {"at_most": maximum}
    if not facts.lead:
        return Observation(NEEDS_EVIDENCE, {"leads": None}, required)
    count = facts.standing.get(facts.lead, Standing()).leads + 1
    return Observation(verdict(count <= maximum), {"leads": count}, required, f"{maximum - count:+d}", {"count": count})
