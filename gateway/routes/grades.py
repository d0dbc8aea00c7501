"""Grades of a round: give, publish, object, answer; and the public list (A13)."""

from __future__ import annotations

from typing import Any

from flask import g

from gateway.auth.authorization import allow, public
from gateway.document_statements import statement_of_letter
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.preconditions import requires_etag
from gateway.service_client import cacheable, if_match, send_command, send_query, with_etag
from gateway.site_contact import with_contact
from services.contracts.evaluation.grades import PublicGradePage, PublicGradeQuery
from services.contracts.evaluation.rounds import EvaluationAnswer, GradeGiven, ParticipantAnswer
from services.contracts.objections import Objection, ObjectionAnswer, ObjectionReply, ObjectionsAnswer

blueprint = Blueprint("grades", __name__, url_prefix="/api/v1", description="评估等次 grades")

_PART = "/evaluations/<id>/participants/<consortium>"


@blueprint.route(f"{_PART}/grade", methods=["POST"])
@allow("chief")
@blueprint.arguments(GradeGiven)
@blueprint.response(200, ParticipantAnswer)
@requires_etag()
def grade_participation(id: str, consortium: str, **body: Any) -> Any:
    """对所阅读的参评材料评定等次；超过比例的有提示 · Grade the report that was read; a warning says if the share is exceeded."""
    version = if_match()
    return with_etag(
        localised(send_command("evaluation", "grade_participation", id=id, consortium=consortium, if_match=version, **body))
    )


@blueprint.route("/evaluations/<id>/publication", methods=["POST"])
@allow("chief")
@blueprint.response(200, EvaluationAnswer)
@requires_etag()
def publish_grades(id: str) -> Any:
    """公布所阅读的等次并公示；异议成立后重新评定的，再次公布 · Publish the grades that were read.

    Grades that were given again after an upheld objection are published again.
    """
    return with_etag(send_command("evaluation", "publish_grades", id=id, if_match=if_match()))


@blueprint.route(f"{_PART}/objections", methods=["POST"])
@allow("applicant", "officer", "chief", signs=True)
@blueprint.arguments(Objection)
@blueprint.response(201, ObjectionAnswer)
def object_to_grade(id: str, consortium: str, **body: Any) -> Any:
    """公示期内对等次提出异议；书面异议由自治区科技厅登记 · Object to a grade in publicity; the province records written ones."""
    statements = statement_of_letter(body["written"]) | {"received_at": g.received_at}
    return send_command("evaluation", "object_to_grade", statements, id=id, consortium=consortium, **body)


@blueprint.route(f"{_PART}/objections", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(200, ObjectionsAnswer)
def list_grade_objections(id: str, consortium: str) -> Any:
    """对等次的异议及答复 · List the objections to a grade and their answers."""
    return send_query("evaluation", "list_grade_objections", id=id, consortium=consortium)


@blueprint.route(f"{_PART}/objections/<objection>/answer", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(ObjectionReply)
@blueprint.response(200, ObjectionAnswer)
def answer_grade_objection(id: str, consortium: str, objection: str, **body: Any) -> Any:
    """答复异议；成立的，须由另一负责人确认 · Answer an objection; if it is upheld, another chief must confirm the answer."""
    return send_command("evaluation", "answer_objection", id=id, consortium=consortium, objection=objection, **body)


@blueprint.route(f"{_PART}/objections/<objection>/confirmation", methods=["POST"])
@allow("chief")
@blueprint.response(200, ObjectionAnswer)
@requires_etag()
def confirm_grade_objection_answer(id: str, consortium: str, objection: str) -> Any:
    """负责人确认所阅读的异议答复；成立的，重新评定等次 · Sign, as a chief, the answer that another person prepared.

    `If-Match` names the answer that the chief has read. If the objection is upheld, the province grades again.
    """
    version = if_match()
    return send_command(
        "evaluation", "confirm_objection_answer", id=id, consortium=consortium, objection=objection, if_match=version
    )


@blueprint.route("/public/evaluations", methods=["GET"])
@public
@blueprint.arguments(PublicGradeQuery, location="query")
@blueprint.response(200, PublicGradePage)
def public_evaluations(**query: Any) -> Any:
    """评估等次公布和通报表扬 · List the public grades and commendations."""
    answer = send_query("evaluation", "public_evaluations", **query)
    items = [item if item["in_effect"] else with_contact(item) for item in answer["items"]]
    return cacheable(localised(answer | {"items": items}))
