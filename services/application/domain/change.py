"""A change of a recognised consortium (A5(4)7, A12). The lead reports the change before it takes effect, the units concerned
confirm it, and the province decides. Until the change takes effect the register shows the old state.

awaiting_confirmations → submitted → approved → effective. Otherwise it ends as refused or withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from services.application.domain.composition import ADJUSTING, added, moved, removed
from services.contracts.application.change_requests import ChangeDetail, UnforeseenDict
from services.contracts.application.change_responses import (
    AskedUnit,
    ChangeDecision,
    ChangeFinding,
    ProposedUnits,
    Recommendation,
)
from services.kernel.errors import Conflict

#: The Chinese title of each kind of change, shown to officials.
TITLES = {
    "name": "名称变更",
    "chief_scientist": "首席科学家变更",
    "key_person": "主要人员变更",
    "add_member": "增加成员单位",
    "remove_member": "成员单位退出",
    "change_tier": "成员层级调整",
    "lead": "牵头单位变更",
    "dissolution": "解散",
    "units": "成员单位调整",
}


class ChangeStatus(StrEnum):
    """The state of a change."""

    AWAITING_CONFIRMATIONS = "awaiting_confirmations"
    SUBMITTED = "submitted"
    APPROVED = "approved"
    EFFECTIVE = "effective"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


PENDING = (ChangeStatus.AWAITING_CONFIRMATIONS, ChangeStatus.SUBMITTED, ChangeStatus.APPROVED)
#: The states before the decision.
OPEN = (ChangeStatus.AWAITING_CONFIRMATIONS, ChangeStatus.SUBMITTED)


@dataclass(eq=False, kw_only=True)
class Change:
    """A reported change. `proposed`: lead and units after the change. `joining`: the codes of the units that join. `asked`: the
    units that must confirm, each as `{organisation, as}` with its part in the change: joins, leads or tier. `unforeseen`: the
    event that could not be reported in advance, `{cause, known_on}`. `late`: whether the report came too late; `late_reason`:
    why. `recommendation`: the recommender's opinion, for or against, and the leaving members that it judges to have a main task.
    `knowingly`: approved although a mandatory rule fails. `version` starts at 1 and grows whenever the change is handed over to
    another bureau, which then reviews it again."""

    id: str
    consortium_id: str
    recommender: str
    kind: str
    effective_on: date
    detail: ChangeDetail
    reason: str
    late_reason: str | None
    technical_need: str | None
    task_source: str | None
    late: bool
    status: str
    stage: str | None
    policy: str
    papers: list[dict[str, str]]
    proposed: ProposedUnits
    joining: list[str]
    findings: list[ChangeFinding]
    decision: ChangeDecision | None
    knowingly: bool
    reported_on: date
    reported_by: str
    took_effect_on: date | None
    revision: int
    created_at: datetime
    unforeseen: UnforeseenDict | None = None
    asked: list[AskedUnit] | None = None
    recommendation: Recommendation | None = None
    version: int = 1

    @property
    def asking(self) -> list[AskedUnit]:
        """Return the units that must confirm the change, each with its part in it. A change stored by an earlier release has no
        such list; that release asked only the units that join, so they are returned."""
        return [{"organisation": code, "as": "joins"} for code in self.joining] if self.asked is None else self.asked

    @property
    def signatories(self) -> list[str]:
        """Return the units that must sign the supplementary agreement, the lead first: those that remain and those that join.
        Units that leave, end or merge do not sign. Empty if the change needs no supplementary agreement."""
        if self.kind != "lead" and self.kind not in ADJUSTING:
            return []
        return [self.proposed["lead"], *(unit["organisation"] for unit in self.proposed["members"])]

    @property
    def main_task_bearing(self) -> bool:
        """Return whether the recommender judges, or the lead states, that a leaving member has a main part of the task."""
        judged = self.recommendation.get("main_task_bearing") if self.recommendation else None
        return bool(removed(self.kind, self.detail)) and bool(judged or self.detail.get("main_task_bearing"))

    @property
    def subject(self) -> str:
        return f"change/{self.id}"

    def state(self) -> dict[str, object]:
        """Return the fields of the change of which the audit log stores a digest."""
        return {"kind": self.kind, "status": self.status, "stage": self.stage, "revision": self.revision}

    def require_awaiting(self) -> None:
        """Raise Conflict once the change no longer waits for confirmations."""
        if self.status != ChangeStatus.AWAITING_CONFIRMATIONS:
            raise self.refused("not_awaiting", "该变更已不在确认阶段。", "It does not wait for confirmations any more.")

    def request(self, stage: str, findings: list[ChangeFinding]) -> None:
        """Submit the change to the recommender, after every asked unit has confirmed it."""
        self.status, self.stage, self.findings = ChangeStatus.SUBMITTED, stage, findings
        self.revision += 1

    def void_reason(self, version: int, stage: str) -> str | None:
        """Return why a bureau's opinion on this version and stage is void; None if it takes effect."""
        if self.status != ChangeStatus.SUBMITTED:
            return self.status
        if version != self.version:
            return "not_current_version"
        return None if stage == self.stage else "not_current_stage"

    def advance(self, stage: str, recommendation: Recommendation) -> None:
        """Store the recommendation, which may be for or against the change, and move the change to `stage`, the province's
        decision."""
        self.stage, self.recommendation = stage, recommendation
        self.revision += 1

    def supplement(self, papers: list[dict[str, str]]) -> None:
        """Add documents from the lead. Raises Conflict once the change is decided."""
        self.require_supplementable()
        self.papers = [*self.papers, *(paper for paper in papers if paper not in self.papers)]
        self.revision += 1

    def require_supplementable(self) -> None:
        """Raise Conflict once the change is decided or has ended."""
        if self.status not in OPEN:
            raise self.refused(
                "change_decided", "该变更已作出决定或已办结，不能补充材料。", "It is decided or has ended; nothing can be added."
            )

    def hand_over(self, new_recommender: str, *, addressed_again: bool) -> None:
        """Make the bureau `new_recommender` the recommender. `addressed_again`: it must review the change, which becomes a new
        version."""
        self.recommender = new_recommender
        self.version += addressed_again
        self.revision += 1

    def hold(self, findings: list[ChangeFinding]) -> None:
        """Return the change to the province's decision: the approval has no effect because it lacks a waiver, the statement that
        it is given knowingly, or a document."""
        self.stage, self.findings = "decision", findings
        self.revision += 1

    def decide(self, status: str, decision: ChangeDecision) -> None:
        """Store the decision with its reasons. `status`: approved or refused."""
        self.status, self.stage, self.decision = status, None, decision
        self.knowingly = bool(decision.get("knowingly"))
        self.revision += 1

    def withdraw(self) -> None:
        """Withdraw the change. Raises Conflict once the change is decided."""
        self.require_withdrawable()
        self.status, self.stage = ChangeStatus.WITHDRAWN, None
        self.revision += 1

    def require_withdrawable(self) -> None:
        """Raise Conflict once the change is decided or has ended."""
        if self.status not in OPEN:
            raise self.refused(
                "not_withdrawable", "该变更已作出决定或已办结，不能撤回。", "It is decided or has ended and cannot be withdrawn."
            )

    def lapse(self) -> None:
        """End the change because the consortium has ended. An approved change ends too, without taking effect."""
        self.status, self.stage = ChangeStatus.WITHDRAWN, None
        self.revision += 1

    def take_effect(self, today: date) -> None:
        self.status, self.took_effect_on = ChangeStatus.EFFECTIVE, today
        self.revision += 1

    def refused(self, code: str, zh: str, en: str, **details: Any) -> Conflict:
        return Conflict(code, zh, en, status=self.status, **({"article": "A12"} | details))


