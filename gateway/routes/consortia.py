"""The register of recognised consortia, for its parties and for the public."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow, public
from gateway.document_statements import statement_of
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.preconditions import requires_etag
from gateway.service_client import cacheable, if_match, send_command, send_query, with_etag
from gateway.site_contact import with_contact
from services.contracts.application.application_responses import TimelineAnswer
from services.contracts.application.imports import ImportConfirmation, ImportedConsortium
from services.contracts.application.register_requests import ConsortiumQuery, HandOver, RegisterQuery
from services.contracts.application.register_responses import (
    ConsortiumAnswer,
    ConsortiumItem,
    PublicConsortiumAnswer,
    PublicityPage,
    PublicStatistics,
)
from services.contracts.common import Page, page_of

blueprint = Blueprint("consortia", __name__, url_prefix="/api/v1", description="创新联合体名册 register")


@blueprint.route("/consortia", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(ImportedConsortium)
@blueprint.response(201, ConsortiumAnswer)
def import_consortium(**body: Any) -> Any:
    """提出补录 2021 年方案下已认定的创新联合体 · Propose for the register a consortium recognised under the plan of 2021."""
    return send_command("application", "import_consortium", consortium=body)


@blueprint.route("/consortia/<id>/confirmation", methods=["POST"])
@allow("chief")
@blueprint.arguments(ImportConfirmation)
@blueprint.response(200, ConsortiumItem)
@requires_etag()
def confirm_import(id: str, **body: Any) -> Any:
    """凭认定文件确认或不予补录，须由另一人办理 · Confirm or refuse an import by its documents; a second person must do this."""
    statements = statement_of(body["documents"])
    return send_command("application", "confirm_import", statements, id=id, confirmation=body, if_match=if_match())


@blueprint.route("/consortia/<id>/hand-over", methods=["POST"])
@allow("chief")
@blueprint.arguments(HandOver)
@blueprint.response(200, ConsortiumItem)
def hand_over(id: str, **body: Any) -> Any:
    """自治区科技厅决定变更推荐单位，在办事项一并移交 · Make another bureau the recommender; open cases move to it."""
    return send_command("application", "hand_over", id=id, **body)


@blueprint.route("/consortia", methods=["GET"])
@allow()
@blueprint.arguments(RegisterQuery, location="query")
@blueprint.response(200, page_of(ConsortiumItem, counted=True))
def list_consortia(**query: Any) -> Any:
    """本单位、本部门的创新联合体 · List the consortia of your organisation or bureau."""
    return send_query("application", "list_consortia", **query)


@blueprint.route("/consortia/<id>", methods=["GET"])
@allow()
@blueprint.response(200, ConsortiumAnswer)
def get_consortium(id: str) -> Any:
    """创新联合体及其组成单位 · One consortium with its units."""
    return with_etag(send_query("application", "get_consortium", id=id))


@blueprint.route("/consortia/<id>/timeline", methods=["GET"])
@public
@blueprint.arguments(Page, location="query")
@blueprint.response(200, page_of(TimelineAnswer))
def consortium_timeline(id: str, **query: Any) -> Any:
    """大事记；公开部分无需登录 · List every step; its public part needs no login."""
    return localised(send_query("application", "consortium_timeline", id=id, **query))


@blueprint.route("/public/consortia", methods=["GET"])
@public
@blueprint.arguments(ConsortiumQuery, location="query")
@blueprint.response(200, page_of(ConsortiumItem, counted=True))
def public_consortia(**query: Any) -> Any:
    """公开名册 · The public register."""
    return cacheable(send_query("application", "public_consortia", **query))


@blueprint.route("/public/consortia/<number>", methods=["GET"])
@public
@blueprint.response(200, PublicConsortiumAnswer)
def public_consortium(number: str) -> Any:
    """公开名册中的一个创新联合体及其组成单位 · One consortium of the public register with its units."""
    return cacheable(send_query("application", "public_consortium", number=number))


@blueprint.route("/public/publicity", methods=["GET"])
@public
@blueprint.arguments(Page, location="query")
@blueprint.response(200, PublicityPage)
def public_publicity(**query: Any) -> Any:
    """正在公示的拟认定名单和评估等次 · List proposed recognitions and grades in their publicity period, open to objections."""
    answer = send_query("application", "public_publicity", **query)
    grades: list[Any] = []
    if query["cursor"] is None:
        grades = send_query("evaluation", "public_evaluations", in_effect=False, limit=200)["items"]
    with_contacts = {"items": [with_contact(item) for item in answer["items"]], "grades": [with_contact(item) for item in grades]}
    return cacheable(localised(answer | with_contacts))


@blueprint.route("/public/statistics", methods=["GET"])
@public
@blueprint.response(200, PublicStatistics)
def public_statistics() -> Any:
    """名册统计：按推荐单位、设区市、等次 · Figures of the register by recommender, city and grade."""
    return cacheable(send_query("application", "public_statistics"))
