"""A proposal to register a consortium of the plan of 2021 (A16).

proposed → confirmed or refused, by a chief of the province who did not propose it. A proposal uses no quota.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from services.contracts.application.imports import ImportedConsortiumDict, ImportedHistoryDict
from services.kernel.errors import Conflict, FieldError, Invalid, Text


class ProposalStatus(StrEnum):
    """The state of a proposal."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


PROPOSED, CONFIRMED, REFUSED = ProposalStatus

_NO_HISTORY: ImportedHistoryDict = {"grades": [], "deferrals": [], "support": [], "outcomes": []}
_BEFORE_RECOGNITION = Text("不能早于认定日期。", "It cannot be before the recognition.")
_AHEAD = Text("不能晚于今天。", "It cannot lie ahead.")


@dataclass(eq=False, kw_only=True)
class Proposal:
    """A proposal to register a consortium of the plan of 2021. `content`: the entered data; `papers`: the documents that the
    second person read; `reason`: why the proposal was refused."""

    id: str
    status: str
    name: str
    lead: str
    content: ImportedConsortiumDict
    papers: list[dict[str, str]]
    proposed_by: str
    proposed_at: datetime
    answered_by: str | None
    answered_at: datetime | None
    reason: str | None
    revision: int

    @property
    def history(self) -> ImportedHistoryDict:
        """The consortium's earlier grades, deferrals, support and outcomes."""
        history = self.content.get("history")
        return {**_NO_HISTORY, **history} if history else _NO_HISTORY

    def state(self) -> dict[str, object]:
        """Return the fields of the proposal of which the audit log stores a digest."""
        return {"name": self.name, "lead": self.lead, "status": self.status, "revision": self.revision}

    def require_open(self) -> None:
        """Raise Conflict once the proposal is answered."""
        if self.status != PROPOSED:
            raise Conflict("proposal_answered", "该补录已办结。", "This proposal has been answered.", status=self.status)

    def answer(self, status: str, papers: list[dict[str, str]], reason: str | None, username: str, now: datetime) -> None:
        """Confirm or refuse the proposal; this takes a second person. Raises Conflict for the account that proposed it, Invalid
        for a confirmation without a document or a refusal without a reason."""
        if username == self.proposed_by:
            raise Conflict(
                "own_proposal",
                "不能确认自己提出的补录，请由其他负责人确认。",
                "Nobody confirms their own proposal; another chief does.",
                status=self.status,
            )
        if status == CONFIRMED and not papers:
            raise Invalid.field(
                "/documents", "required", "请列出所核对的认定文件。", "Name the papers of the recognition that you read."
            )
        if status == REFUSED and not reason:
            raise Invalid.field("/reason", "required", "请说明不予补录的理由。", "Say why it is not entered.")
        self.status, self.papers, self.reason = status, papers, reason
        self.answered_by, self.answered_at = username, now
        self.revision += 1


def history_mistakes(
    history: ImportedHistoryDict, recognised_on: date, today: date, measures: Mapping[str, str]
) -> Iterator[FieldError]:
    """Return an error for each impossible entry of a consortium's history. `measures`: the titles of the support measures by
    name."""
    issued: set[str] = set()
    for index, grade in enumerate(history["grades"]):
        at = f"/history/grades/{index}"
        yield from _day_errors(f"{at}/issued_on", grade["issued_on"], recognised_on, today)
        if grade["published_on"] < grade["issued_on"]:
            text = Text("等次公布日期不能早于评估通知日期。", "A grade is not published before its notice is issued.")
            yield FieldError(f"{at}/published_on", "before_notice", text)
        elif date.fromisoformat(grade["published_on"]) > today:
            yield FieldError(f"{at}/published_on", "date_ahead", _AHEAD)
        if grade["issued_on"] in issued:
            text = Text("同一次评估只有一个等次。", "One evaluation gives one grade.")
            yield FieldError(f"{at}/issued_on", "graded_twice", text)
        issued.add(grade["issued_on"])
    for index, deferral in enumerate(history["deferrals"]):
        at = f"/history/deferrals/{index}/issued_on"
        yield from _day_errors(at, deferral["issued_on"], recognised_on, today)
        if deferral["issued_on"] in issued:
            text = Text("同一次评估不能既延期又有等次，也不能延期两次。", "One evaluation is graded or deferred, once.")
            yield FieldError(at, "graded_and_deferred", text)
        issued.add(deferral["issued_on"])
    for index, use in enumerate(history["support"]):
        at = f"/history/support/{index}"
        yield from _day_errors(f"{at}/used_on", use["used_on"], recognised_on, today)
        if use["measure"] not in measures:
            titles = "、".join(measures.values())
            text = Text(f"没有这项支持措施，现有：{titles}。", f"Known measures: {', '.join(measures)}.")
            yield FieldError(f"{at}/measure", "unknown_measure", text)


def _day_errors(pointer: str, day: str, recognised_on: date, today: date) -> Iterator[FieldError]:
    if date.fromisoformat(day) < recognised_on:
        yield FieldError(pointer, "before_recognition", _BEFORE_RECOGNITION)
    elif date.fromisoformat(day) > today:
        yield FieldError(pointer, "date_ahead", _AHEAD)
