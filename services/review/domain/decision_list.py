"""A decision list: several decisions of one call that a chief signs in one act and that are made public together, with one
document number and one day (A6(2))."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import TypedDict

from services.contracts.review.case_parts import ListReference, ProposedDecision
from services.contracts.review.decision_list_answers import RowResultDict
from services.kernel.clock import local_date
from services.kernel.errors import Conflict


class ListStatus(StrEnum):
    """The state of a decision list."""

    DRAFT = "draft"
    SIGNED = "signed"
    WITHDRAWN = "withdrawn"


class ListState(TypedDict):
    """The data of a decision list whose digest the audit log records."""

    status: str
    etag: str
    results: list[RowResultDict]


@dataclass(eq=False, kw_only=True)
class DecisionList:
    """`rows`: the decisions that the officer proposes. `results`: the result of each row when a chief signed: approved,
    declined, or refused. A refused row is removed from the list. A withdrawn list is never signed;
    the officers' drafts of its cases remain."""

    id: str
    bureau: str
    call: str
    title: str
    rows: list[ProposedDecision]
    by: str
    at: datetime
    signed_by: str | None = None
    signed_at: datetime | None = None
    results: list[RowResultDict] = field(default_factory=list)
    withdrawn_by: str | None = None
    withdrawn_at: datetime | None = None

    @property
    def status(self) -> str:
        if self.withdrawn_at:
            return ListStatus.WITHDRAWN
        return ListStatus.SIGNED if self.signed_at else ListStatus.DRAFT

    @property
    def decided_on(self) -> date | None:
        """Return the day of all decisions of the list; None before it is signed."""
        return local_date(self.signed_at) if self.signed_at else None

    @property
    def etag(self) -> str:
        """Return the ETag of the list's content, so that a chief signs exactly the list that was read."""
        content = json.dumps([self.id, self.title, self.rows, self.status], ensure_ascii=False, sort_keys=True)
        return hashlib.sha256(content.encode()).hexdigest()[:32]

    def state(self) -> ListState:
        """Return the data that the audit log digests."""
        return {"status": self.status, "etag": self.etag, "results": self.results}

    def require_open(self) -> None:
        """Raise Conflict if the list is signed or withdrawn."""
        if self.withdrawn_at:
            raise Conflict("list_withdrawn", "该决定名单已撤回。", "This list is withdrawn.", status=self.status)
        if self.signed_at:
            raise Conflict("already_signed", "该决定名单已签署。", "This list is signed already.", status=self.status)

    def require_signable(self, chief: str) -> None:
        """Raise Conflict if the list is signed or withdrawn, or this person drafted it."""
        self.require_open()
        if self.by == chief:
            raise Conflict(
                "own_draft",
                "不能签署自己拟定的名单，请由其他负责人签署。",
                "Nobody signs their own draft; another person signs the list.",
                status=self.status,
            )

    def reference(self) -> ListReference:
        """Return the reference to this list ({id, title, on}) that the event of an approval contains."""
        decided_on = self.decided_on
        return {"id": self.id, "title": self.title, "on": decided_on.isoformat() if decided_on else None}
