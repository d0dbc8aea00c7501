"""The decision: its preconditions, and the rank of the case in its call (A6(2))."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from services.contracts.review.case_parts import GivenWaiver, MoneyAnswerDict, ReviewFinding, WantedDocument
from services.kernel.errors import Conflict, Invalid
from services.objections.domain import not_named
from services.review.domain.case import CaseStatus, Round, Stage, titles
from services.review.domain.opinion import Opinion, OpinionOutcome, Particulars, ceiling_errors, waived, waiver_errors


@dataclass(frozen=True, slots=True)
class Placing:
    """The rank of a case in its call, and whether its approval would follow the ranking: `rank` (None if it was not scored),
    `ahead` (the ids of the better ranked cases that are not decided yet), `places` (the number of approvals that the call allows,
    None for no limit), and `beyond_places` (whether that number is used up). Declined cases are not in `ahead`: their decisions
    have reasons of their own."""

    rank: int | None
    places: int | None
    ahead: tuple[str, ...]
    beyond_places: bool

    @property
    def in_order(self) -> bool:
        return not self.ahead and not self.beyond_places

    def to_dict(self) -> Particulars:
        return {"rank": self.rank, "places": self.places, "ahead": list(self.ahead), "beyond_places": self.beyond_places}


def placing(case_id: str, ranks: Mapping[str, int], statuses: Mapping[str, str], approved: int, places: int | None) -> Placing:
    """Return the case's `Placing`. `ranks` and `statuses`: case id → rank or status, for the call's scored cases. `approved`: how
    many cases of the call are approved already. `places`: how many the call allows."""
    rank = ranks.get(case_id)
    ahead = sorted(
        (
            case_id
            for case_id, other_rank in ranks.items()
            if rank is not None and other_rank < rank and statuses[case_id] == CaseStatus.OPEN
        ),
        key=lambda case_id: (ranks[case_id], case_id),
    )
    return Placing(rank, places, tuple(ahead), places is not None and approved >= places)


def check_waivers(
    round: Round, stage: Stage, opinions: Iterable[Opinion], decision: Opinion, *, knowingly: bool = False
) -> list[GivenWaiver]:
    """Return the waivers on which an approval relies: the waivers signed earlier and those of the approval itself; empty if the
    decision declines. Raises Invalid if a waiver is not allowed, or if an approval lacks a waiver that it needs."""
    if errors := tuple(waiver_errors(decision.waivers, round, stage)):
        raise Invalid("invalid_decision", "豁免不符合要求，请按提示修改。", "The waivers do not hold.", errors=errors)
    if decision.outcome != OpinionOutcome.APPROVE:
        return []
    holding = waived(round, [*opinions, decision])
    require_waived(round, {waiver["rule"] for waiver in holding}, knowingly=knowingly)
    return holding


def require_waived(round: Round, waived: Collection[str], *, knowingly: bool = False) -> None:
    """Raise Invalid if a rule fails or lacks evidence and is not waived; a mandatory rule cannot be waived. For a change (A12)
    there are three exceptions. The following rules do not prevent its approval: an in-principle rule that was not met before the
    change either; a mandatory rule that only lacks evidence; and a mandatory rule that fails, if the province approves
    knowingly."""
    unwaived = [finding for finding in round.open_findings if finding["rule"] not in waived]
    if round.approvable_knowingly:
        require_documents(round.lacking_documents)
        mandatory = [finding for finding in unwaived if finding["severity"] == "mandatory" and finding["status"] == "fail"]
        if mandatory and not knowingly:
            called = titles(mandatory)
            raise Invalid(
                "mandatory_rules_fail",
                f"变更后强制性条件不满足：{called.zh}；请不予批准，或注明知情批准（将启动取消资格程序）。",
                f"After this change mandatory rules fail: {called.en}; decline, or approve knowingly, which "
                "opens a revocation (article 14).",
                findings=unwaived,
                article="A12",
            )
        unwaived = [finding for finding in unwaived if finding["severity"] != "mandatory" and not finding.get("failed_before")]
    elif mandatory := [finding for finding in unwaived if finding["severity"] == "mandatory"]:
        called = titles(mandatory)
        raise Invalid(
            "mandatory_rules_fail",
            f"以下强制性条件现不满足：{called.zh}；不能批准，请退回补正或不予批准。",
            f"Mandatory rules fail by now: {called.en}. It cannot be approved; return it for correction, or decline.",
            findings=unwaived,
        )
    if unwaived:
        called = titles(unwaived)
        raise Invalid(
            "unwaived_findings",
            f"以下条件未满足且未豁免：{called.zh}。请逐项说明豁免原则性条件的理由，或不予批准。",
            f"Rules fail and are not waived: {called.en}. Waive each that holds in principle, or decline.",
            findings=unwaived,
        )


def require_other_person(round: Round, username: str) -> None:
    """Raise Conflict if this person opened the special case: another person must decide it (A8)."""
    if username in round.opened_by:
        raise Conflict(
            "opened_by_you",
            "“一事一议”事项不能由发起人签署决定，请由其他负责人签署（第八条）。",
            "You opened this special case; another chief signs its decision (article 8).",
        )


def require_documents(lacking: Sequence[WantedDocument]) -> None:
    """Raise Invalid, naming the documents, if a change lacks project management documents that the recommender's judgement
    requires (A12)."""
    if lacking:
        zh, en = ("、".join(each["label"]["zh"] for each in lacking), ", ".join(each["label"]["en"] for each in lacking))
        raise Invalid(
            "documents_lacking",
            f"推荐单位认为退出单位承担攻关任务，尚缺{zh}；请待牵头单位补充后再批准，或不予批准。",
            f"The recommender judges that a member which leaves bears a main task: {en} lacking. Wait until the lead adds it, or "
            "decline.",
            article="A12",
        )


def require_reason(reason: str, placing: Placing | None) -> None:
    """Raise Invalid if the decision has no reason. Every decision needs a reason; the error also says if the approval is out of
    rank order or exceeds the number of approvals that the call allows."""
    if reason.strip():
        return
    if placing and not placing.in_order:
        raise Invalid.field(
            "/reason",
            "out_of_rank_order",
            "批准未按评审排名或超出计划数量，须说明理由。",
            "An approval out of rank order or beyond the call's places needs a reason.",
        )
    raise Invalid.field("/reason", "reason_required", "请说明决定的理由。", "State the reason of the decision.")


def require_amount(money: MoneyAnswerDict | None, amount: str | None) -> None:
    """Raise Invalid unless a grant of money states an amount within the policy's ceiling (A9(1)1)."""
    if money is None:
        return
    if amount is None:
        raise Invalid.field("/amount", "required", "请填写批准金额（元）。", "Give the amount granted, in yuan.")
    for error in ceiling_errors(money, amount):
        raise Invalid.field(error.pointer, error.code, error.text.zh, error.text.en)


def require_objections_named(round: Round, named: Collection[str]) -> None:
    """Raise Invalid unless an approval names every upheld objection that holds the recognition."""
    if missing := [upheld["id"] for upheld in round.objections if upheld["id"] not in named]:
        raise not_named(missing)


def waive_findings(findings: Iterable[ReviewFinding], reasons: Mapping[str, str]) -> list[ReviewFinding]:
    """Return the findings as readers see them: a waived finding has the status `waived` and the reason of the waiver. The stored
    verdict does not change."""
    return [
        {**finding, "status": "waived", "reason": reasons[finding["rule"]]}
        if finding["rule"] in reasons and finding["status"] in ("fail", "needs_evidence")
        else finding.copy()
        for finding in findings
    ]
