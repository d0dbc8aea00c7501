"""A case: one bureau's work on one subject. It proceeds in rounds, each on one fixed version of the subject."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, TypedDict, cast

from services.contracts.labels import label
from services.contracts.payload import JsonObject
from services.contracts.review.case_parts import (
    Criterion,
    GivenWaiver,
    Material,
    MoneyAnswerDict,
    Recommendation,
    ReviewFinding,
    UpheldObjectionDict,
    WantedDocument,
)
from services.kernel.errors import Conflict, Text
from services.policy import spell_out
from services.review.domain.panel import Seat
from services.review.domain.scoring import DEFAULT_AGGREGATION, OVERALL, Aggregation


class CaseStatus(StrEnum):
    """The state of a case. `open`: this bureau must act. `returned`: the applicant must act. In every other state this bureau's
    work on the case has ended; after `passed` of a recommender's case, the province continues."""

    OPEN = "open"
    RETURNED = "returned"
    PASSED = "passed"
    REJECTED = "rejected"
    APPROVED = "approved"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    VOID = "void"
    #: The consortium was handed over to another bureau, which continues the work. A later hand-over may make this bureau the
    #: recommender again.
    HANDED_OVER = "handed_over"


#: The statuses of a case that no later version of the subject reopens.
FINAL = (CaseStatus.REJECTED, CaseStatus.APPROVED, CaseStatus.DECLINED, CaseStatus.WITHDRAWN, CaseStatus.VOID)

#: The two stages that do not end with an opinion: the first ends with scores, the second with a decision.
EXPERT_REVIEW, DECISION = "expert_review", "decision"

#: Fields of an opening event that do not describe the subject itself.
_ENVELOPE = ("case", "outcome", "opinion", "next_stage", "article")


@dataclass(frozen=True, slots=True)
class Stage:
    """One stage of the policy's pipeline, as stated in the opening event. `due_days` are working days. `advisory`: the opinion is
    for or against, and the case continues either way."""

    name: str
    level: str
    citation: str
    four_eyes: bool
    optional: bool
    due_days: int
    questions: tuple[str, ...]
    outcomes: tuple[str, ...]
    scoring: Aggregation = DEFAULT_AGGREGATION
    advisory: bool = False

    @classmethod
    def read(cls, data: Mapping[str, Any]) -> Stage:
        """Read a stage. Fields that a newer policy may add are ignored."""
        return cls(
            data["name"],
            data["level"],
            data["citation"],
            data["four_eyes"],
            data["optional"],
            data["due_days"],
            tuple(data["questions"]),
            tuple(data["outcomes"]),
            Aggregation.read(data.get("scoring")),
            bool(data.get("advisory")),
        )


