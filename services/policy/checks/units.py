"""Checks of all units and of the members: who they are, how many, and in which other consortia they take part (A5(1), A5(3))."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import ceil

from services.kernel.errors import Text
from services.policy.checks.registry import Observation, check, named, names_of, percent, problems, verdict
from services.policy.facts import Facts, Standing, Unit
from services.policy.finding import FAIL, NEEDS_EVIDENCE, PASS


@check("unit_count", at="/members", words="count")
def unit_count(facts: Facts, *, minimum: int) -> Observation:
    """Check that the consortium has at least `minimum` different units, including the lead."""
    count = len(facts.distinct)
    return Observation(
        verdict(count >= minimum), {"units": count}, {"at_least": minimum}, f"{count - minimum:+d}", {"count": count}
    )


@check("distinct_legal_persons", at="/members", words="count problems", needs="unknown")
def distinct_legal_persons(facts: Facts) -> Observation:
    """Check that every unit is listed once and is an independent legal person."""
    codes = [unit.uscc for unit in facts.units]
    repeated = [unit for unit in facts.distinct if codes.count(unit.uscc) > 1]
    dependent = [unit for unit in facts.distinct if unit.registered and unit.legal_person is False]
    unknown = [unit for unit in facts.distinct if not unit.registered or unit.legal_person is None]
    observed: dict[str, object] = {"units": len(codes), "repeated": named(repeated), "not_legal_persons": named(dependent)}
    required = {"distinct_legal_persons": True}
    if unknown and not repeated and not dependent:
        words: dict[str, object] = {"unknown": names_of(unknown)}
        observed_all = observed | {"unknown": named(unknown)}
        return Observation(NEEDS_EVIDENCE, observed_all, required, None, words, facts.pointer(unknown[0]))
    problem_texts = problems(
        ("重复列入", "listed twice", names_of(repeated)),
        ("不是独立法人", "not an independent legal person", names_of(dependent)),
        otherwise=Text("均为不重复的独立法人", "all distinct legal persons"),
    )
    words = {"count": len(codes), "problems": problem_texts}
    at = facts.pointer(repeated[0], repeated=True) if repeated else _first(facts, dependent)
    return Observation(verdict(not repeated and not dependent), observed, required, None, words, at)


def _first(facts: Facts, units: Sequence[Unit]) -> str | None:
    """Return the JSON pointer to the field of the application form that names the first of these units; None if there are no
    units."""
    return facts.pointer(units[0]) if units else None


def _share(facts: Facts, minimum: Fraction, holds: Callable[[Unit], bool | None]) -> Observation:
    """Check that the share of units for which the condition `holds` is true reaches `minimum`. Units for which the condition is
    unknown matter only if they could change the result."""
    total = len(facts.distinct)
    answers = [holds(unit) for unit in facts.distinct]
    count = answers.count(True)
    unknown = [unit for unit, answer in zip(facts.distinct, answers, strict=True) if answer is None]
    needed = ceil(minimum * total)
    if total and count >= needed:
        status = PASS
    elif not total or count + len(unknown) < needed:
        status = FAIL
    else:
        status = NEEDS_EVIDENCE
    share = percent(Fraction(count, total)) if total else "0%"
    observed: dict[str, object] = {"counted": count, "units": total, "share": share}
    if unknown:
        observed["unknown"] = named(unknown)
    words = {"count": count, "total": total, "share": share, "unknown": names_of(unknown)}
    margin = f"{count - needed:+d}" if total else None
    return Observation(status, observed, {"at_least": percent(minimum)}, margin, words)


@check("region_share", at="/members", words="count total share", needs="count total share unknown")
def region_share(facts: Facts, *, prefix: str, minimum: Fraction) -> Observation:
    """Check that at least the share `minimum` of the units is registered in the region whose codes begin with `prefix`. The
    margin is a number of units."""
    return _share(facts, minimum, lambda unit: unit.region.startswith(prefix) if unit.registered and unit.region else None)


@check("kind_share", at="/members", words="count total share", needs="count total share unknown")
def kind_share(facts: Facts, *, kind: str, minimum: Fraction) -> Observation:
    """Check that at least the share `minimum` of the units is of the kind `kind`. The margin is a number of units."""
    return _share(facts, minimum, lambda unit: unit.kind == kind if unit.registered and unit.kind else None)


@check("members_confirmed", at="/members", words="count confirmed missing", needs="count")
def members_confirmed(facts: Facts) -> Observation:
    """Check that every member has confirmed the present agreement version through its own account. Without any member the check
    fails."""
    required = {"confirmed_by": "every member", "agreement_version": facts.agreement_version}
    members = facts.members
    if facts.confirmed is None:
        return Observation(NEEDS_EVIDENCE, {"members": len(members)}, required, None, {"count": len(members)})
    missing = [unit for unit in members if unit.uscc not in facts.confirmed]
    confirmed = len(members) - len(missing)
    observed = {"members": len(members), "confirmed": confirmed, "missing": named(missing)}
    missing_names = names_of(missing) if missing else Text("无", "none")
    words = {"count": len(members), "confirmed": confirmed, "missing": missing_names}
    return Observation(verdict(bool(members) and not missing), observed, required, None, words, _first(facts, missing))


@check("members_tiered", at="/members", words="count missing")
def members_tiered(facts: Facts, *, tiers: tuple[str, ...]) -> Observation:
    """Check that every member has one of the tiers in `tiers`."""
    missing = [unit for unit in facts.members if unit.tier not in tiers]
    observed = {"members": len(facts.members), "without_tier": named(missing)}
    words = {"count": len(facts.members), "missing": names_of(missing) if missing else Text("无", "none")}
    return Observation(verdict(not missing), observed, {"one_of": list(tiers)}, None, words, _first(facts, missing))


@check("unit_seats", at="/members", words="highest over")
def unit_seats(facts: Facts, *, maximum: int) -> Observation:
    """Check that no unit takes part in more than `maximum` consortia, including the consortia that it leads and this one."""
    seats = {unit.uscc: facts.standing.get(unit.uscc, Standing()).joins + 1 for unit in facts.distinct}
    highest = max(seats.values(), default=0)
    over_limit = [unit for unit in facts.distinct if seats[unit.uscc] > maximum]
    listed = [{"uscc": unit.uscc, "name": unit.name, "consortia": seats[unit.uscc]} for unit in over_limit]
    words = {"highest": highest, "over": names_of(over_limit) if over_limit else Text("无", "none")}
    observed, margin = {"highest": highest, "over": listed}, f"{maximum - highest:+d}"
    return Observation(verdict(not over_limit), observed, {"at_most": maximum}, margin, words, _first(facts, over_limit))


@check("integrity", at="/members", words="count units")
def integrity(facts: Facts) -> Observation:
    """Check that no unit has a record in the research-integrity register whose penalty has not ended; on its last day a penalty
    has not ended yet."""
    in_force = {uscc for uscc, end in facts.integrity.items() if end is None or end >= facts.today}
    under_penalty = [unit for unit in facts.distinct if unit.uscc in in_force]
    penalty_ends = [facts.integrity[unit.uscc] for unit in under_penalty]
    records = [
        {"uscc": unit.uscc, "name": unit.name, "penalty_until": end.isoformat() if end else None}
        for unit, end in zip(under_penalty, penalty_ends, strict=True)
    ]
    words = {"count": len(under_penalty), "units": names_of(under_penalty) if under_penalty else Text("无", "none")}
    return Observation(
        verdict(not under_penalty), {"records": records}, {"records": 0}, None, words, _first(facts, under_penalty)
    )
