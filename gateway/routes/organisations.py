"""Organisations, where they take part, and the integrity register."""

from __future__ import annotations

import csv
import io
from typing import Any

from flask import request
from marshmallow import ValidationError

from gateway.access import allow
from gateway.blueprint import BadInput, Blueprint
from gateway.calls import ask, if_match, tagged, tell
from services.contracts.application import IntegrityQuery, IntegrityRecords, Organisation
from services.contracts.application_answers import (
    IntegrityAdded,
    IntegrityRecordAnswer,
    OrganisationAnswer,
    StandingAnswer,
)
from services.contracts.base import page_of
from services.kernel.errors import Invalid, Unsupported

blueprint = Blueprint("organisations", __name__, url_prefix="/api/v1", description="单位 organisations")

#: The columns of an import, in any order; the last may be left empty.
COLUMNS = ("uscc", "reason", "recorded_on", "penalty_until")
_RECORDS = IntegrityRecords()


@blueprint.route("/organisations/<uscc>", methods=["PUT"])
@allow("applicant", "officer", "chief")
@blueprint.arguments(Organisation)
@blueprint.response(200, OrganisationAnswer)
def put_organisation(body: dict[str, Any], uscc: str) -> Any:
    """填写或更新单位信息（可带 If-Match） · Create or replace an organisation's data."""
    return tagged(tell("application", "put_organisation", uscc=uscc, organisation=body, if_match=if_match()))


@blueprint.route("/organisations/<uscc>", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, OrganisationAnswer)
def get_organisation(uscc: str) -> Any:
    """单位信息 · An organisation's own data."""
    return tagged(ask("application", "get_organisation", uscc=uscc))


@blueprint.route("/organisations/<uscc>/standing", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, StandingAnswer)
def organisation_standing(uscc: str) -> Any:
    """参与情况：牵头、参与的创新联合体及科研诚信 · Consortia led, joined, in process, and integrity."""
    return ask("application", "organisation_standing", uscc=uscc)


@blueprint.route("/integrity-records", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(IntegrityRecords)
@blueprint.response(201, IntegrityAdded)
def add_integrity_records(body: dict[str, Any]) -> Any:
    """登记科研失信记录 · Add untrustworthiness records, all or none."""
    return tell("application", "add_integrity_records", **body)


@blueprint.route("/integrity-records/import", methods=["POST"])
@allow("officer", "chief")
@blueprint.doc(requestBody={"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}})  # type: ignore[untyped-decorator]
@blueprint.response(201, IntegrityAdded)
def import_integrity_records() -> Any:
    """以 CSV 导入科研失信记录，列：uscc、reason、recorded_on、penalty_until · Import records from CSV, row 0 below the header."""
    try:
        body = _RECORDS.load({"records": _rows()})
    except ValidationError as error:
        raise BadInput(error.messages, _RECORDS) from None
    return tell("application", "add_integrity_records", **body)


@blueprint.route("/integrity-records", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(IntegrityQuery, location="query")
@blueprint.response(200, page_of(IntegrityRecordAnswer))
def list_integrity_records(query: dict[str, Any]) -> Any:
    """科研失信记录 · The integrity register."""
    return ask("application", "list_integrity_records", **query)


def _rows() -> list[dict[str, Any]]:
    """The rows of a CSV body, an empty penalty's end as none."""
    if request.mimetype != "text/csv":
        raise Unsupported(
            "csv_required",
            "请求内容须为 CSV，请将 Content-Type 设为 text/csv。",
            "Send CSV, with Content-Type: text/csv.",
        )
    try:
        reader = csv.DictReader(io.StringIO(request.get_data().decode("utf-8-sig"), newline=""), strict=True)
        names = [name.strip() for name in reader.fieldnames or ()]
        rows = list(reader)
    except (UnicodeDecodeError, csv.Error) as error:
        raise Invalid(
            "malformed_csv",
            "文件不是有效的 UTF-8 编码 CSV。",
            "The body is not valid CSV in UTF-8.",
        ) from error
    if sorted(names) != sorted(COLUMNS) or any(None in row or None in row.values() for row in rows):
        raise Invalid(
            "wrong_columns",
            f"每行应有且只有以下各列，首行为列名：{'、'.join(COLUMNS)}。",
            f"Every row has these columns, named in the first row: {', '.join(COLUMNS)}.",
        )
    return [{name.strip(): value.strip() or None for name, value in row.items()} for row in rows]
