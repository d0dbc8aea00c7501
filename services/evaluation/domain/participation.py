"""One consortium's participation in an evaluation round (A13).

invited → submitted → (returned → submitted)* → graded → published. Other ends: withdrawn or absent (giving up), deferred,
declined (a younger consortium that stays away), ended (the consortium was revoked or dissolved) and cancelled (with its
notice).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any, cast

from services.contracts.attachment import Attachment
from services.contracts.evaluation.stored import (
    Deferral,
    DeferralAnswer,
    DeferralRequest,
    Returned,
    RoundReportDict,
    SiteVisit,
)
from services.contracts.labels import label
from services.evaluation.domain.round import Round, RoundStatus
from services.kernel.clock import local_date
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.kernel.identity import PROVINCE, Actor

#: The sections that a report must have (A13).
SECTIONS = ("project_execution", "budget", "management", "cooperation")


class ParticipationStatus(StrEnum):
    """The state of a participation."""

    INVITED = "invited"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    GRADED = "graded"
    PUBLISHED = "published"
    WITHDRAWN = "withdrawn"
    ABSENT = "absent"
    DEFERRED = "deferred"
    DECLINED = "declined"
    ENDED = "ended"
    CANCELLED = "cancelled"


class DeferralStatus(StrEnum):
    """The state of a request for a deferral."""

    PENDING = "pending"
    GRANTED = "granted"
    REFUSED = "refused"


EDITABLE = (ParticipationStatus.INVITED, ParticipationStatus.RETURNED)
#: The statuses from which a participation can still be graded.
RUNNING = (ParticipationStatus.INVITED, ParticipationStatus.SUBMITTED, ParticipationStatus.RETURNED)
#: The stage at which experts score, and the stage after the last review, at which the province grades.
EXPERT_REVIEW, GRADING = "expert_review", "grading"


@dataclass(eq=False, kw_only=True)
class Participation:
    """A participation. `mandatory`: the consortium must take part. `stage`: the present stage of a submitted report; `grading`
    when all reviews are complete. `score` and `spread`: the result of the experts' scores, in points of 100. `deferral`:
    requested, granted or refused. After a refusal the report may be submitted until `hand_in_until`, even if the window ends
    earlier. `publicity_ends`: when a public grade takes effect. `held_by`: the id of the upheld objection because of which the
    participation must be graded again."""

    id: str
    evaluation: str
    consortium: str
    recommender: str
    mandatory: bool
    status: str
    stage: str | None
    version: int
    round: int
    content: RoundReportDict
    papers: list[Attachment]
    returned: Returned | None
    correction_due: datetime | None
    submitted_at: datetime | None
    deferral: Deferral | None
    hand_in_until: datetime | None
    score: str | None
    spread: str | None
    scores: int
    site_visit: SiteVisit | None
    grade: str | None
    grade_score: str | None
    grade_reason: str | None
    graded_by: str | None
    publicity_ends: datetime | None
    held_by: str | None
    reason: str | None
    revision: int
    updated_at: datetime

    @property
    def subject(self) -> str:
        return f"participation/{self.id}"

    def state(self) -> dict[str, object]:
        """Return the data that the audit log digests."""
        return {"status": self.status, "stage": self.stage, "version": self.version, "revision": self.revision}

    @property
    def public(self) -> bool:
        """Return whether the grade is public: in its publicity period, or in effect."""
        return self.status == ParticipationStatus.PUBLISHED or (
            self.status == ParticipationStatus.GRADED and self.publicity_ends is not None
        )

    @property
    def in_effect_on(self) -> date | None:
        """Return the day on which the grade took effect, which ended the participation; None as long as no grade is in effect."""
        return local_date(self.updated_at) if self.status == ParticipationStatus.PUBLISHED else None

    # The lead's steps

    def require_editable(self, round: Round, now: datetime) -> None:
        """Raise Conflict unless the lead may write the report now: within the window or, after a return, within the correction
        window."""
        if self.status not in EDITABLE:
            raise self._conflict(
                "not_editable",
                "评估材料已报送或已办结，不能修改；如被退回，可在补正期限内修改。",
                "It was submitted or has ended; when it is returned it can be corrected.",
            )
        if self.status == ParticipationStatus.INVITED:
            if self.hand_in_until is None or now > self.hand_in_until:
                round.require_window(now)
        elif self.correction_due and now > self.correction_due:
            raise self._conflict("correction_window_closed", "补正期限已过。", "The days for correcting it are over.")

    def write(self, content: RoundReportDict, now: datetime) -> None:
        """Replace the content of the report."""
        self.content = content
        self._touch(now)

    def submit(self, stage: str, papers: list[Attachment], now: datetime) -> None:
        """Submit the report. Raises Invalid with an error for each empty section."""
        sections: Mapping[str, object] = self.content.get("sections") or {}
        text = Text("此部分为评估必报内容，请填写。", "This section must be reported.")
        if errors := tuple(
            FieldError(f"/sections/{name}", "required", text) for name in SECTIONS if not str(sections.get(name) or "").strip()
        ):
            raise Invalid("incomplete", "评估材料不完整，请补充后提交。", "The report is incomplete.", errors=errors)
        self.status, self.stage, self.papers = ParticipationStatus.SUBMITTED, stage, papers
        self.version += 1
        self.round += 1
        self.returned, self.correction_due, self.submitted_at = None, None, now
        self._touch(now)

    def withdraw(self, reason: str, now: datetime) -> None:
        """Leave the round. Raises Conflict once the participation is graded or has ended."""
        self.require_withdrawable()
        self.end(ParticipationStatus.WITHDRAWN, reason, now)

    def require_withdrawable(self) -> None:
        """Raise Conflict once the participation is graded or has ended."""
        if self.status not in RUNNING:
            raise self._conflict("not_withdrawable", "该评估已评定等次或已办结，不能退出。", "It is graded or has ended.")

    @property
    def given_up(self) -> bool:
        """Return whether leaving now counts as giving up the recognition (A13, A14(2)). Leaving does not count so if the
        consortium need not take part and has submitted no report."""
        return self.mandatory or self.version > 0

    @property
    def awaits_answer(self) -> bool:
        """Return whether a request for a deferral waits for an answer. Until it is answered, the participation does not become
        absent."""
        return (
            self.status == ParticipationStatus.INVITED
            and self.deferral is not None
            and self.deferral["status"] == DeferralStatus.PENDING
        )

    def is_absent(self, round: Round, now: datetime) -> bool:
        """Return whether the time for the report is over and no report was submitted. A consortium whose request for a deferral
        waits for an answer is not absent."""
        until = max(round.closes_at, self.hand_in_until or round.closes_at)
        return self.status == ParticipationStatus.INVITED and not self.awaits_answer and now > until

    def ask_deferral(self, request: DeferralRequest, round: Round, now: datetime) -> None:
        """Store a request to take part in the next round instead of this one. Raises Conflict outside the window, and if a report
        was submitted or an earlier request waits for an answer."""
        self.require_deferrable(round, now)
        self.deferral = cast(Deferral, {**request, "status": DeferralStatus.PENDING})
        self._touch(now)

    def require_deferrable(self, round: Round, now: datetime) -> None:
        """Raise Conflict outside the window, and if a report was submitted or an earlier request waits for an answer."""
        round.require_window(now)
        if self.status != ParticipationStatus.INVITED or self.awaits_answer:
            raise self._conflict(
                "not_deferrable",
                "只有尚未报送材料且没有待答复延期申请的，才能申请延期。",
                "Only one that has handed nothing in and waits for no answer can ask for a deferral.",
            )

    def answer_deferral(self, answer: DeferralAnswer, hand_in_until: datetime, now: datetime) -> None:
        """Record the province's answer to a request for a deferral; the province may answer after the window too. After a refusal
        the report may be submitted until the later of the window's end and `hand_in_until`. Raises Conflict if no request waits
        for an answer."""
        self.require_deferral_pending()
        self.deferral = cast(Deferral, {**(self.deferral or {}), **answer})
        if answer["status"] == DeferralStatus.GRANTED:
            self.end(ParticipationStatus.DEFERRED, answer["answer"], now)
        else:
            self.hand_in_until = hand_in_until
        self._touch(now)

    # The bureaus' steps

    def require_deferral_pending(self) -> None:
        """Raise Conflict if no request for a deferral waits for an answer."""
        if not self.awaits_answer:
            raise self._conflict("no_deferral_pending", "没有待答复的延期申请。", "No deferral waits for an answer.")

    def void_reason(self, version: int, stage: str) -> str | None:
        """Return why a bureau's opinion on this version and stage is void; None if the opinion takes effect."""
        if self.status != ParticipationStatus.SUBMITTED:
            return self.status
        if version != self.version:
            return "superseded_version"
        return None if stage == self.stage else "not_current_stage"

    def advance(self, next_stage: str | None, now: datetime) -> None:
        self.stage = next_stage or GRADING
        self._touch(now)

    def return_to_lead(self, returned: Returned, due: datetime, now: datetime) -> None:
        self.status, self.returned, self.correction_due = ParticipationStatus.RETURNED, returned, due
        self._touch(now)

    def require_extendable(self, now: datetime) -> datetime:
        """Return the end of the correction window. Raises Conflict unless the correction window is open and was never
        extended."""
        if self.status != ParticipationStatus.RETURNED or self.correction_due is None or self.returned is None:
            raise self._conflict("not_returned", "评估材料未被退回补正。", "It is not being corrected.")
        if now > self.correction_due:
            raise self._conflict("correction_window_closed", "补正期限已过。", "The days for correcting it are over.")
        if "extended" in self.returned:
            raise self._conflict("already_extended", "补正期限已延长过一次，不能再次延长。", "The window was extended already.")
        return self.correction_due

    def extend_correction(self, due: datetime, reason: str, now: datetime) -> None:
        """Move the end of the correction window to `due`."""
        earlier = self.correction_due.isoformat() if self.correction_due else None
        extended = {"from": earlier, "reason": reason, "at": now.isoformat()}
        self.returned = cast(Returned, {**(self.returned or {}), "extended": extended})
        self.correction_due = due
        self._touch(now)

    def returned_by(self, actor: Actor) -> bool:
        """Return whether the actor is an official of the bureau that returned the report or, after a hand-over, of the new
        recommender."""
        bureau = self.returned["by"] if self.returned else None
        return actor.official and bureau is not None and actor.bureau == (bureau if bureau == PROVINCE else self.recommender)

    def scored(self, score: str | None, spread: str | None, scores: int, now: datetime) -> None:
        self.score, self.spread, self.scores = score, spread, scores
        self._touch(now)

    def rescored(self, stage: str | None, score: str | None, spread: str | None, scores: int, now: datetime) -> bool:
        """Replace the experts' result, after a score was voided, by the result of the remaining scores, and remove a grade that
        is given but not public. `stage`: the stage at which experts score again, None if enough scores remain. Return false, and
        change nothing, once the grade is public or the participation has ended."""
        graded = self.status == ParticipationStatus.GRADED and self.publicity_ends is None
        if not graded and (self.status != ParticipationStatus.SUBMITTED or self.stage not in (GRADING, EXPERT_REVIEW)):
            return False
        self.status, self.stage = ParticipationStatus.SUBMITTED, stage or GRADING
        self.score, self.spread, self.scores = score, spread, scores
        if graded:
            self.grade, self.grade_score, self.grade_reason, self.graded_by = None, None, None, None
        self._touch(now)
        return True

    def reviewed_again(self, now: datetime) -> None:
        """Move the participation from grading back to the experts' stage: a new expert replaces the one whose score was voided,
        and grading waits for the new expert's score."""
        if self.status == ParticipationStatus.SUBMITTED and self.stage == GRADING:
            self.stage = EXPERT_REVIEW
            self._touch(now)

    def visited(self, result: SiteVisit, now: datetime) -> None:
        """Record the result of a site visit (必要时进行实地检查); the province may consider it in the grade."""
        self.site_visit = result
        self._touch(now)

    def give_grade(self, round: Round, grade: str, score: Decimal, reason: str | None, username: str, now: datetime) -> None:
        """Record the province's grade. Raises Conflict before the reviews are complete and once the grade is public. Raises
        Conflict without a reason, if the grade is not the one to which the score leads, if the score is not the experts' score,
        or if an objection was upheld (A13)."""
        self.require_gradable(round)
        round.require_grade(grade)
        self._require_reason(round, grade, score, reason)
        self.status, self.grade, self.grade_score = ParticipationStatus.GRADED, grade, f"{score.normalize():f}"
        self.grade_reason, self.graded_by, self.held_by = reason, username, None
        self._touch(now)

    def require_gradable(self, round: Round) -> None:
        """Raise Conflict before the reviews are complete, and once the grade is public."""
        if round.status != RoundStatus.PUBLICISED or self.publicity_ends is not None:
            round.require_open()
        if self.status != ParticipationStatus.GRADED and (self.status != ParticipationStatus.SUBMITTED or self.stage != GRADING):
            raise self._conflict(
                "not_scored",
                "推荐单位意见、材料审核和专家评分全部完成后才能评定等次。",
                "It is graded when the recommender's opinion, the material check and the experts' scores are in.",
                stage=self.stage,
            )

    def _require_reason(self, round: Round, grade: str, score: Decimal, reason: str | None) -> None:
        if (reason or "").strip():
            return
        if self.held_by is not None:
            raise self._conflict(
                "grade_needs_reason",
                "异议成立后重新评定等次，须说明理由（第十三条）。",
                "A grade given after an upheld objection needs a reason (article 13).",
                objection=self.held_by,
            )
        band = round.band_of(score)
        if grade == band and (self.score is None or Decimal(self.score) == score):
            return
        title = label("grade", band)
        raise self._conflict(
            "grade_needs_reason",
            f"专家评分 {self.score or '—'} 分，{score} 分对应等次为“{title.zh}”；与此不一致须说明理由（第十三条）。",
            f"The experts gave {self.score or '—'}, and {score} points lead to {title.en}; "
            "another grade or score needs a reason.",
            article="A13",
            band=band,
            expert_score=self.score,
        )

    @property
    def to_publish(self) -> bool:
        """Return whether the grade can be published: the grade is given, it is not public, and no upheld objection requires
        another grade."""
        return self.status == ParticipationStatus.GRADED and self.publicity_ends is None and self.held_by is None

    def publicise(self, publicity_ends: datetime, now: datetime) -> None:
        """Make the grade public. It takes effect at `publicity_ends`, the end of its publicity period."""
        self.publicity_ends = publicity_ends
        self._touch(now)

    def hold(self, objection: str, now: datetime) -> None:
        """Withdraw the public grade after an upheld objection. The province must grade and publish again."""
        self.publicity_ends, self.held_by = None, objection
        self._touch(now)

    def require_publicity(self, now: datetime) -> datetime:
        """Return the end of the grade's publicity period. Raises Conflict if the grade is not public or is in effect already."""
        if self.status != ParticipationStatus.GRADED or self.publicity_ends is None or now > self.publicity_ends:
            raise self._conflict(
                "not_publicised",
                "只能在等次公示期内提出异议。",
                "Objections are taken while a grade is public and not yet in effect.",
            )
        return self.publicity_ends

    def publish(self, now: datetime) -> None:
        self.status = ParticipationStatus.PUBLISHED
        self._touch(now)

    def end(self, status: str, reason: str | None, now: datetime) -> None:
        self.status, self.stage, self.reason = status, None, reason
        self.correction_due = None
        self._touch(now)

    def _touch(self, now: datetime) -> None:
        self.revision += 1
        self.updated_at = now

    def _conflict(self, code: str, zh: str, en: str, **details: Any) -> Conflict:
        return Conflict(code, zh, en, status=self.status, **({"article": "A13"} | details))
