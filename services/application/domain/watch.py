"""The watch list: recognised consortia of which rules fail by now, what their leads were asked to report and until when, and the
grounds of revocation that follow from a lead's own record or end (A12, A14)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from services.kernel.errors import Conflict
from services.policy import Finding

#: What an entry is about: failed rules, a change the lead is asked to report, a ground proposed, deferrals in a row.
CONDITIONS, ASKED, GROUND, DEFERRALS = "conditions", "change_asked", "ground", "deferrals"
#: Why a lead is asked to report a change.
ENDED, RECORD, LEAVES, RULES = "unit_ended", "integrity_record", "unit_leaves", "rules_fail"

#: The checks whose rules no ask about a single unit covers: shares of all units, and where and what the lead is.
_SHARES, _LEAD = ("region_share", "kind_share"), "lead_identity"
_RECORD_OF_LEAD, _END_OF_LEAD = "A14(4)", "A14(5)"


@dataclass(eq=False, kw_only=True)
class Watch:
    """`cause`: why it is here. `organisation`: the unit it is about. `source`: what a ground rests on. `rules`: those that fail.
    `due_on`: until when the lead has to report. `status`: open, overdue where nothing cured it in time, settled. `look_on`: the
    first day on which time alone may have settled it. `outcome`: how it was settled: cured, withdrawn or ended."""

    id: str
    consortium_id: str
    recommender: str
    kind: str
    cause: str
    organisation: str | None
    source: str | None
    rules: list[str]
    findings: list[dict[str, Any]]
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
        """Whether it is on the list still."""
        return self.status != "settled"

    @property
    def key(self) -> tuple[str, str, str | None, str | None]:
        """What tells entries of one consortium apart."""
        return self.kind, self.cause, self.organisation, self.source

    def state(self) -> dict[str, Any]:
        """What the audit log digests."""
        return {"kind": self.kind, "cause": self.cause, "status": self.status, "rules": self.rules, "revision": self.revision}

    def settle(self, outcome: str, today: date) -> None:
        self.status, self.outcome, self.settled_on = "settled", outcome, today
        self.revision += 1

    def lapse(self) -> None:
        """The term is over and what it was about goes on."""
        self.status = "overdue"
        self.revision += 1

    def is_due(self, today: date) -> bool:
        """Whether the lead's term is over."""
        return self.status == "open" and self.due_on is not None and self.due_on < today

    def answered_by(self, units: Collection[str]) -> bool:
        """Whether a change that concerns these units is what the lead was asked for."""
        wanted = bool(units) if self.organisation is None else self.organisation in units
        return self.kind == ASKED and self.standing and wanted

    def require_withdrawable(self) -> None:
        """Raises Conflict once it is settled."""
        if not self.standing:
            raise Conflict(
                "departure_settled",
                "该退出声明已撤回或已办结。",
                "This declaration was withdrawn or has been settled already.",
                status=self.status,
                article="A12",
            )


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a consortium's entries follow from today. `records`: unit → its records in force, id → last day of the penalty, or
    None. `ended`: the units that are no legal persons any more."""

    lead: str
    members: Sequence[str]
    findings: Sequence[Finding]
    records: Mapping[str, Mapping[str, date | None]]
    ended: frozenset[str]

    @property
    def failing(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.status == "fail"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """An entry that has to be on the list."""

    kind: str
    cause: str
    organisation: str | None = None
    source: str | None = None
    rules: tuple[str, ...] = ()
    look_on: date | None = None

    @property
    def key(self) -> tuple[str, str, str | None, str | None]:
        return self.kind, self.cause, self.organisation, self.source


def wanted(now: Circumstances, checks: Mapping[str, str]) -> list[Wanted]:
    """The entries that a consortium's circumstances call for; `checks` names each rule's check. Grounds 4 and 5 follow from the
    lead's own record and end alone; of a member's the lead is asked to report a change, and so it is where the rules on all
    units, or on where and what the lead is, fail (A14(1), A14(4), A14(5))."""
    entries = []
    if now.failing:
        ends = [end for of_unit in now.records.values() for end in of_unit.values() if end is not None]
        entries.append(Wanted(CONDITIONS, RULES, rules=tuple(f.rule for f in now.failing), look_on=min(ends, default=None)))
    of_all = _SHARES if now.lead in now.ended else (*_SHARES, _LEAD)
    if asked := tuple(finding.rule for finding in now.failing if checks[finding.rule] in of_all):
        entries.append(Wanted(ASKED, RULES, rules=asked))
    entries += [Wanted(ASKED, ENDED, code) for code in now.members if code in now.ended]
    for code in now.members:
        if records := now.records.get(code):
            entries.append(Wanted(ASKED, RECORD, code, look_on=_last(records.values())))
    entries += [
        Wanted(GROUND, _RECORD_OF_LEAD, now.lead, f"integrity/{id}", look_on=until)
        for id, until in now.records.get(now.lead, {}).items()
    ]
    if now.lead in now.ended:
        entries.append(Wanted(GROUND, _END_OF_LEAD, now.lead, f"organisation/{now.lead}"))
    return entries


def _last(ends: Any) -> date | None:
    """The last of these days; None where one of them is never."""
    days = list(ends)
    return None if None in days else max(days)
