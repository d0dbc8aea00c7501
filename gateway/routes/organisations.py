"""Organisations, their participation, and the integrity register."""

from __future__ import annotations

from typing import Any

from flask import request
from marshmallow import ValidationError

from gateway.auth.authorization import allow
from gateway.context import gateway_context
from gateway.document_statements import statement_of
from gateway.files.csv_tables import Column, load_rows, read_table, refused
from gateway.http.blueprint import Blueprint
from gateway.http.preconditions import requires_etag
from gateway.service_client import actor, if_match, send_command, send_query, with_etag
from services.contracts.application.organisation_requests import (
    IntegrityQuery,
    IntegrityRecords,
    IntegrityRepair,
    Organisation,
    VerificationGiven,
)
from services.contracts.application.organisation_responses import (
    IntegrityAdded,
    IntegrityRecordAnswer,
    OrganisationAnswer,
    OrganisationNameAnswer,
    StandingAnswer,
    UnverifiedAnswer,
)
from services.contracts.common import Page, Uscc, page_of
from services.kernel.errors import Invalid, Unsupported

blueprint = Blueprint("organisations", __name__, url_prefix="/api/v1", description="单位 organisations")

#: The columns of an import, in any order. Cells of the last column may be empty.
COLUMNS = (
    Column("uscc", ("统一社会信用代码", "信用代码"), code=True),
    Column("reason", ("原因", "失信原因", "失信行为")),
    Column("recorded_on", ("记录日期", "认定日期"), day=True),
    Column("penalty_until", ("惩戒截止日期", "惩戒期至"), day=True, optional=True),
)
_RECORDS = IntegrityRecords()


@blueprint.route("/organisations/<uscc>", methods=["PUT"])
@allow("applicant", "officer", "chief")
@blueprint.arguments(Organisation)
@blueprint.response(200, OrganisationAnswer)
def put_organisation(uscc: str, **body: Any) -> Any:
    """填写或更新单位信息（可带 If-Match） · Create or replace an organisation's data (If-Match is optional)."""
    return with_etag(send_command("application", "put_organisation", uscc=uscc, organisation=body, if_match=if_match()))


@blueprint.route("/organisations/<uscc>", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, OrganisationAnswer)
def get_organisation(uscc: str) -> Any:
    """单位信息 · An organisation's own data."""
    return with_etag(send_query("application", "get_organisation", uscc=uscc))


@blueprint.route("/organisations/<uscc>/verifications", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(VerificationGiven)
@blueprint.response(201, OrganisationAnswer)
@requires_etag()
def verify_organisation(uscc: str, **body: Any) -> Any:
    """设区市科技局或自治区科技厅凭证明材料核验单位填报的事实 · Verify an organisation's declarations (city or province)."""
    statements = statement_of(body["documents"])
    return with_etag(
        send_command("application", "verify_organisation", statements, uscc=uscc, verification=body, if_match=if_match())
    )


@blueprint.route("/verifications", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, page_of(UnverifiedAnswer))
def list_verifications(**query: Any) -> Any:
    """填报事项待核验的单位 · List the organisations with declarations that no bureau has verified."""
    return send_query("application", "list_verifications", **query)


@blueprint.route("/organisations/<uscc>/name", methods=["GET"])
@allow("applicant", "officer", "chief")
@blueprint.response(200, OrganisationNameAnswer)
def organisation_name(uscc: str) -> Any:
    """单位名称、类型、所在地，是否已注册；每账号限次 · An organisation's name, kind and region.

    Also whether it has an account. The number of look-ups per account is limited.
    """
    try:
        checked = Uscc().deserialize(uscc)
    except ValidationError as error:
        raise ValidationError({"uscc": error.messages}) from None
    gateway_context().throttle.name_looked_up(actor().username)
    return send_query("application", "organisation_name", uscc=checked)


@blueprint.route("/organisations/<uscc>/standing", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, StandingAnswer)
def organisation_standing(uscc: str) -> Any:
    """参与情况：牵头、参与的创新联合体及科研诚信 · The consortia it leads, has joined or applies for; its integrity."""
    return send_query("application", "organisation_standing", uscc=uscc)


@blueprint.route("/integrity-records", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(IntegrityRecords)
@blueprint.response(201, IntegrityAdded)
def add_integrity_records(**body: Any) -> Any:
    """登记科研失信记录 · Add untrustworthiness records, either all or none."""
    return send_command("application", "add_integrity_records", **body)


@blueprint.route("/integrity-records/<id>/repair", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(IntegrityRepair)
@blueprint.response(200, IntegrityRecordAnswer)
def repair_record(id: str, **body: Any) -> Any:
    """信用修复：缩短惩戒期或撤销记录 · Shorten or withdraw a record, with a reason and a document."""
    return send_command("application", "repair_record", statement_of(body["documents"]), id=id, repair=body)


@blueprint.route("/integrity-records/import", methods=["POST"])
@allow("officer", "chief")
@blueprint.doc(requestBody={"required": True, "content": {"text/csv": {"schema": {"type": "string"}}}})  # type: ignore[untyped-decorator]
@blueprint.response(201, IntegrityAdded)
def import_integrity_records() -> Any:
    """以 CSV 导入科研失信记录，列：uscc、reason、recorded_on、penalty_until · Import CSV records; row 0 is below the header."""
    if request.mimetype != "text/csv":
        raise Unsupported(
            "csv_required",
            "请求内容须为 CSV，请将 Content-Type 设为 text/csv。",
            "Send CSV, with Content-Type: text/csv.",
        )
    rows = read_table(request.get_data(), COLUMNS)
    body = load_rows(_RECORDS, "records", rows)
    try:
        return send_command("application", "add_integrity_records", **body)
    except Invalid as error:
        raise (refused(error.errors, "records", rows) if error.errors else error) from None


@blueprint.route("/integrity-records", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.arguments(IntegrityQuery, location="query")
@blueprint.response(200, page_of(IntegrityRecordAnswer))
def list_integrity_records(**query: Any) -> Any:
    """科研失信记录 · The integrity register."""
    return send_query("application", "list_integrity_records", **query)
