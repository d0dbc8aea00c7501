"""Reviews. Each case is requested on the queue of the bureau to which it belongs."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.preconditions import requires_etag
from gateway.review_expansion import expanded
from gateway.service_client import actor, if_match, send_command, send_query, with_etag
from services.contracts.pages import CountedPageDict
from services.contracts.payload import JsonObject
from services.contracts.review.answers import OpinionAnswerDict, PastDecisionAnswerDict, ReviewAnswerDict, ReviewLineDict
from services.contracts.review.inbox import ReviewCounts, ReviewPage
from services.contracts.review.panel_responses import CandidatesAnswer, PanelAnswer
from services.contracts.review.ranking_responses import CallRankingAnswer, CaseRankingAnswer
from services.contracts.review.requests import (
    Assignment,
    Assignments,
    DecisionTaken,
    DeclarationMade,
    OpinionGiven,
    PanelWanted,
    RankingQuery,
    Recusal,
    Replacement,
    ReviewExpansion,
    ReviewQuery,
    ScoresGiven,
    ScoreVoiding,
    ScoringClosing,
)
from services.contracts.review.responses import (
    AssignmentAnswer,
    AssignmentsAnswer,
    DecisionTakenAnswer,
    DeclaredAnswer,
    OpinionGivenAnswer,
    RecusalAnswer,
    ReviewAnswer,
    ScoresAnswer,
    ScoreVoidedAnswer,
    ScoringClosedAnswer,
)
from services.kernel.errors import NotFound, Unavailable
from services.policy.bureaus import BUREAUS, PROVINCE

blueprint = Blueprint("reviews", __name__, url_prefix="/api/v1", description="审核评审 reviews")

#: The length of "-" and the UUID that follow the bureau's code in a case's id. The id cannot be split at a dash, because codes of
#: industry bureaus contain dashes themselves.
_TAIL = 37


def bureau_of_case(id: str) -> str:
    """Return the bureau to which a case belongs, taken from its id."""
    bureau = id[:-_TAIL]
    if bureau not in BUREAUS:
        raise NotFound("unknown_review", "没有这一审核事项。", "There is no such review.")
    return bureau


@blueprint.route("/reviews", methods=["GET"])
@allow("officer", "chief", "expert", "third_party", "auditor")
@blueprint.arguments(ReviewQuery, location="query")
@blueprint.response(200, ReviewPage)
def list_reviews(**query: Any) -> Any:
    """待办：本部门或指派给我的审核事项，按期限排列 · The inbox: cases of your bureau or assigned to you, by due date."""
    return reviews_page(**query)


def reviews_page(bureau: str | None, status: list[str] | None, **filters: Any) -> CountedPageDict[ReviewLineDict]:
    """Return one page of the actor's review inbox; `filters` as in `ReviewQuery`. An official's comes from the review service of
    the official's own bureau, an auditor's from that of the bureau in the query. Otherwise (for panels, or an auditor who names
    no bureau) it comes from the province's."""
    account = actor()
    if bureau is not None and bureau not in BUREAUS:
        return {"items": [], "next_cursor": None, "total": 0}
    own_bureau = account.bureau if account.official else None  # Panels belong to the province.
    queue = bureau if account.has("auditor") else own_bureau
    # Unused filters are left out, because the older release of a bureau may not know them.
    filters_set = {name: value for name, value in filters.items() if value is not None}
    statuses = {} if status is None else {"status": status[0] if len(status) == 1 else status}
    page: CountedPageDict[ReviewLineDict] = send_query(
        "review", "list_reviews", bureau=queue or PROVINCE, of_bureau=bureau, **statuses, **filters_set
    )
    _name_officers(page["items"])
    return page


