"""The tasks of an account, collected from all services."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from datetime import date
from typing import Any

from gateway.auth.authorization import allow
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.parallel_queries import query_each
from gateway.service_client import actor, send_query
from services.contracts.todo import (
    Task,
    TaskCounts,
    TaskDeadline,
    TodoAnswer,
    TodoAnswerDict,
    TodoCounts,
    TodoCountsDict,
    Worklist,
)
from services.kernel.identity import PROVINCE, Actor
from services.kernel.settings import SERVICES
from services.policy import working_days_between

blueprint = Blueprint("todo", __name__, url_prefix="/api/v1", description="待办 tasks")


@blueprint.route("/me/todo", methods=["GET"])
@allow(keys=False)
@blueprint.response(200, TodoAnswer)
def todo() -> Any:
    """本人待办：各类事项的数量，以及按期限排列的事项；可凭 ETag 每分钟查询一次 · Your tasks with their counts, by due day;
    poll each minute with If-None-Match."""
    of_identity: Worklist = send_query("gateway", "todo")
    answers: dict[str, Worklist | None] = query_each("todo", _asked_of(actor()))
    counted = _totals(of_identity, answers)
    today = date.fromisoformat(counted["as_of"])
    worklists = [of_identity, *(answer for answer in answers.values() if answer is not None)]
    items = sorted((item for answer in worklists for item in answer["items"]), key=_urgency)
    answer: TodoAnswerDict = {**counted, "items": [{**item, **_deadline(item["due_on"], today)} for item in items]}
    return localised(answer)


@blueprint.route("/me/todo/counts", methods=["GET"])
@allow(keys=False)
@blueprint.response(200, TodoCounts)
def todo_counts() -> Any:
    """本人待办各类事项的数量；可凭 ETag 每分钟查询一次 · How many tasks of each kind you have; poll each minute with
    If-None-Match."""
    of_identity: TaskCounts = send_query("gateway", "todo_counts")
    answers: dict[str, TaskCounts | None] = query_each("todo_counts", _asked_of(actor()))
    return _totals(of_identity, answers)


def _totals(of_identity: TaskCounts, answers: Mapping[str, TaskCounts | None]) -> TodoCountsDict:
    """Return the total counts by kind: those of identity and of each service that answered."""
    worklists = [of_identity, *(answer for answer in answers.values() if answer is not None)]
    counts: Counter[str] = Counter()
    for count in (count for answer in worklists for count in answer["counts"]):
        counts[count["kind"]] += count["count"]
    return {
        "as_of": of_identity["as_of"],
        "counts": [{"kind": kind, "count": count} for kind, count in counts.items()],
        "unavailable": sorted(service for service, answer in answers.items() if answer is None),
    }


def _asked_of(account: Actor) -> dict[str, str | None]:
    """Return the services that may have tasks for the account; for `review`, with the bureau whose queue is used."""
    if account.has("operator"):
        return {service: PROVINCE if service == "review" else None for service in SERVICES}
    if account.official:
        return {"review": account.bureau, "application": None, "evaluation": None}
    if account.has("expert", "third_party"):
        return {"review": PROVINCE}  # Panels belong to the province.
    return {"application": None, "evaluation": None} if account.has("applicant") else {}


def _urgency(item: Task) -> tuple[bool, str]:
    return item["due_on"] is None, item["due_on"] or ""


def _deadline(due_on: str | None, today: date) -> TaskDeadline:
    if due_on is None:
        return {"working_days_left": None, "overdue": False}
    due = date.fromisoformat(due_on)
    return {"working_days_left": working_days_between(today, due), "overdue": due < today}
