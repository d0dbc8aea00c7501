"""Lists as spreadsheets: they contain all rows that fulfil the filters, only words that people understand, and no cell that a
spreadsheet would compute."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from openpyxl import load_workbook

from gateway.routes import list_tables
from services.kernel.identity import Actor
from services.kernel.registry import Registry
from tests.integration.gateway.platform import Platform

CASE = {
    "id": "450000-1",
    "title": "=糖业创新联合体",
    "lead": {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"},
    "kind": "formation",
    "stage": "formal_check",
    "status": "open",
    "recommender": "450200",
    "opened_at": "2026-03-02T18:00:00+00:00",
    "due_on": "2026-03-23",
    "working_days_left": 3,
    "assigned_to": None,
    "draft_by": "province.officer",
}


def registry(gateway: Platform, queue: str) -> Registry:
    return gateway.line.services[queue].registry


def sheet(gateway: Platform, path: str, who: str = "450000-officer", **headers: str) -> list[list[Any]]:
    answer = gateway.send(who, "GET", path, **headers)
    assert answer.status_code == 200, answer.get_json()
    assert answer.mimetype == "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    return [[cell.value for cell in row] for row in load_workbook(io.BytesIO(answer.data)).active.iter_rows()]


def test_the_inbox_goes_over_all_its_pages_with_the_lists_filters(gateway: Platform) -> None:
    asked: list[dict[str, Any]] = []

    def list_reviews(actor: Actor, **wanted: Any) -> dict[str, Any]:
        asked.append(wanted)
        first = "cursor" not in wanted
        return {"items": [CASE | {"id": str(len(asked))}] * 2, "next_cursor": "more" if first else None, "total": 4}

    registry(gateway, "rpc.review.450000").query(list_reviews)
    header, *rows = sheet(gateway, "/reviews.xlsx?status=open,returned&sort=newest")
    assert (asked[0]["status"], asked[0]["sort"], asked[1]["cursor"]) == (["open", "returned"], "newest", "more")
    assert header[:4] == ["名称", "牵头单位", "统一社会信用代码", "类别"]
    assert len(rows) == 4
    line = dict(zip(header, rows[0], strict=True))
    assert (line["名称"], line["统一社会信用代码"]) == ("=糖业创新联合体", "9145020098MA369042")
    assert (line["类别"], line["环节"], line["状态"]) == ("组建申请", "形式审查", "办理中")
    # The instant at which the case was received falls on the next day in Beijing.
    assert (line["收到日期"], line["办理期限"]) == (datetime(2026, 3, 3), datetime(2026, 3, 23))
    assert sheet(gateway, "/reviews.xlsx", Accept_Language="en")[1][3:6] == ["formation", "formal check", "open"]


def test_a_table_ends_at_a_number_of_rows_and_says_so(gateway: Platform, monkeypatch: Any) -> None:
    monkeypatch.setattr(list_tables, "MOST_ROWS", 3)

    def list_reviews(actor: Actor, **wanted: Any) -> dict[str, Any]:
        return {"items": [CASE] * 2, "next_cursor": "more", "total": None}

    registry(gateway, "rpc.review.450000").query(list_reviews)
    rows = sheet(gateway, "/reviews.xlsx")
    assert (len(rows), rows[-1][0]) == (5, "仅列出前若干行，请缩小查询范围后再导出。")


def test_the_ranking_names_no_reviewer(gateway: Platform) -> None:
    seen: list[bool] = []

    def call_ranking(actor: Actor, call: str, anonymous: bool = False) -> dict[str, Any]:
        seen.append(anonymous)
        line = {"id": "c", "subject": "application/a", "title": "甲", "status": "open", "aggregate": 88.5, "method": "mean"}
        line |= {"spread": 3.0, "outliers": ["1"], "rank": 2, "normalised": 51.0, "normalised_rank": 1}
        return {"call": call, "items": [line | {"title": "乙", "normalised_rank": 2}, line]}

    registry(gateway, "rpc.review.450000").query(call_ranking)
    header, *rows = sheet(gateway, "/calls/call/ranking.xlsx")
    assert seen == [True]
    assert [dict(zip(header, row, strict=True))["名称"] for row in rows] == ["甲", "乙"]
    assert dict(zip(header, rows[0], strict=True)) | {"状态": None} == {
        "归一化排名": 1,
        "原始排名": 2,
        "名称": "甲",
        "归一化得分": 51,
        "原始得分": 88.5,
        "最高与最低之差": 3,
        "离群评分数": 1,
        "状态": None,
    }


def test_the_board_and_the_register_are_in_words(gateway: Platform) -> None:
    of = {
        "consortium": {"id": "k", "number": "GX-1", "name": "糖业"},
        "lead": {"uscc": "91", "name": "柳州"},
        "recommender": "450200",
    }
    done = {"inspected_on": "2026-05-01", "result": "weak"}

    def inspection_board(actor: Actor, **wanted: Any) -> dict[str, Any]:
        plain = of | {"year": 2026, "under_guidance": True, "follow_up_overdue": False}
        return {"items": [plain | {"inspected": True, "inspection": done}, plain | {"inspection": None}], "next_cursor": None}

    registry(gateway, "rpc.evaluation").query(inspection_board)
    header, *rows = sheet(gateway, "/inspections/board.xlsx?year=2026", "auditor")
    first, second = (dict(zip(header, row, strict=True)) for row in rows)
    assert (first["推荐单位"], first["检查日期"], first["加强督促指导"]) == ("柳州市科学技术局", datetime(2026, 5, 1), "是")
    assert first["检查结果"] and second["检查结果"] is None

    def list_consortia(actor: Actor, **wanted: Any) -> dict[str, Any]:
        line = {"id": "k", "number": "GX-1", "name": "糖业", "field": "糖业", "status": "active", "recognised_on": "2026-01-05"}
        line |= {"recommender": "450200", "lead": {"uscc": "9145020098MA369042", "name": "柳州"}, "last_grade": None}
        return {"items": [line], "next_cursor": None, "total": 1}

    registry(gateway, "rpc.application").query(list_consortia)
    header, row = sheet(gateway, "/consortia.xlsx?status=active")
    line = dict(zip(header, row, strict=True))
    assert (line["状态"], line["认定日期"], line["最近评估等次"]) == ("正常运行", datetime(2026, 1, 5), None)


def test_tables_are_for_bureaus_and_auditors(gateway: Platform) -> None:
    for path in ("/reviews.xlsx", "/consortia.xlsx", "/inspections/board.xlsx", "/calls/call/ranking.xlsx"):
        for who in ("applicant-1", "expert-1", "operator", "portal"):
            assert gateway.send(who, "GET", path).status_code == 403
