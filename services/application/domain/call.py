"""A call (申报通知): a window, fields, a policy version and a rubric (A6(1))."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from services.contracts.application.call_requests import CallChangeDict, CallContactDict, CallDict, CriterionDict
from services.contracts.review.case_parts import Call as CompetingCall
from services.kernel.clock import local_date
from services.kernel.errors import Conflict, FieldError, Invalid, Text


@dataclass(eq=False, kw_only=True)
class Call:
    """A call. `kind`: formation, special_project or young_talent. `attachments`: kinds of document required in addition to the
    policy's. `text`: the announcement itself; `contact`: name, telephone, address and e-mail of the person who answers
    questions."""

    id: str
    title: str
    kind: str
    opens_at: datetime
    closes_at: datetime
    policy: str
    fields: list[str]
    industry_bureaus: list[str]
    rubric: list[CriterionDict]
    min_reviewers: int
    places: int | None
    budget: str | None
    attachments: list[str]
    text: str | None
    contact: CallContactDict | None
    cancelled_reason: str | None
    revision: int
    created_at: datetime

    def competing(self) -> CompetingCall:
        """Return the part of the call that a bureau needs to rank the cases that compete in it."""
        return {
            "id": self.id,
            "title": self.title,
            "rubric": [{"criterion": row["criterion"], "weight": row["weight"], "max": row["max"]} for row in self.rubric],
            "min_reviewers": self.min_reviewers,
            "places": self.places,
        }

    def status(self, now: datetime) -> str:
        """Return the status at `now`: upcoming, open, closed or cancelled."""
        if self.cancelled_reason is not None:
            return "cancelled"
        return "upcoming" if now < self.opens_at else "open" if now <= self.closes_at else "closed"

    def days_left(self, now: datetime) -> int | None:
        """Return the calendar days from `now` to the last day, 0 on that day; None once the call is closed or cancelled."""
        if self.status(now) in ("closed", "cancelled"):
            return None
        return (local_date(self.closes_at) - local_date(now)).days

    def require_open(self, now: datetime) -> None:
        """Raise Conflict if the call is cancelled or `now` is outside its window: applications can be submitted only inside
        it."""
        status = self.status(now)
        if status == "upcoming":
            raise Conflict(
                "call_not_open",
                "申报尚未开始，请在申报期内提交。",
                "The call has not opened; submit within its window.",
                status=status,
                opens_at=self.opens_at.isoformat(),
            )
        if status == "closed":
            raise Conflict(
                "call_closed",
                "申报已截止，不能再提交。",
                "The call has closed; nothing can be submitted any more.",
                status=status,
                closes_at=self.closes_at.isoformat(),
            )
        self.require_standing()

    def require_standing(self) -> None:
        """Raise Conflict if the call is cancelled."""
        if self.cancelled_reason is not None:
            raise Conflict("call_cancelled", "该申报通知已取消。", "The call was cancelled.", status="cancelled")

    def change(self, change: CallChangeDict, closes_at: datetime | None, now: datetime) -> bool:
        """Move the end to a later time. Title, text and fields can change until the call opens, the contact at any time. Return
        whether the call was extended.

        Raises Conflict if the call is cancelled or a part can no longer change because it has opened, Invalid for an
        earlier end.
        """
        self.require_standing()
        if change.keys() - {"contact", "closes_at"} and now >= self.opens_at:
            raise Conflict(
                "call_already_open",
                "申报已开始，名称、正文和领域不能再修改；只能延长截止时间或更换联系人。",
                "The call has opened: its title, text and fields stay; only its end can move later and its contact change.",
                status=self.status(now),
            )
        if closes_at is not None and closes_at < self.closes_at:
            raise Invalid.field(
                "/closes_at",
                "only_later",
                "截止时间只能延后，不能提前。",
                "The end of a call can only move later.",
            )
        for name, value in change.items():
            if name != "closes_at":
                setattr(self, name, value)
        extended = closes_at is not None and closes_at > self.closes_at
        if closes_at is not None:
            self.closes_at = closes_at
        self.revision += 1
        return extended

    def cancel(self, reason: str) -> None:
        """Cancel the call. Raises Conflict if it is cancelled already."""
        self.require_standing()
        self.cancelled_reason = reason
        self.revision += 1

    def state(self) -> dict[str, object]:
        """Return the fields of the call of which the audit log stores a digest."""
        return {
            "title": self.title,
            "opens_at": self.opens_at.isoformat(),
            "closes_at": self.closes_at.isoformat(),
            "policy": self.policy,
            "text": self.text,
            "contact": self.contact,
            "cancelled": self.cancelled_reason,
        }


def mistakes(call: CallDict, opens_at: datetime, closes_at: datetime) -> tuple[FieldError, ...]:
    """Return the mistakes in a new call: a window that ends before it begins, a rubric without criteria, weights that do not sum
    to 1 or 100, and criteria with the same name."""
    errors = []
    if closes_at <= opens_at:
        text = Text("截止时间应晚于开始时间。", "The call must close after it opens.")
        errors.append(FieldError("/closes_at", "closes_before_opening", text))
    total = sum(Decimal(str(row["weight"])) for row in call["rubric"])
    if call["kind"] == "formation" and not call["rubric"]:
        text = Text("请填写评审指标，专家据此评分。", "Give the rubric by which experts score.")
        errors.append(FieldError("/rubric", "required", text))
    elif call["rubric"] and total not in (1, 100):
        text = Text(f"各指标权重之和应为 1 或 100，现为 {total}。", f"The weights must sum to 1 or 100; they sum to {total}.")
        errors.append(FieldError("/rubric", "weights_do_not_sum", text))
    names = [row["criterion"] for row in call["rubric"]]
    for index, name in enumerate(names):
        if name in names[:index]:
            text = Text("评审指标名称重复，请改名。", "Two criteria have this name; rename one.")
            errors.append(FieldError(f"/rubric/{index}/criterion", "criterion_twice", text))
    return tuple(errors)
