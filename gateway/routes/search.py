"""One search over names, numbers and codes. Each service applies its own access rights."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow
from gateway.context import gateway_context
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.rate_limit import require
from gateway.parallel_queries import query_each
from gateway.service_client import actor, send_query
from services.contracts.search import KINDS, SearchAnswer, SearchQuery, SearchResults
from services.kernel.identity import PROVINCE

blueprint = Blueprint("search", __name__, url_prefix="/api/v1", description="查询 search")

#: The most searches that one account may make per minute.
SEARCHES_A_MINUTE = 60


@blueprint.route("/search", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor", "operator")
@blueprint.arguments(SearchQuery, location="query")
@blueprint.response(200, SearchAnswer)
def search(**query: Any) -> Any:
    """按名称、编号、统一社会信用代码查询有权查看的事项 · Search names, numbers and codes of all that you may read, by kind."""
    account = actor()
    require(gateway_context().buckets.take(f"search {account.username}", SEARCHES_A_MINUTE))
    of_identity: SearchResults = send_query("gateway", "search", **query)
    searches_cases = account.official or account.has("applicant", "auditor")
    payloads = {"application": None, "evaluation": None} if searches_cases else {}
    answers: dict[str, SearchResults | None] = query_each("search", payloads, **query)
    if account.official or account.has("auditor"):
        about = _applications(answers["application"])
        answers |= query_each("search", {"review": account.bureau or PROVINCE}, **query, subjects=about)
    groups = [group for answer in (of_identity, *answers.values()) if answer is not None for group in answer["groups"]]
    unavailable = sorted(service for service, answer in answers.items() if answer is None)
    groups.sort(key=lambda group: KINDS.index(group["kind"]))
    return localised({"q": query["q"], "groups": groups, "unavailable": unavailable})


def _applications(answer: SearchResults | None) -> list[str]:
    """Return the applications found, as subjects of reviews. Because an application is also found by its lead's name and code,
    its review cases are then found by them too."""
    groups = answer["groups"] if answer else []
    subjects = [item["subject"] for group in groups if group["kind"] == "application" for item in group["items"]]
    return [f"application/{subject['id']}" for subject in subjects]