@dataclass(eq=False)
class Round:
    """One round of a case: the version under review, the data of the event that opened the round, and the waivers of an earlier
    round that stay in force after a recognition was held.

    `material`: the data of `application.submitted`, including fields that this release does not know, so that an older deployment
    passes those fields on to a newer one. `recommendation`: the recommender's signed opinion, in the province's case. `changed`:
    the sections that differ from the previous round.
    """

    case_id: str
    number: int
    version: int
    opened_at: datetime
    material: Material
    recommendation: Recommendation | None = None
    changed: list[str] = field(default_factory=list)
    waivers: list[GivenWaiver] = field(default_factory=list)

    def add_correction(self, corrects: str, correction: Recommendation) -> None:
        """Store a correction beside the recommendation that it corrects. If `corrects` names neither the recommendation nor an
        earlier correction of it, nothing changes."""
        if self.recommendation is None:
            return
        earlier = self.recommendation.get("corrections", [])
        if corrects in {self.recommendation["id"], *(correction["id"] for correction in earlier)}:
            self.recommendation = self.recommendation | {"corrections": [*earlier, correction]}

    @property
    def stages(self) -> tuple[Stage, ...]:
        return tuple(Stage.read(data) for data in self.material["pipeline"])

    def stage(self, name: str) -> Stage:
        """Return the stage `name` of the pipeline. Raises Conflict if this kind of case has no such stage."""
        for stage in self.stages:
            if stage.name == name:
                return stage
        raise Conflict("no_such_stage", "该事项的流程没有这一环节。", "This kind of case has no such stage.", stage=name)

    def after(self, name: str) -> Stage | None:
        """Return the stage that follows automatically; optional stages are skipped. Return None after the last stage: the
        pipeline has no decision if the service that asked for the review decides itself."""
        names = [stage.name for stage in self.stages]
        return next((stage for stage in self.stages[names.index(name) + 1 :] if not stage.optional), None)

    @property
    def aggregation(self) -> Aggregation:
        """Return the policy's numbers for aggregating scores. The policy states them at the stage at which experts score."""
        return next((stage.scoring for stage in self.stages if stage.name == EXPERT_REVIEW), DEFAULT_AGGREGATION)

    @property
    def rubric(self) -> Sequence[Criterion]:
        """Return the call's criteria, or one overall criterion if the call has none."""
        return (self.material["call"]["rubric"] if self.material["call"] else None) or OVERALL

    @property
    def needs_scores(self) -> bool:
        """Return whether the pipeline requires scores of experts before the decision."""
        return any(stage.name == EXPERT_REVIEW and not stage.optional for stage in self.stages)

    @property
    def reviewers_needed(self) -> int:
        """Return the number of experts who must score, which the call sets."""
        return (self.material["call"]["min_reviewers"] if self.material["call"] else None) or 1

    @property
    def findings(self) -> list[ReviewFinding]:
        return self.material["findings"]

    def rule_title(self, rule: str) -> Text:
        """Return the title of a rule, taken from its finding; a generic name if the finding has none."""
        finding = next((finding for finding in self.findings if finding["rule"] == rule), None)
        return title_of(finding) if finding else Text("该条件", "This rule")

    @property
    def open_findings(self) -> list[ReviewFinding]:
        """Return the findings that prevent an approval: rules that fail or lack evidence. A mandatory rule is among them only if
        it holds a recognition; otherwise it has already prevented the submission."""
        return [finding for finding in self.findings if finding["status"] in ("fail", "needs_evidence")]

    @property
    def mandatory_fails(self) -> bool:
        """Return whether a mandatory rule now fails, or lacks evidence, in a case that cannot be approved knowingly. Such a case
        must be declined or returned for correction."""
        return not self.approvable_knowingly and any(finding["severity"] == "mandatory" for finding in self.open_findings)

    @property
    def approvable_knowingly(self) -> bool:
        """Return whether the subject is a change, which the province may approve although a mandatory rule fails (A12)."""
        return bool(self.material.get("approvable_knowingly"))

    @property
    def fails_knowably(self) -> bool:
        """Return whether this change can only be approved knowingly, because a mandatory rule fails."""
        failing = (finding for finding in self.open_findings if finding["status"] == "fail")
        return self.approvable_knowingly and any(finding["severity"] == "mandatory" for finding in failing)

    @property
    def leaving(self) -> frozenset[str]:
        """Return the members that leave by this change. For each of them, the recommender may judge whether it has a main part of
        the task (A12)."""
        return frozenset(unit["uscc"] for unit in self.material.get("leaving", ()))

    @property
    def lacking_documents(self) -> list[WantedDocument]:
        """Return the documents, each as `{kind, label}`, that a change lacks although they are required because the recommender
        judges that a leaving member has a main part of the task; empty if the recommender does not judge so."""
        if not (self.recommendation and self.recommendation.get("main_task_bearing")):
            return []
        present = {document["kind"] for document in self.material["documents"]}
        return [document for document in self.material.get("main_member_documents", ()) if document["kind"] not in present]

    @property
    def opened_by(self) -> frozenset[str]:
        """Return the accounts that opened the case as a special case; empty for any other case."""
        return frozenset(self.material.get("opened_by", ()))

    @property
    def handed_over(self) -> int:
        """Return how often the consortium had been handed over when the case came to this bureau."""
        return int(self.material.get("handed_over") or 0)

    @property
    def waivable(self) -> frozenset[str]:
        """Return the rules that the province may waive in this round: in-principle rules that prevent an approval."""
        in_principle = {finding["rule"] for finding in self.open_findings if finding["severity"] == "in_principle"}
        return frozenset(self.material["waivable"]) & in_principle

    @property
    def objections(self) -> list[UpheldObjectionDict]:
        """Return the upheld objections that hold the recognition, each as `id`, `reason`, `answer`. An approval must name
        each."""
        return self.material.get("objections") or []

    @property
    def content(self) -> JsonObject | None:
        """Return the frozen content of the application's version; None for a subject that is no application, and for a version
        that an earlier release submitted."""
        return self.material.get("content")

    @property
    def compared(self) -> JsonObject | None:
        """Return the frozen content together with the documents, in the form in which two versions are compared; None if there is
        no frozen content."""
        return None if self.content is None else self.content | {"handed_in": self.material["documents"]}

    @property
    def money(self) -> MoneyAnswerDict | None:
        """Return `asked` and `ceiling` in yuan as decimal strings, if the case asks for money; otherwise None."""
        return self.material.get("money")

    @property
    def units(self) -> frozenset[str]:
        """Return the organisations of the case, by uscc: lead, members and the chief scientist's employer. A person with an
        interest in one of them may not judge the case."""
        related = self.material.get("related_units", ())
        return frozenset({*self.material["units"], self.material["lead"]["uscc"], *related})


class CaseState(TypedDict):
    """The data of a case whose digest the audit log records."""

    stage: str
    status: str
    version: int
    round: int