def asked_to_confirm(kind: str, detail: ChangeDetail) -> list[AskedUnit]:
    """Return the units that must confirm a change by their own accounts, each with its part in the change: a new lead, which
    becomes responsible for the consortium; units that join; and members whose tier changes."""
    part_by_unit = {detail["lead"]: "leads"} if kind == "lead" else {}
    part_by_unit |= {unit["organisation"]: "joins" for unit in added(kind, detail)}
    part_by_unit |= {unit["organisation"]: "tier" for unit in moved(kind, detail)}
    return [{"organisation": code, "as": role} for code, role in part_by_unit.items()]


def conflict(first: tuple[str, ChangeDetail], second: tuple[str, ChangeDetail], lead: str) -> bool:
    """Return whether two changes (each given as kind and detail) may not be pending together, because they concern the same unit,
    the lead or the same entry of the register. A dissolution concerns everything."""
    if "dissolution" in (first[0], second[0]):
        return True
    return not _concerned(*first, lead).isdisjoint(_concerned(*second, lead))


def units_concerned(kind: str, detail: ChangeDetail, units: Sequence[str]) -> set[str]:
    """Return the codes of the units that a change concerns; empty for a change of the name or of people. `units`: all units of
    the consortium, the lead first."""
    if kind == "dissolution":
        return set(units)
    return _concerned(kind, detail, units[0]) if kind == "lead" or kind in ADJUSTING else set()


def _concerned(kind: str, detail: ChangeDetail, lead: str) -> set[str]:
    if kind == "lead":
        return {lead, detail["lead"]}
    if kind == "key_person":
        return {f"post {detail['post']}"}
    if kind in ADJUSTING:
        moving = [*added(kind, detail), *moved(kind, detail)]
        return {*(unit["organisation"] for unit in moving), *removed(kind, detail)}
    return {kind}


def findings_against_approval(findings: list[ChangeFinding], waived: set[str], *, knowingly: bool) -> list[ChangeFinding]:
    """Return the findings that prevent an approval: failed mandatory rules, unless the province approves `knowingly`, and
    in-principle rules that newly fail or lack evidence and are not waived."""

    def prevents_approval(finding: ChangeFinding) -> bool:
        if finding["severity"] == "mandatory":
            return finding["status"] == "fail" and not knowingly
        newly = finding["status"] in ("fail", "needs_evidence") and not finding.get("failed_before")
        return newly and finding["rule"] not in waived

    return [finding for finding in findings if prevents_approval(finding)]
