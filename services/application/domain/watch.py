"""The watch list. It names recognised consortia that fail a rule today, the reports that their leads were asked for with the last
day, and grounds of revocation that follow from a lead's own integrity record or from its end as a legal person (A12, A14)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from services.contracts.findings import StoredFinding
from services.kernel.errors import Conflict
from services.policy import Finding


class WatchKind(StrEnum):
    """The kind of an entry."""

    CONDITIONS = "conditions"
    CHANGE_ASKED = "change_asked"
    GROUND = "ground"
    DEFERRALS = "deferrals"


class AskCause(StrEnum):
    """Why a lead is asked to report a change."""

    UNIT_ENDED = "unit_ended"
    INTEGRITY_RECORD = "integrity_record"
    UNIT_LEAVES = "unit_leaves"
    RULES_FAIL = "rules_fail"


class WatchStatus(StrEnum):
    """The state of an entry."""

    OPEN = "open"
    OVERDUE = "overdue"
    SETTLED = "settled"


#: The kinds of entry: failed rules, a change that the lead is asked to report, a proposed ground of revocation, deferrals in a
#: row.
CONDITIONS, ASKED, GROUND, DEFERRALS = WatchKind
#: The causes for which a lead is asked to report a change.
ENDED, RECORD, LEAVES, RULES = AskCause

#: The checks that concern the consortium as a whole: the shares of its units by region and kind, and the lead's location and
#: kind. If such a check fails, the lead is asked to report a change, and the request names no single unit.
_SHARES, _LEAD = ("region_share", "kind_share"), "lead_identity"
_RECORD_OF_LEAD, _END_OF_LEAD = "A14(4)", "A14(5)"


@dataclass(eq=False, kw_only=True)
class Watch:
    """An entry of the watch list. `cause`: why the entry was opened. `organisation`: the unit that it concerns. `source`: the
    subject from which a ground follows. `rules`: the failing rules. `due_on`: the last day for the lead's report. `status`: open,
    overdue if the cause was not cured in time, or settled. `look_on`: the first day on which the entry may be settled merely
    because time has passed. `outcome`: how the entry was settled: cured, withdrawn or ended."""

    id: str
    consortium_id: str
    recommender: str
    kind: str
    cause: str
    organisation: str | None
    source: str | None
    rules: list[str]
    findings: list[StoredFinding]
    status: str
    opened_on: date
    due_on: date | None
    look_on: date | None
    settled_on: date | None
    outcome: str | None
    note: str | None
    revision: int

    @property
    def standing(self) -> bool:
        """Return whether the entry is still on the list, that is, not settled."""
        return self.status != WatchStatus.SETTLED

    @property
    def key(self) -> tuple[str, str, str | None, str | None]:
        """The key that distinguishes the entries of one consortium."""
        return self.kind, self.cause, self.organisation, self.source

    def state(self) -> dict[str, object]:
        """Return the fields of the entry of which the audit log stores a digest."""
        return {"kind": self.kind, "cause": self.cause, "status": self.status, "rules": self.rules, "revision": self.revision}

    def settle(self, outcome: str, today: date) -> None:
        self.status, self.outcome, self.settled_on = WatchStatus.SETTLED, outcome, today
        self.revision += 1

    def lapse(self) -> None:
        """Mark the entry as overdue: the term is over and the cause persists."""
        self.status = WatchStatus.OVERDUE
        self.revision += 1

    def is_due(self, today: date) -> bool:
        """Return whether the lead's term is over."""
        return self.status == WatchStatus.OPEN and self.due_on is not None and self.due_on < today

    def answered_by(self, units: Collection[str]) -> bool:
        """Return whether a change that concerns these units is the report that the lead was asked for."""
        concerned = bool(units) if self.organisation is None else self.organisation in units
        return self.kind == ASKED and self.standing and concerned

    def require_withdrawable(self) -> None:
        """Raise Conflict once the entry is settled."""
        if not self.standing:
            raise Conflict(
                "departure_settled",
                "该退出声明已撤回或已办结。",
                "This declaration was withdrawn or has been settled already.",
                status=self.status,
                article="A12",
            )


@dataclass(frozen=True, slots=True)
class WatchFacts:
    """Today's facts from which a consortium's entries follow. `records`: unit → its integrity records in force, each as id → the
    penalty's last day, None for a penalty without end. `ended`: the units that are no longer legal persons."""

    lead: str
    members: Sequence[str]
    findings: Sequence[Finding]
    records: Mapping[str, Mapping[str, date | None]]
    ended: frozenset[str]

    @property
    def failing(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.status == "fail"]


@dataclass(frozen=True, slots=True)
class WatchEntry:
    """An entry that today's facts require on the list."""

    kind: str
    cause: str
    organisation: str | None = None
    source: str | None = None
    rules: tuple[str, ...] = ()
    look_on: date | None = None

    @property
    def key(self) -> tuple[str, str, str | None, str | None]:
        return self.kind, self.cause, self.organisation, self.source


def required_entries(now: WatchFacts, checks: Mapping[str, str]) -> list[WatchEntry]:
    """Return the entries that today's facts of a consortium require. `checks`: rule id → its check. Grounds 4 and 5 follow only
    from the lead's own record or its end. For a record or the end of a member, the lead is asked to report a change. The lead is
    also asked if a rule about all units, or about its own location and kind, fails (A14(1), A14(4), A14(5))."""
    entries = []
    if now.failing:
        penalty_ends = [end for of_unit in now.records.values() for end in of_unit.values() if end is not None]
        entries.append(
            WatchEntry(CONDITIONS, RULES, rules=tuple(f.rule for f in now.failing), look_on=min(penalty_ends, default=None))
        )
    checks_of_lead = _SHARES if now.lead in now.ended else (*_SHARES, _LEAD)
    if rules_of_lead := tuple(finding.rule for finding in now.failing if checks[finding.rule] in checks_of_lead):
        entries.append(WatchEntry(ASKED, RULES, rules=rules_of_lead))
    entries += [WatchEntry(ASKED, ENDED, code) for code in now.members if code in now.ended]
    for code in now.members:
        if records := now.records.get(code):
            entries.append(WatchEntry(ASKED, RECORD, code, look_on=_latest(records.values())))
    entries += [
        WatchEntry(GROUND, _RECORD_OF_LEAD, now.lead, f"integrity/{id}", look_on=until)
        for id, until in now.records.get(now.lead, {}).items()
    ]
    if now.lead in now.ended:
        entries.append(WatchEntry(GROUND, _END_OF_LEAD, now.lead, f"organisation/{now.lead}"))
    return entries


def _latest(ends: Iterable[date | None]) -> date | None:
    """Return the latest of these days; None if one of them is None, a penalty without end."""
    days = list(ends)
    return None if None in days else max(day for day in days if day is not None)
