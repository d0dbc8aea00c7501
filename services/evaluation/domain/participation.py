"""One consortium's part in a round of evaluation (A13).

invited → submitted → (returned → submitted)* → graded → published; ended otherwise as withdrawn or absent (giving up), deferred,
declined (a younger one that stays away), ended (revoked or dissolved meanwhile) or cancelled (with its notice)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from services.contracts.labels import label
from services.evaluation.domain.round import Round
from services.kernel.clock import local_date
from services.kernel.errors import Conflict, FieldError, Invalid, Text
from services.kernel.identity import PROVINCE, Actor

#: What a report says, section by section (A13).
SECTIONS = ("project_execution", "budget", "management", "cooperation")
EDITABLE = ("invited", "returned")
#: Where it may still be graded.
RUNNING = ("invited", "submitted", "returned")
#: The stage at which experts score, and the one after the last review: the province grades.
EXPERT_REVIEW, GRADING = "expert_review", "grading"


@dataclass(eq=False, kw_only=True)
class Participation:
    """`mandatory`: it must take part. `stage`: where a submitted one is; `grading` when all reviews are in. `score`
    and `spread`: what the experts' scores came to, in points of 100. `deferral`: asked for, granted or refused; after a refusal
    the report may be handed in until `hand_in_until`, also where the window ends before. `publicity_ends`: when a public grade
    takes effect; `held_by`: the upheld objection for which it is to be graded again."""

    id: str
    evaluation: str
    consortium: str
    recommender: str
    mandatory: bool
    status: str
    stage: str | None
    version: int
    round: int
    content: dict[str, Any]
    papers: list[dict[str, Any]]
    returned: dict[str, Any] | None
    correction_due: datetime | None
    submitted_at: datetime | None
    deferral: dict[str, Any] | None
    hand_in_until: datetime | None
    score: str | None
    spread: str | None
    scores: int
    site_visit: dict[str, Any] | None
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

    def state(self) -> dict[str, Any]:
        """What the audit log digests."""
        return {"status": self.status, "stage": self.stage, "version": self.version, "revision": self.revision}

    @property
    def public(self) -> bool:
        """Whether its grade is public: in its publicity period, and once it is in effect."""
        return self.status == "published" or (self.status == "graded" and self.publicity_ends is not None)

    @property
    def in_effect_on(self) -> date | None:
        """The day its grade took effect, which ends it."""
        return local_date(self.updated_at) if self.status == "published" else None

    # The lead's steps

    def require_editable(self, round: Round, now: datetime) -> None:
        """Raises Conflict unless its report may be written: within the window, or the correction window after a return."""
        if self.status not in EDITABLE:
            raise self._refused(
                "not_editable",
                "评估材料已报送或已办结，不能修改；如被退回，可在补正期限内修改。",
                "It was submitted or has ended; when it is returned it can be corrected.",
            )
        if self.status == "invited":
            if self.hand_in_until is None or now > self.hand_in_until:
                round.require_window(now)
        elif self.correction_due and now > self.correction_due:
            raise self._refused("correction_window_closed", "补正期限已过。", "The days for correcting it are over.")

    def write(self, content: dict[str, Any], now: datetime) -> None:
        """The report as it is now."""
        self.content = content
        self._changed(now)

    def submit(self, stage: str, papers: list[dict[str, Any]], now: datetime) -> None:
        """Hand the report in. Raises Invalid naming each section that is empty."""
        sections = self.content.get("sections", {})
        text = Text("此部分为评估必报内容，请填写。", "This section must be reported.")
        if errors := tuple(
            FieldError(f"/sections/{name}", "required", text) for name in SECTIONS if not (sections.get(name) or "").strip()
        ):
            raise Invalid("incomplete", "评估材料不完整，请补充后提交。", "The report is incomplete.", errors=errors)
        self.status, self.stage, self.papers = "submitted", stage, papers
        self.version += 1
        self.round += 1
        self.returned, self.correction_due, self.submitted_at = None, None, now
        self._changed(now)

    def withdraw(self, reason: str, now: datetime) -> None:
        """Leave the round. Raises Conflict once it is graded or has ended."""
        self.require_withdrawable()
        self.end("withdrawn", reason, now)

    def require_withdrawable(self) -> None:
        """Raises Conflict once it is graded or has ended."""
        if self.status not in RUNNING:
            raise self._refused("not_withdrawable", "该评估已评定等次或已办结，不能退出。", "It is graded or has ended.")

    @property
    def given_up(self) -> bool:
        """Whether leaving now counts as giving the recognition up (A13, A14(2)): not for a younger one that handed nothing in."""
        return self.mandatory or self.version > 0

    @property
    def awaits_answer(self) -> bool:
        """Whether its request for a deferral waits for an answer: meanwhile it is never absent."""
        return self.status == "invited" and self.deferral is not None and self.deferral["status"] == "pending"

    def is_absent(self, round: Round, now: datetime) -> bool:
        """Whether it handed nothing in and the time for it is over."""
        until = max(round.closes_at, self.hand_in_until or round.closes_at)
        return self.status == "invited" and not self.awaits_answer and now > until

    def ask_deferral(self, asked: dict[str, Any], round: Round, now: datetime) -> None:
        """Ask to take part in the next round instead, before the window ends. Raises Conflict."""
        self.require_deferrable(round, now)
        self.deferral = asked | {"status": "pending"}
        self._changed(now)

    def require_deferrable(self, round: Round, now: datetime) -> None:
        """Raises Conflict outside the window, and for one that handed in or waits for an answer already."""
        round.require_window(now)
        if self.status != "invited" or self.awaits_answer:
            raise self._refused(
                "not_deferrable",
                "只有尚未报送材料且没有待答复延期申请的，才能申请延期。",
                "Only one that has handed nothing in and waits for no answer can ask for a deferral.",
            )

    def answer_deferral(self, answer: dict[str, Any], hand_in_until: datetime, now: datetime) -> None:
        """The province grants or refuses it, also after the window. After a refusal the report may be handed in until the later
        of the window's end and `hand_in_until`. Raises Conflict."""
        self.require_deferral_pending()
        self.deferral = (self.deferral or {}) | answer
        if answer["status"] == "granted":
            self.end("deferred", answer["answer"], now)
        else:
            self.hand_in_until = hand_in_until
        self._changed(now)

    # The bureaus' steps

    def require_deferral_pending(self) -> None:
        """Raises Conflict where no request for a deferral waits for an answer."""
        if not self.awaits_answer:
            raise self._refused("no_deferral_pending", "没有待答复的延期申请。", "No deferral waits for an answer.")

    def void_because(self, version: int, stage: str) -> str | None:
        """Why a bureau's opinion on this version and stage has no effect any more; None where it has."""
        if self.status != "submitted":
            return self.status
        if version != self.version:
            return "superseded_version"
        return None if stage == self.stage else "not_current_stage"

    def pass_on(self, next_stage: str | None, now: datetime) -> None:
        self.stage = next_stage or GRADING
        self._changed(now)

    def give_back(self, returned: dict[str, Any], due: datetime, now: datetime) -> None:
        self.status, self.returned, self.correction_due = "returned", returned, due
        self._changed(now)

    def require_extendable(self, now: datetime) -> datetime:
        """When the correction window ends. Raises Conflict unless it is running and was not extended yet."""
        if self.status != "returned" or self.correction_due is None or self.returned is None:
            raise self._refused("not_returned", "评估材料未被退回补正。", "It is not being corrected.")
        if now > self.correction_due:
            raise self._refused("correction_window_closed", "补正期限已过。", "The days for correcting it are over.")
        if "extended" in self.returned:
            raise self._refused("already_extended", "补正期限已延长过一次，不能再次延长。", "The window was extended already.")
        return self.correction_due

    def extend_correction(self, due: datetime, reason: str, now: datetime) -> None:
        """More time to correct it."""
        earlier = self.correction_due.isoformat() if self.correction_due else None
        self.returned = (self.returned or {}) | {"extended": {"from": earlier, "reason": reason, "at": now.isoformat()}}
        self.correction_due = due
        self._changed(now)

    def returned_by(self, actor: Actor) -> bool:
        """Whether the actor is an official of the bureau that returned it; after a hand-over, of the one that took over."""
        by = (self.returned or {}).get("by")
        return actor.official and by is not None and actor.bureau == (by if by == PROVINCE else self.recommender)

    def scored(self, score: str | None, spread: str | None, scores: int, now: datetime) -> None:
        self.score, self.spread, self.scores = score, spread, scores
        self._changed(now)

    def rescored(self, stage: str | None, score: str | None, spread: str | None, scores: int, now: datetime) -> bool:
        """A reviewer's score was voided: the result is that of the scores left, and a grade given but not public is taken back.
        `stage`: where experts score again, None where enough scores are left. Whether it could be done: not once the grade is
        public or the participation has ended."""
        graded = self.status == "graded" and self.publicity_ends is None
        if not graded and (self.status != "submitted" or self.stage not in (GRADING, EXPERT_REVIEW)):
            return False
        self.status, self.stage = "submitted", stage or GRADING
        self.score, self.spread, self.scores = score, spread, scores
        if graded:
            self.grade, self.grade_score, self.grade_reason, self.graded_by = None, None, None, None
        self._changed(now)
        return True

    def reviewed_again(self, now: datetime) -> None:
        """An expert was seated in the place of one whose score was voided: the grade waits for the score."""
        if self.status == "submitted" and self.stage == GRADING:
            self.stage = EXPERT_REVIEW
            self._changed(now)

    def visited(self, result: dict[str, Any], now: datetime) -> None:
        """A site visit's result (必要时进行实地检查); the grade may follow from it."""
        self.site_visit = result
        self._changed(now)

    def give_grade(self, round: Round, grade: str, score: Decimal, reason: str | None, by: str, now: datetime) -> None:
        """The province's grade. Raises Conflict before the reviews are in, for one that the bands or the experts' score do not
        lead to and that has no reason, and for one that follows an upheld objection and has none (A13)."""
        self.require_gradable(round)
        round.require_grade(grade)
        self._require_reason(round, grade, score, reason)
        self.status, self.grade, self.grade_score = "graded", grade, f"{score.normalize():f}"
        self.grade_reason, self.graded_by, self.held_by = reason, by, None
        self._changed(now)

    def require_gradable(self, round: Round) -> None:
        """Raises Conflict before the reviews are in, and once the grade is public."""
        if round.status != "publicised" or self.publicity_ends is not None:
            round.require_open()
        if self.status != "graded" and (self.status != "submitted" or self.stage != GRADING):
            raise self._refused(
                "not_scored",
                "推荐单位意见、材料审核和专家评分全部完成后才能评定等次。",
                "It is graded when the recommender's opinion, the material check and the experts' scores are in.",
                stage=self.stage,
            )

    def _require_reason(self, round: Round, grade: str, score: Decimal, reason: str | None) -> None:
        if (reason or "").strip():
            return
        if self.held_by is not None:
            raise self._refused(
                "grade_needs_reason",
                "异议成立后重新评定等次，须说明理由（第十三条）。",
                "A grade given after an upheld objection needs a reason (article 13).",
                objection=self.held_by,
            )
        band = round.band_of(score)
        if grade == band and (self.score is None or Decimal(self.score) == score):
            return
        word = label("grade", band)
        raise self._refused(
            "grade_needs_reason",
            f"专家评分 {self.score or '—'} 分，{score} 分对应等次为“{word.zh}”；与此不一致须说明理由（第十三条）。",
            f"The experts gave {self.score or '—'}, and {score} points lead to {word.en}; another grade or score needs a reason.",
            article="A13",
            band=band,
            expert_score=self.score,
        )

    @property
    def to_publish(self) -> bool:
        """Whether its grade is to be made public: it is given, not public, and no upheld objection asks for another."""
        return self.status == "graded" and self.publicity_ends is None and self.held_by is None

    def publicise(self, ends: datetime, now: datetime) -> None:
        """Its grade is public and takes effect when the publicity ends."""
        self.publicity_ends = ends
        self._changed(now)

    def hold(self, objection: str, now: datetime) -> None:
        """An objection to its public grade is upheld: it is graded again and made public again."""
        self.publicity_ends, self.held_by = None, objection
        self._changed(now)

    def require_publicity(self, now: datetime) -> datetime:
        """When its publicity ends. Raises Conflict where its grade is not public, or in effect already."""
        if self.status != "graded" or self.publicity_ends is None or now > self.publicity_ends:
            raise self._refused(
                "not_publicised",
                "只能在等次公示期内提出异议。",
                "Objections are taken while a grade is public and not yet in effect.",
            )
        return self.publicity_ends

    def publish(self, now: datetime) -> None:
        self.status = "published"
        self._changed(now)

    def end(self, status: str, reason: str | None, now: datetime) -> None:
        self.status, self.stage, self.reason = status, None, reason
        self.correction_due = None
        self._changed(now)

    def _changed(self, now: datetime) -> None:
        self.revision += 1
        self.updated_at = now

    def _refused(self, code: str, zh: str, en: str, **details: Any) -> Conflict:
        return Conflict(code, zh, en, status=self.status, **({"article": "A13"} | details))
