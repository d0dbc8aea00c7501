"""The integrity register as CSV: every mistake is reported with its row, and an import stores all rows or none (A14(4))."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from deploy import composition
from deploy.embedded.host import Embedded
from gateway.serve import application
from services.kernel.identity import PROVINCE
from services.kernel.messaging.rpc import Caller
from services.kernel.settings import Settings
from tests.integration.application.scenario import new_enterprise

HEADER = "uscc,reason,recorded_on,penalty_until"
Send = Callable[..., TestResponse]


@pytest.fixture(scope="module")
def send(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Send]:
    """Yield a function that sends the HTTP requests of an officer of the province to a whole platform in this process."""
    folder: Path = tmp_path_factory.mktemp("platform")
    settings = Settings(var=str(folder), seed="demo", rate_limit="0")
    composition.make_keys(settings)
    composition.migrate_all(settings)
    host = Embedded.of(settings)
    caller = Caller(host, composition.signer("gateway", settings))
    client = application(caller, host.runtimes["gateway"], settings).test_client()
    accounts = json.loads((folder / "accounts.json").read_text(encoding="utf-8"))
    who = next(a for a in accounts if a["bureau"] == PROVINCE and a["roles"] == ["officer"])
    given = {name: who[name] for name in ("username", "password")}
    token = client.post("/api/v1/auth/token", json=given).json["access_token"]

    def request(method: str, path: str, **what: Any) -> TestResponse:
        return client.open(f"/api/v1{path}", method=method, headers={"Authorization": f"Bearer {token}"}, **what)

    yield request
    for runtime in host.runtimes.values():
        runtime.database.close()


def imported(send: Send, *lines: str, content_type: str = "text/csv") -> TestResponse:
    body = "\r\n".join([HEADER, *lines]).encode("utf-8-sig")
    return send("POST", "/integrity-records/import", data=body, content_type=content_type)


def test_rows_become_records(send: Send) -> None:
    # Given a CSV file as spreadsheets save it: with a byte-order mark, a comma within quotation marks, and an empty date for the
    # end of the penalty
    code = new_enterprise()
    answer = imported(send, f'{code},"伪造数据,情节严重",2026-01-05,', f"{code},抄袭,2024-01-05,2024-12-31")
    # Then each row of the file becomes a record
    assert (answer.status_code, answer.json["added"]) == (201, 2)
    listed = send("GET", f"/integrity-records?uscc={code}").json["items"]
    assert sorted((r["reason"], r["penalty_until"]) for r in listed) == [
        ("伪造数据,情节严重", None),
        ("抄袭", "2024-12-31"),
    ]


def test_every_wrong_cell_is_named_by_its_row_and_nothing_is_imported(send: Send) -> None:
    code = new_enterprise()
    good = f"{code},失信,2026-01-05,"
    answer = imported(send, good, f"{code[:-1]}Z,失信,2026-01-05,", f"{code},,05/01/2026,")
    assert answer.status_code == 422
    assert {(error["pointer"], error["code"]) for error in answer.json["errors"]} == {
        ("/records/1/uscc", "bad_uscc"),
        ("/records/2/reason", "null"),
        ("/records/2/recorded_on", "not_date"),
    }
    assert send("GET", f"/integrity-records?uscc={code}").json["items"] == []


@pytest.mark.parametrize(
    ("body", "content_type", "status", "code"),
    [
        (HEADER.encode(), "text/csv", 422, "invalid_input"),
        (b"", "text/csv", 422, "wrong_columns"),
        (b"uscc,reason\r\n1,2\r\n", "text/csv", 422, "wrong_columns"),
        (f"{HEADER}\r\n1,2\r\n".encode(), "text/csv", 422, "wrong_columns"),
        (f"{HEADER}\r\n1,2,3,4,5\r\n".encode(), "text/csv", 422, "wrong_columns"),
        ("uscc,原因".encode("gbk"), "text/csv", 422, "wrong_columns"),
        (b"PK\x03\x04 a workbook", "text/csv", 422, "malformed_csv"),
        (b"uscc,\xff\xff", "text/csv", 422, "malformed_csv"),
        (f'{HEADER}\r\n"1,2,3,4\r\n'.encode(), "text/csv", 422, "malformed_csv"),
        (HEADER.encode(), "application/json", 415, "csv_required"),
    ],
)
def test_what_is_no_such_sheet_is_refused(send: Send, body: bytes, content_type: str, status: int, code: str) -> None:
    answer = send("POST", "/integrity-records/import", data=body, content_type=content_type)
    assert (answer.status_code, answer.json["code"]) == (status, code)


def test_a_cell_that_is_far_too_long_is_told_at_its_row_and_column(send: Send) -> None:
    answer = imported(send, f"{new_enterprise()},{'信' * 200_000},2026-01-05,")
    assert [(error["pointer"], error["code"]) for error in answer.json["errors"]] == [("/records/0/reason", "text_length")]
    assert answer.json["errors"][0]["message"].startswith("第 2 行 reason 列：请填写")


def test_a_nul_in_a_csv_is_told_by_its_line(send: Send) -> None:
    answer = imported(send, f"{new_enterprise()},失\0信,2026-01-05,")
    assert (answer.status_code, answer.json["code"]) == (422, "malformed_csv")
    assert "第 2 行" in answer.json["detail"]
    assert "NUL" in answer.json["detail"]


@pytest.mark.parametrize("encoding", ["gb18030", "utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t", "，"])
def test_a_sheet_is_taken_as_an_offices_excel_saves_it(send: Send, encoding: str, separator: str) -> None:
    # Given a file with headings in capitals and in Chinese, an empty column, empty rows, dates with slashes, and a reason of two
    # lines
    code = new_enterprise()
    rows = [
        ["USCC", "", "Reason", "记录日期", "penalty_until", ""],
        [code, "", '"论文造假\r\n情节严重"', "2026/1/5", "2028/1/5", ""],
        ["", "", "", "", "", ""],
        [code.lower(), "", "买卖论文", "2026年3月12日", "", ""],
        ["", "", "", "", "", ""],
    ]
    body = "".join(separator.join(row) + "\r\n" for row in rows).encode(encoding)

    # When the file is imported, then its rows become records
    answer = send("POST", "/integrity-records/import", data=body, content_type="text/csv")
    assert (answer.status_code, answer.json["added"]) == (201, 2), answer.json
    listed = send("GET", f"/integrity-records?uscc={code}").json["items"]
    assert sorted((r["reason"], r["recorded_on"], r["penalty_until"]) for r in listed) == [
        ("买卖论文", "2026-03-12", None),
        ("论文造假\n情节严重", "2026-01-05", "2028-01-05"),
    ]


def test_a_mistake_below_empty_rows_is_named_by_its_row_in_the_sheet(send: Send) -> None:
    # Given a file in which row 3 has a code that Excel turned into a number, row 5 a year that is too long ago, and row 6 the
    # month 13
    code = new_enterprise()
    answer = imported(
        send,
        ",,,",
        "9.14501E+17,失信,2026/1/5,",
        ",,,",
        f"{code},失信,0126/1/5,",
        f"{code},失信,2026/13/5,",
        content_type="text/csv",
    )
    # Then each mistake is reported in words, with its row and column
    assert answer.status_code == 422
    said = {error["pointer"]: error["message"] for error in answer.json["errors"]}
    assert [error["code"] for error in answer.json["errors"]] == ["bad_uscc", "date_out_of_range", "not_date"]
    assert set(said) == {"/records/1/uscc", "/records/3/recorded_on", "/records/4/recorded_on"}
    assert said["/records/1/uscc"].startswith("第 3 行 uscc 列：这里的数字过长")
    assert said["/records/3/recorded_on"].startswith("第 5 行 recorded_on 列：")

    late = imported(send, ",,,", f"{code},失信,2026-01-05,2025-01-05")
    assert [(error["pointer"], error["code"]) for error in late.json["errors"]] == [
        ("/records/1/penalty_until", "ends_before_record")
    ]


def test_a_sheet_names_its_separator_and_may_begin_with_an_empty_row(send: Send) -> None:
    code = new_enterprise()
    body = f"sep=;\r\n;;;\r\n{HEADER.replace(',', ';')}\r\n{code};失信;2026/1/5;\r\n{code};失信;;\r\n"
    answer = send("POST", "/integrity-records/import", data=body.encode(), content_type="text/csv")
    [error] = answer.json["errors"]
    assert error["pointer"] == "/records/1/recorded_on"
    assert error["message"].startswith("第 5 行 recorded_on 列：")


def test_a_value_without_a_heading_is_named_by_its_row_and_column(send: Send) -> None:
    body = f"{HEADER}\r\n{new_enterprise()},失信,2026-01-05,,备注\r\n".encode()
    answer = send("POST", "/integrity-records/import", data=body, content_type="text/csv")
    assert (answer.status_code, answer.json["code"]) == (422, "wrong_columns")
    assert "第 2 行第 5 列" in answer.json["detail"]


def test_a_code_kept_as_text_by_the_spreadsheet_is_the_code(send: Send) -> None:
    code = new_enterprise()
    answer = imported(send, f'"=""{code}""",失信,2026-01-05,', f"'{code},抄袭,2026-01-05,")
    assert (answer.status_code, answer.json["added"]) == (201, 2), answer.json
