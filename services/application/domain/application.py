"""A formation application (组建申请): its content, its state, and the allowed order of its steps (A6, A8).

draft → submitted → (returned → submitted)* → publicised → recognised. Between approval and recognition it may be held, because a
rule fails by then (for example, a quota was lost) or an objection was upheld. Otherwise it ends as rejected, declined or
withdrawn.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Any, Literal

from services.application.domain.content import Content, VersionContent, merged, related_units
from services.contracts.application.application_requests import ApplicationChangeMembers, MemberDict, SpecialCaseBasis
from services.contracts.application.application_responses import Decision, ReturnedCase
from services.kernel.clock import local_date
from services.kernel.errors import Conflict
from services.kernel.identity import PROVINCE, Actor


class ApplicationStatus(StrEnum):
    """The state of an application."""

    DRAFT = "draft"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    REJECTED = "rejected"
    DECLINED = "declined"
    PUBLICISED = "publicised"
    HELD = "held"
    RECOGNISED = "recognised"
    WITHDRAWN = "withdrawn"


#: The final states.
ENDED = (ApplicationStatus.REJECTED, ApplicationStatus.DECLINED, ApplicationStatus.WITHDRAWN, ApplicationStatus.RECOGNISED)
#: The states in which no decision is in force: the applicant may withdraw the application, and a cancelled call ends it. A held
#: application waits for the province to decide again.
BEFORE_DECISION = (ApplicationStatus.DRAFT, ApplicationStatus.SUBMITTED, ApplicationStatus.RETURNED, ApplicationStatus.HELD)
#: The states in which an application's content may change.
EDITABLE = (ApplicationStatus.DRAFT, ApplicationStatus.RETURNED)
DECISION = "decision"


#: The fields of an application that are fixed after the first submission.
_FIXED: tuple[Literal["call_id"], Literal["lead"], Literal["recommender"]] = ("call_id", "lead", "recommender")


@dataclass(eq=False, kw_only=True)
class Application:
    """A formation application. `version` counts its submissions, `round` those to the bureau of the present stage, and `revision`
    every change of it (its ETag).

    `as_of`: the day for which figures are evaluated: the day the call opened or, without a call, the day the case was opened.
    `agreement`: file name → SHA-256 of the agreement's files. `at_province`: whether the application has reached the province.
    `returned`: the bureau that returned it, its stage, the reason. `decision`: the province's reasons and waivers. `reason`: why
    the application ended.
    """

    id: str
    channel: str
    call_id: str | None
    policy: str
    as_of: date
    status: str
    stage: str | None
    round: int
    version: int
    revision: int
    name: str | None
    field: str | None
    lead: str | None
    recommender: str | None
    content: Content
    basis: SpecialCaseBasis | None
    agreement: dict[str, str]
    at_province: bool
    returned: ReturnedCase | None
    correction_due: datetime | None
    decision: Decision | None
    publicity_ends: datetime | None
    reason: str | None
    consortium_id: str | None
    searchable: str
    created_at: datetime
    submitted_at: datetime | None
    updated_at: datetime

    @property
    def special(self) -> bool:
        """Return whether this is a special case (A8), which has no call."""
        return self.channel == "special_case"

    @property
    def open(self) -> bool:
        """Return whether the application has been submitted and has not ended."""
        return self.version > 0 and self.status not in ENDED

    @property
    def at_decision(self) -> bool:
        """Return whether the application waits for the province's decision, for the first time or again."""
        return self.status == ApplicationStatus.HELD or (self.status == ApplicationStatus.SUBMITTED and self.stage == DECISION)

    @property
    def kind(self) -> str:
        """The kind of case, which determines its pipeline and its documents."""
        return "special_case" if self.special else "formation"

    @property
    def members(self) -> list[MemberDict]:
        return self.content["members"]

    @property
    def units(self) -> list[str]:
        """The codes of all units, the lead first."""
        return [code for code in (self.lead, *(member["organisation"] for member in self.members)) if code]

    @property
    def related_units(self) -> list[str]:
        """The chief scientist's employer: it is not a unit, but its staff may not review the application either."""
        return related_units(self.content["chief_scientist"])

    def state(self) -> dict[str, object]:
        """Return the fields of the application of which the audit log stores a digest."""
        return {"status": self.status, "stage": self.stage, "version": self.version, "revision": self.revision}

    def version_content(self) -> VersionContent:
        """Return the content with the call, the lead and the recommender, as a version stores them."""
        return {"call_id": self.call_id, "lead": self.lead, "recommender": self.recommender, **self.content}

    # The applicant's steps

    def require_editable(self) -> None:
        """Raise Conflict unless the application is a draft or was returned for correction."""
        if self.status not in EDITABLE:
            raise self._conflict(
                "not_editable",
                "申请已提交或已办结，不能修改；如被退回，可在补正期限内修改。",
                "It was submitted or has ended and cannot be changed; when it is returned it can be corrected.",
            )

    def require_correctable(self, now: datetime) -> None:
        """Raise Conflict if the application was returned and its correction window is over."""
        if self.status == ApplicationStatus.RETURNED and self.correction_due and now > self.correction_due:
            raise self._conflict(
                "correction_window_closed",
                "补正期限已过，申请不能再修改或提交。",
                "The days for correcting it are over.",
                correction_due=self.correction_due.isoformat(),
            )

    def edit(self, change: ApplicationChangeMembers, now: datetime) -> None:
        """Replace the content fields that `change` names. Raises Conflict if the application cannot be edited now."""
        self.require_editable()
        self.require_correctable(now)
        fixed = [name for name in _FIXED if name in change and change[name] != getattr(self, name)]
        if self.version and fixed:
            raise self._conflict(
                "fixed_after_submission",
                "牵头单位、申报通知和推荐单位在首次提交后不能更改。",
                "Lead, call and recommender are fixed after the first submission.",
                fields=fixed,
            )
        if "lead" in change:
            self.lead = change["lead"]
        if "recommender" in change:
            self.recommender = change["recommender"]
        if "basis" in change and self.special:
            self.basis = change["basis"]
        self.content = merged(self.content, change)
        self.name, self.field = self.content["name"], self.content["field"]
        self._touch(now)

    def submit(self, stage: str, province: bool, now: datetime) -> None:
        """Submit the application to `stage`; `province`: whether that stage is the province's. Raises Conflict if it is neither a
        draft nor returned in time."""
        if self.status not in EDITABLE:
            raise self._conflict(
                "already_submitted",
                "申请已经提交或已办结，无需再次提交。",
                "It is submitted already, or has ended.",
            )
        self.require_correctable(now)
        self.status, self.stage = ApplicationStatus.SUBMITTED, stage
        self.version += 1
        self.round += 1
        self.at_province = self.at_province or province
        self.returned, self.correction_due = None, None
        self.submitted_at = now
        self._touch(now)

    def withdraw(self, reason: str, now: datetime) -> None:
        """Withdraw the application before the decision. An approval that is held becomes void. Raises Conflict once it is decided
        or has ended."""
        self.require_withdrawable()
        self.decision, self.publicity_ends = None, None
        self._end_case(ApplicationStatus.WITHDRAWN, reason, now)

    def require_withdrawable(self) -> None:
        """Raise Conflict once the application is decided or has ended."""
        if self.status not in BEFORE_DECISION:
            raise self._conflict(
                "not_withdrawable",
                "申请已作出决定或已办结，不能撤回。",
                "It has been decided or has ended and cannot be withdrawn.",
            )

    # The bureaus' steps

    def void_reason(self, version: int, stage: str) -> str | None:
        """Return why a bureau's opinion on this version and stage is void; None if it takes effect."""
        if self.status in ENDED:
            return self.status
        if version != self.version:
            return "superseded_version"
        if stage != self.stage or self.status not in (ApplicationStatus.SUBMITTED, ApplicationStatus.HELD):
            return "not_current_stage"
        return None

    def advance(self, next_stage: str, province: bool, now: datetime) -> None:
        """Move the application to the next stage; `province`: whether that stage is the province's."""
        self.stage = next_stage
        self.at_province = self.at_province or province
        self._touch(now)

    def return_to_applicant(self, returned: ReturnedCase, due: datetime, now: datetime) -> None:
        """Return the application to the applicant for correction until `due`. An earlier approval and its publicity period become
        void."""
        self.status, self.returned, self.correction_due = ApplicationStatus.RETURNED, returned, due
        self.decision, self.publicity_ends = None, None
        self._touch(now)

    def require_extendable(self, now: datetime) -> datetime:
        """Return the end of the correction window. Raises Conflict unless the window is open and was not extended before."""
        if self.status != ApplicationStatus.RETURNED or self.correction_due is None or self.returned is None:
            raise self._conflict("not_returned", "申请未被退回补正。", "It is not being corrected.")
        self.require_correctable(now)
        if "extended" in self.returned:
            raise self._conflict("already_extended", "补正期限已延长过一次，不能再次延长。", "The window was extended already.")
        return self.correction_due

    def extend_correction(self, due: datetime, reason: str, now: datetime) -> None:
        """Extend the correction window to `due`."""
        earlier = self.correction_due.isoformat() if self.correction_due else None
        if self.returned is not None:
            self.returned = {**self.returned, "extended": {"from": earlier, "reason": reason, "at": now.isoformat()}}
        self.correction_due = due
        self._touch(now)

    def returned_by(self, actor: Actor) -> bool:
        """Return whether the actor is an official of the bureau that returned it or, after a hand-over, of the bureau that took
        over."""
        bureau = self.returned["by"] if self.returned else None
        return actor.official and bureau is not None and actor.bureau == (bureau if bureau == PROVINCE else self.recommender)

    def reject(self, reason: str, now: datetime) -> None:
        self._end_case(ApplicationStatus.REJECTED, reason, now)

    def decline(self, decision: Decision, now: datetime) -> None:
        self.decision = decision
        self._end_case(ApplicationStatus.DECLINED, decision["reason"], now)

    def approve(self, decision: Decision, publicity_ends: datetime, now: datetime) -> None:
        """Approve the application and publicise it until `publicity_ends`. A second decision, after the recognition was held,
        begins another publicity period only if an objection was upheld. The decision stores the period's last day (`ends_on`),
        which the generated document states."""
        self.publicity_ends = self.publicity_ends or publicity_ends
        self.status = ApplicationStatus.PUBLICISED
        self.decision = {**decision, "ends_on": local_date(self.publicity_ends).isoformat()}
        self._touch(now)

    def hold(self, now: datetime, *, publicity_again: bool) -> None:
        """Hold the recognition: the case returns to the decision. `publicity_again`: whether another approval must begin another
        publicity period."""
        self.status, self.stage = ApplicationStatus.HELD, DECISION
        if publicity_again:
            self.publicity_ends = None
        self._touch(now)

    def recognise(self, consortium_id: str, now: datetime) -> None:
        self.consortium_id = consortium_id
        self._end_case(ApplicationStatus.RECOGNISED, None, now)

    def require_publicity(self, now: datetime) -> datetime:
        """Return the end of the publicity period. Raises Conflict if the application is not in its publicity period."""
        if self.status != ApplicationStatus.PUBLICISED or self.publicity_ends is None or now > self.publicity_ends:
            raise self._conflict(
                "not_in_publicity",
                "该申请不在公示期内，不能提出异议。",
                "It is not in its publicity period; no objection can be filed.",
            )
        return self.publicity_ends

    def _end_case(self, status: str, reason: str | None, now: datetime) -> None:
        self.status, self.stage, self.reason = status, None, reason
        self.correction_due = None
        self._touch(now)

    def _touch(self, now: datetime) -> None:
        self.revision += 1
        self.updated_at = now

    def _conflict(self, code: str, zh: str, en: str, **details: Any) -> Conflict:
        return Conflict(code, zh, en, status=self.status, **details)
