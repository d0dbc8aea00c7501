"""Lists as spreadsheets: the inbox, a call's ranking, the inspection board and the register. Each has the filters of its list."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from typing import Any, TypeVar

from flask import Response

from gateway.auth.authorization import allow
from gateway.context import gateway_context
from gateway.files.spreadsheets import as_xlsx
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.rate_limit import require
from gateway.routes.reviews import reviews_page
from gateway.service_client import actor, every_item, send_query
from services.contracts.application.register_responses import ConsortiumItemDict
from services.contracts.evaluation.answers import BoardLineDict
from services.contracts.labels import label
from services.contracts.list_tables import (
    BOARD,
    INBOX,
    RANKING,
    REGISTER,
    WORDS,
    BoardTableQuery,
    Columns,
    InboxTableQuery,
    RegisterTableQuery,
)
from services.contracts.review.answers import ReviewLineDict
from services.contracts.review.panel_answers import CallRankingAnswerDict, RankedInCallAnswerDict
from services.kernel.clock import local_date
from services.kernel.identity import PROVINCE
from services.kernel.storage.base import attachment
from services.policy.bureaus import BUREAUS

blueprint = Blueprint("list_tables", __name__, url_prefix="/api/v1", description="表格导出 spreadsheets")

#: The most rows of one spreadsheet; if there are more, a last row says so.
MOST_ROWS = 5000
#: The most spreadsheets that one account may generate per minute.
TABLES_A_MINUTE = 6
Item = TypeVar("Item")
#: The values of a row by column.
Cells = Mapping[str, str | float | date | None]
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.route("/reviews.xlsx", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(InboxTableQuery, location="query")
@blueprint.response(200, description="XLSX", content_type=_XLSX)
def reviews_xlsx(**query: Any) -> Any:
    """待办事项表（XLSX），条件同待办列表 · The inbox as a spreadsheet, with its filters."""
    return _table("inbox", INBOX, every_item(lambda **page: reviews_page(**query, **page)), _case_cells)


@blueprint.route("/calls/<id>/ranking.xlsx", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(200, description="XLSX", content_type=_XLSX)
def ranking_xlsx(id: str) -> Any:
    """一个申报通知的评审排名表（XLSX），不显示评审人 · A call's ranking as a spreadsheet, without the reviewers."""
    ranking: CallRankingAnswerDict = send_query("review", "call_ranking", bureau=PROVINCE, call=id, anonymous=True)
    items = sorted(ranking["items"], key=lambda item: (item["normalised_rank"] is None, item["normalised_rank"] or 0))
    return _table("ranking", RANKING, items, _ranked_cells)


@blueprint.route("/inspections/board.xlsx", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(BoardTableQuery, location="query")
@blueprint.response(200, description="XLSX", content_type=_XLSX)
def board_xlsx(**query: Any) -> Any:
    """年度监督检查进度表（XLSX） · The year's board of inspections as a spreadsheet."""
    return _table(
        "board", BOARD, every_item(lambda **page: send_query("evaluation", "inspection_board", **query, **page)), _inspected
    )


@blueprint.route("/consortia.xlsx", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(RegisterTableQuery, location="query")
@blueprint.response(200, description="XLSX", content_type=_XLSX)
def consortia_xlsx(**query: Any) -> Any:
    """创新联合体名册（XLSX），条件同名册 · The register as a spreadsheet, with its filters."""
    return _table(
        "register", REGISTER, every_item(lambda **page: send_query("application", "list_consortia", **query, **page)), _registered
    )


def _table(name: str, columns: Columns, items: Iterable[Item], row: Callable[[Item], Cells]) -> Response:
    require(gateway_context().buckets.take(f"tables {actor().username}", TABLES_A_MINUTE))
    rows: list[list[str | float | date | None]] = []
    for item in items:
        if len(rows) == MOST_ROWS:
            rows.append([_word_text("cut")])
            break
        values = row(item)
        rows.append([values[column] for column in columns])
    title = _word_text(name)
    content = as_xlsx(title, [str(localised(words)) for words in columns.values()], rows)
    return Response(content, 200, {"Content-Disposition": attachment(f"{title}.xlsx")}, content_type=_XLSX)


def _case_cells(item: ReviewLineDict) -> Cells:
    lead = item["lead"]
    return {
        "title": item["title"],
        "lead": lead.get("name") if lead else None,
        "uscc": lead.get("uscc") if lead else None,
        "kind": _label_text("case_kind", item["kind"]),
        "stage": _label_text("stage", item["stage"]),
        "status": _label_text("review_status", item["status"]),
        "recommender": _bureau_name(item["recommender"]),
        "opened_on": local_date(datetime.fromisoformat(item["opened_at"])),
        "due_on": date.fromisoformat(item["due_on"]),
        "working_days_left": item.get("working_days_left"),
        "assigned_to": item["assigned_to_name"] or item["assigned_to"],
        "draft_by": item["draft_by_name"] or item["draft_by"],
    }


def _ranked_cells(item: RankedInCallAnswerDict) -> Cells:
    return {
        "normalised_rank": item["normalised_rank"],
        "rank": item["rank"],
        "title": item["title"],
        "normalised": item["normalised"],
        "aggregate": item["aggregate"],
        "spread": item["spread"],
        "outliers": len(item["outliers"]),
        "status": _label_text("review_status", item["status"]),
    }


def _inspected(item: BoardLineDict) -> Cells:
    last = item["inspection"]
    return {
        "number": item["consortium"]["number"],
        "name": item["consortium"]["name"],
        "lead": item["lead"]["name"],
        "recommender": _bureau_name(item["recommender"]),
        "year": item["year"],
        "inspected_on": date.fromisoformat(last["inspected_on"]) if last else None,
        "result": _label_text("inspection_result", last["result"]) if last else None,
        "under_guidance": _yes_or_no(item["under_guidance"]),
        "follow_up_overdue": _yes_or_no(item["follow_up_overdue"]),
    }


def _registered(item: ConsortiumItemDict) -> Cells:
    recognised = item["recognised_on"]
    return {
        "number": item["number"],
        "name": item["name"],
        "field": item["field"],
        "status": _label_text("register_status", item["status"]),
        "recognised_on": date.fromisoformat(recognised) if recognised else None,
        "recommender": _bureau_name(item["recommender"]),
        "lead": item["lead"]["name"],
        "uscc": item["lead"]["uscc"],
        "last_grade": _label_text("grade", item["last_grade"]) if item["last_grade"] else None,
    }


def _label_text(group: str, code: str) -> str:
    return str(localised(label(group, code).to_dict()))


def _bureau_name(code: str) -> str:
    return str(localised(BUREAUS[code].name.to_dict())) if code in BUREAUS else code


def _yes_or_no(value: bool) -> str:
    return _word_text("yes" if value else "no")


def _word_text(name: str) -> str:
    return str(localised(WORDS[name]))
