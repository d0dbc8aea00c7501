"""The statements and documents that the report of a change must contain, depending on the change (A12)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from services.application.domain.composition import ADJUSTING, added, moved, removed
from services.contracts.application.change_requests import ChangeDetail, ChangeReportDict
from services.kernel.errors import FieldError, Text
from services.policy import Policy

#: The policy's names for the cases in which a change needs further documents: the units change, the lead changes, a member with a
#: main task changes.
UNITS, LEAD, MAIN_MEMBER = "change_of_units", "change_of_lead", "change_of_main_member"


def main_task_claimed(kind: str, detail: ChangeDetail) -> bool:
    """Return whether the lead itself states that a leaving member carries a main part of the task."""
    return bool(removed(kind, detail)) and bool(detail.get("main_task_bearing"))


def cases_of(kind: str, *, main_member: bool) -> tuple[str, ...]:
    """Return the policy's cases that apply to this change; they determine which documents it needs."""
    if kind == "lead":
        return (LEAD,)
    if kind not in ADJUSTING:
        return ()
    return (UNITS, MAIN_MEMBER) if main_member else (UNITS,)


def lacking_kinds(policy: Policy, cases: Iterable[str], papers: Sequence[Mapping[str, str]]) -> dict[str, Text]:
    """Return the required documents that the change lacks: kind → label."""
    handed_in = {paper["kind"] for paper in papers}
    required = {paper.kind: paper.label for case in cases for paper in policy.documents_for(case)}
    return {kind: label for kind, label in required.items() if kind not in handed_in}


def lacking_papers(policy: Policy, cases: Iterable[str], papers: Sequence[Mapping[str, str]]) -> list[FieldError]:
    """Return one field error for each document that the report lacks."""
    return [
        FieldError("/documents", "document_lacking", Text(f"缺少{label.zh}。", f"The {label.en} is missing."))
        for label in lacking_kinds(policy, cases, papers).values()
    ]


def unstated(kind: str, detail: ChangeDetail, report: ChangeReportDict) -> list[FieldError]:
    """Return the statements that the report lacks. The technical need and the source of the task are required if units join or
    members move to another tier, but not if units only leave. Every report gives a reason; for a change of the lead, or of a
    member with a main task, it must be the objective reason (客观原因)."""
    if not (added(kind, detail) or moved(kind, detail)):
        return []
    need = Text("请说明新的关键技术攻关需求（第十二条）。", "State the new technical need (article 12).")
    source = Text("请说明项目任务来源（第十二条）。", "State where the task comes from (article 12).")
    statements = (("technical_need", report.get("technical_need"), need), ("task_source", report.get("task_source"), source))
    return [FieldError(f"/{name}", "required", text) for name, stated, text in statements if not (stated or "").strip()]