@blueprint.route("/reviews/counts", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(200, ReviewCounts)
def review_counts() -> Any:
    """待办各栏的件数 · The number of cases in each tab of the inbox."""
    return send_query("review", "review_counts", bureau=actor().bureau or PROVINCE)


@blueprint.route("/reviews/<id>", methods=["GET"])
@allow("officer", "chief", "expert", "third_party", "auditor")
@blueprint.arguments(ReviewExpansion, location="query")
@blueprint.response(200, ReviewAnswer)
def get_review(id: str, **query: Any) -> Any:
    """一个审核事项：环节、意见、核查结果、材料 · One case with its stages, opinions, findings and documents."""
    answer = send_query("review", "get_review", bureau=bureau_of_case(id), id=id)
    if panel := answer.get("panel"):
        _add_names(panel["seats"], "account")
    answer["unit_names"] = answer.get("unit_names", {}) | _unit_names(answer["units"])
    if "opinions" in answer:
        answer["people"] = send_query("gateway", "names_of", usernames=_signers(answer))
    if query["expand"]:
        answer["expanded"] = expanded(answer, query["expand"])
    localised_answer = localised(answer)
    return (
        with_etag(localised_answer, complete=True) if "etag" in localised_answer else localised_answer
    )  # An older release sends no etag.


@blueprint.route("/reviews/<id>/opinions", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(OpinionGiven)
@blueprint.response(201, OpinionGivenAnswer)
@requires_etag(always=False)
def give_opinion(id: str, **body: Any) -> Any:
    """经办人起草，负责人阅读后签署，内容不一致的须说明理由 · An officer drafts; a chief signs, with a reason for changes."""
    # An older release does not know the field `draft`.
    opinion = {name: value for name, value in body.items() if name != "draft" or value}
    return with_etag(send_command("review", "give_opinion", bureau=bureau_of_case(id), id=id, if_match=if_match(), **opinion))


@blueprint.route("/reviews/<id>/opinions/<draft>/signature", methods=["POST"])
@allow("chief")
@blueprint.response(201, OpinionGivenAnswer)
@requires_etag()
def sign_draft(id: str, draft: str) -> Any:
    """负责人原样签署所阅读的起草意见 · Sign the draft that was read unchanged, as a chief."""
    return with_etag(send_command("review", "sign_draft", bureau=bureau_of_case(id), id=id, draft=draft, if_match=if_match()))


@blueprint.route("/reviews/<id>/assignment", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Assignment)
@blueprint.response(200, AssignmentAnswer)
def assign_case(id: str, **body: Any) -> Any:
    """将事项分派给本部门人员 · Assign the case to a member of your bureau."""
    return send_command("review", "assign_case", bureau=bureau_of_case(id), id=id, **body)


@blueprint.route("/reviews/assignments", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Assignments)
@blueprint.response(200, AssignmentsAnswer)
def assign_cases(**body: Any) -> Any:
    """将多个事项分派给本部门人员，逐项答复结果 · Assign several cases to one member of your bureau; each has its own result."""
    answer = send_command("review", "assign_cases", bureau=actor().bureau, account=body["account"], ids=body["reviews"])
    return localised(answer)


@blueprint.route("/reviews/<id>/panel", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(PanelWanted)
@blueprint.response(201, PanelAnswer)
def draw_panel(id: str, **body: Any) -> Any:
    """抽取或指定专家组，或委托第三方机构 · Draw or appoint a panel, or commission a third party."""
    return localised(send_command("review", "draw_panel", bureau=bureau_of_case(id), id=id, **body))


@blueprint.route("/reviews/<id>/panel/candidates", methods=["GET"])
@allow("officer", "chief")
@blueprint.response(200, CandidatesAnswer)
def panel_candidates(id: str) -> Any:
    """抽取前：可选专家、被排除的专家及理由、第三方机构 · Before the draw: the eligible experts and third parties.

    Excluded experts are listed with the reasons.
    """
    answer = send_query("review", "panel_candidates", bureau=bureau_of_case(id), id=id)
    _add_names([*answer["candidates"], *answer["excluded"]], "expert")
    _add_names(answer["third_parties"], "account")
    return localised(answer)


def _unit_names(codes: list[str]) -> dict[str, str | None]:
    """Return the present names of units; empty while the service that knows them is unavailable: then the frozen ones are
    shown."""
    try:
        names: dict[str, str | None] = send_query("application", "unit_names", codes=codes)
    except Unavailable:
        return {}
    return names


def _signers(review: ReviewAnswerDict) -> list[str]:
    """Return the bureau's accounts that drafted or signed opinions on a case, or to which it is assigned."""
    signed_entries: list[OpinionAnswerDict | PastDecisionAnswerDict] = [*review["opinions"], *review["decisions"]]
    signers = {name for entry in signed_entries for name in (entry.get("by"), entry.get("drafted_by"), entry.get("acting_for"))}
    return sorted({name for name in signers | {review["assigned_to"]} if name is not None})


def _name_officers(items: list[ReviewLineDict]) -> None:
    """Add the names of the drafting and the assigned officer beside their accounts; reviewers see neither."""
    if not actor().has("officer", "chief", "auditor"):
        return
    accounts = {account for item in items for account in (item["draft_by"], item["assigned_to"]) if account is not None}
    names: dict[str, str] = send_query("gateway", "names_of", usernames=sorted(accounts)) if accounts else {}
    for item in items:
        item["draft_by_name"] = names.get(item["draft_by"] or "")
        item["assigned_to_name"] = names.get(item["assigned_to"] or "")


def _add_names(entries: list[JsonObject], account_member: str) -> None:
    """Add people's names beside their accounts; null for an erased account."""
    names = send_query("gateway", "names_of", usernames=sorted({entry[account_member] for entry in entries}))
    for entry in entries:
        entry["name"] = names.get(entry[account_member])


@blueprint.route("/reviews/<id>/declarations", methods=["POST"])
@allow("expert", "third_party")
@blueprint.arguments(DeclarationMade)
@blueprint.response(201, DeclaredAnswer)
def declare(id: str, **body: Any) -> Any:
    """承诺无利害关系并保密，材料随即开放 · Declare no interest and promise confidentiality; the documents then open."""
    return send_command("review", "declare", bureau=bureau_of_case(id), id=id)


@blueprint.route("/reviews/<id>/recusals", methods=["POST"])
@allow("expert", "third_party")
@blueprint.arguments(Recusal)
@blueprint.response(201, RecusalAnswer)
def recuse(id: str, **body: Any) -> Any:
    """申请回避，另行抽取专家 · Recuse yourself; another expert is drawn."""
    return send_command("review", "recuse", bureau=bureau_of_case(id), id=id, **body)


@blueprint.route("/reviews/<id>/scores", methods=["POST"])
@allow("expert", "third_party")
@blueprint.arguments(ScoresGiven)
@blueprint.response(201, ScoresAnswer)
def submit_scores(id: str, **body: Any) -> Any:
    """提交评分，评分结束前可修改 · Score the case; scores can be changed until scoring closes."""
    return send_command("review", "submit_scores", bureau=bureau_of_case(id), id=id, **body)


@blueprint.route("/reviews/<id>/scores/<seat>/void", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(ScoreVoiding)
@blueprint.response(200, ScoreVoidedAnswer)
def void_score(id: str, seat: str, **body: Any) -> Any:
    """作废存在利害关系的评分，记录保留 · Void a score because of a conflict of interest; it stays on record."""
    return send_command("review", "void_score", bureau=bureau_of_case(id), id=id, seat=seat, **body)


@blueprint.route("/reviews/<id>/seats/<seat>/replacement", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Replacement)
@blueprint.response(201, PanelAnswer)
def replace_reviewer(id: str, seat: str, **body: Any) -> Any:
    """评分作废或回避后指定或抽取替补专家 · Name or draw a replacement for an expert who recused or whose score was voided."""
    return localised(send_command("review", "replace_reviewer", bureau=bureau_of_case(id), id=id, seat=seat, **body))


@blueprint.route("/reviews/<id>/scores/closing", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(ScoringClosing)
@blueprint.response(200, ScoringClosedAnswer)
def close_scoring(id: str, **body: Any) -> Any:
    """达到最低评审人数后提前结束评分 · End scoring early, after the minimum number of reviewers has scored."""
    return send_command("review", "close_scoring", bureau=bureau_of_case(id), id=id, **body)


@blueprint.route("/reviews/<id>/decision", methods=["POST"])
@allow("chief")
@blueprint.arguments(DecisionTaken)
@blueprint.response(201, DecisionTakenAnswer)
@requires_etag(always=False)
def decide(id: str, **body: Any) -> Any:
    """自治区科技厅作出决定，与起草不一致的须说明理由 · Decide, as the province; a difference from the draft needs a reason."""
    return localised(send_command("review", "decide", bureau=bureau_of_case(id), id=id, if_match=if_match(), **body))


@blueprint.route("/reviews/<id>/ranking", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(RankingQuery, location="query")
@blueprint.response(200, CaseRankingAnswer)
def case_ranking(id: str, **query: Any) -> Any:
    """一个事项的评分与排名，可不显示评审人 · One case's scores and rank, without the reviewers on request."""
    return send_query("review", "case_ranking", bureau=bureau_of_case(id), id=id, **query)


@blueprint.route("/calls/<id>/ranking", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(RankingQuery, location="query")
@blueprint.response(200, CallRankingAnswer)
def call_ranking(id: str, **query: Any) -> Any:
    """一个申报通知下的排名：原始与归一化并列 · A call's ranking, with raw and normalised scores."""
    return send_query("review", "call_ranking", bureau=PROVINCE, call=id, **query)