@dataclass(eq=False)
class Case:
    """One bureau's case about a subject. `due_on`: the date in Asia/Shanghai at whose end the stage becomes overdue (ISO text,
    which a page of the inbox can be sorted by). `settled`: 0 while this bureau must act, otherwise 1, so that the inbox shows
    waiting cases first. `rank_first`: the case ranks before the cases of its call without this mark (优先支持, A9(1)1).
    `four_eyes`: whether the present stage requires an officer's draft before a chief signs; None if the case entered the stage
    under a release that did not store whether four eyes apply."""

    id: str
    bureau: str
    recommender: str
    subject: str
    kind: str
    title: str
    policy: str
    call: str | None
    stage: str
    status: str
    settled: int
    version: int
    round: int
    opened_at: datetime
    due_on: str
    assigned_to: str | None = None
    scoring_closed_at: datetime | None = None
    rank_first: bool = False
    four_eyes: bool | None = None

    def state(self) -> CaseState:
        """Return the data that the audit log digests."""
        return {"stage": self.stage, "status": self.status, "version": self.version, "round": self.round}

    def settle(self, status: str) -> None:
        """Set the case's status to one in which this bureau has nothing to do about the case."""
        self.status, self.settled = status, 1

    def enter(self, stage: Stage, due_on: str) -> None:
        """Open the case at this stage. The bureau must act by `due_on`."""
        self.stage, self.four_eyes, self.due_on = stage.name, stage.four_eyes, due_on
        self.status, self.settled = CaseStatus.OPEN, 0

    def scoring_open_for(self, seat: Seat) -> bool:
        """Return whether this reviewer may score: until scoring closes and, after that, if the reviewer replaces a voided
        score."""
        return self.scoring_closed_at is None or seat.late

    def require_scoring_open(self, seat: Seat) -> None:
        """Raise Conflict unless this reviewer may score, or recuse itself, now."""
        self.require(EXPERT_REVIEW, DECISION)
        if not self.scoring_open_for(seat):
            raise Conflict(
                "scoring_closed",
                "评分已结束，不能再修改。",
                "Scoring is closed.",
                status=self.status,
                stage=self.stage,
            )

    def require_scores_not_used(self) -> None:
        """Raise Conflict once a decision has used the result of the scores. No decision has used it while the case is open at the
        expert review or at the decision, nor while the case has passed the expert review and waits for another service's
        decision."""
        if self.status != CaseStatus.PASSED or self.stage != EXPERT_REVIEW:
            self.require(EXPERT_REVIEW, DECISION)

    def overdue(self, today: str) -> bool:
        return self.status == CaseStatus.OPEN and self.due_on < today

    def require_open(self) -> None:
        """Raise Conflict unless this bureau must act on the case."""
        if self.status != CaseStatus.OPEN:
            text = _ENDED.get(self.status, Text("该事项已办结。", "The case is closed."))
            raise Conflict("review_closed", text.zh, text.en, status=self.status, stage=self.stage)

    def require(self, *stages: str) -> None:
        """Raise Conflict unless the case is open at one of these stages."""
        self.require_open()
        if self.stage not in stages:
            now = label("stage", self.stage)
            raise Conflict(
                "wrong_stage",
                f"该事项目前处于“{now.zh}”环节，不能进行此操作，请刷新后重试。",
                f"The case is at the stage {now.en}, where this cannot be done; please reload it.",
                status=self.status,
                stage=self.stage,
            )

    def require_beside(self, stages: Sequence[Stage], stage: Stage) -> None:
        """Raise Conflict unless an opinion can be given at this optional stage now: the case is open or passed, and the optional
        stage comes after the case's present stage."""
        names = [stage.name for stage in stages]
        if self.status not in (CaseStatus.OPEN, CaseStatus.PASSED) or names.index(stage.name) <= names.index(self.stage):
            self.require(stage.name)


_ENDED: Mapping[str, Text] = {
    CaseStatus.HANDED_OVER: Text("该联合体已移交其他推荐单位，本事项由其办理。", "It was handed over to another bureau."),
    CaseStatus.RETURNED: Text("已退回申请单位补正，等待重新提交。", "It was returned; wait for the applicant to resubmit."),
    CaseStatus.WITHDRAWN: Text("申请已撤回，无需再审。", "The application was withdrawn; nothing is left to review."),
    CaseStatus.PASSED: Text("审核意见已签署并报送。", "The opinion is signed and was passed on."),
    CaseStatus.APPROVED: Text("已作出决定，决定不可更改。", "It is decided, and a decision is final."),
    CaseStatus.DECLINED: Text("已作出决定，决定不可更改。", "It is decided, and a decision is final."),
}


def title_of(finding: ReviewFinding) -> Text:
    """Return the title of the finding's rule; for a finding of an earlier release, which has no title, return the rule's
    article."""
    if title := finding.get("title"):
        return Text.from_dict(title)
    article = spell_out(finding["citation"])
    return Text(f"{article.zh}的条件", article.en)


def titles(findings: Iterable[ReviewFinding]) -> Text:
    """Join the titles of these findings' rules into one text."""
    called = [title_of(finding) for finding in findings]
    return Text("、".join(title.zh for title in called), ", ".join(title.en for title in called))


def material_of(data: Mapping[str, Any]) -> Material:
    """Return the fields of an opening event that describe the subject itself."""
    return cast(Material, {name: value for name, value in data.items() if name not in _ENVELOPE})
