"""Generated documents: forms, opinions, decisions, certificates, notices; and the public verification of a certificate."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import redirect, request

from gateway.auth.authorization import allow, public
from gateway.http.blueprint import Blueprint
from gateway.http.links import absolute
from gateway.routes.reviews import bureau_of_case
from gateway.service_client import send_command_once, send_query
from gateway.site_contact import site_contact
from services.contracts.certificates import CertificateAnswer

blueprint = Blueprint("papers", __name__, url_prefix="/api/v1", description="生成的文件 papers")
WHERE = "下载地址见 Location，几分钟内有效 · where to download, good for some minutes"


@blueprint.route("/applications/<id>/form.pdf", methods=["GET"])
@allow()
@blueprint.response(302, description=WHERE)
def form_pdf(id: str) -> Any:
    """组建申请表 · The application form."""
    return _redirect_to_document("application", "application_paper", "pdf", id=id)


@blueprint.route("/applications/<id>/form.docx", methods=["GET"])
@allow()
@blueprint.response(302, description=WHERE)
def form_docx(id: str) -> Any:
    """组建申请表（Word） · The application form, for Word."""
    return _redirect_to_document("application", "application_paper", "docx", id=id)


@blueprint.route("/applications/<id>/decision.pdf", methods=["GET"])
@allow()
@blueprint.response(302, description=WHERE)
def decision_pdf(id: str) -> Any:
    """决定书 · The decision: recognition, its refusal, or a rejection at an earlier stage."""
    return _redirect_to_document("application", "decision_paper", "pdf", id=id)


@blueprint.route("/calls/<id>/decision-lists/<list>/publicity.pdf", methods=["GET"])
@public
@blueprint.response(302, description=WHERE)
def publicity_list_pdf(id: str, list: str) -> Any:
    """公示名单：一份决定名单拟认定的创新联合体 · The public list of what a list of decisions proposes to recognise."""
    return _redirect_to_document("application", "publicity_list_paper", "pdf", call=id, list=list, contact=site_contact())


@blueprint.route("/consortia/<id>/certificate.pdf", methods=["GET"])
@allow()
@blueprint.response(302, description=WHERE)
def certificate_pdf(id: str) -> Any:
    """认定证书 · The certificate of recognition."""
    return _redirect_to_document("application", "certificate_paper", "pdf", id=id)


@blueprint.route("/reviews/<id>/opinion.pdf", methods=["GET"])
@allow("officer", "chief", "auditor")
@blueprint.response(302, description=WHERE)
def opinion_pdf(id: str) -> Any:
    """审核推荐意见、形式审查意见等 · The opinion that a bureau signed, named after its stage."""
    return _redirect_to_document("review", "opinion_paper", "pdf", id=id, bureau=bureau_of_case(id))


@blueprint.route("/evaluations/<id>/participants/<consortium>/notice.pdf", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(302, description=WHERE)
def notice_pdf(id: str, consortium: str) -> Any:
    """评估结果通知书 · The notice of a grade."""
    return _redirect_to_document("evaluation", "grade_paper", "pdf", id=id, consortium=consortium)


@blueprint.route("/evaluations/<id>/participants/<consortium>/deferral/decision.pdf", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(302, description=WHERE)
def deferral_pdf(id: str, consortium: str) -> Any:
    """延期评估决定书 · The answer to a request for a deferral."""
    return _redirect_to_document("evaluation", "deferral_paper", "pdf", id=id, consortium=consortium)


@blueprint.route("/consortia/<id>/changes/<change>/decision.pdf", methods=["GET"])
@allow()
@blueprint.response(302, description=WHERE)
def change_pdf(id: str, change: str) -> Any:
    """变更决定书 · The decision on a change."""
    return _redirect_to_document("application", "change_paper", "pdf", id=id, change=change)


@blueprint.route("/consortia/<id>/support-requests/<request>/decision.pdf", methods=["GET"])
@allow()
@blueprint.response(302, description=WHERE)
def support_pdf(id: str, request: str) -> Any:
    """支持措施决定书 · The decision on a support request."""
    return _redirect_to_document("application", "support_paper", "pdf", id=id, request=request)


@blueprint.route("/revocations/<id>/decision.pdf", methods=["GET"])
@allow("applicant", "officer", "chief", "auditor")
@blueprint.response(302, description=WHERE)
def revocation_pdf(id: str) -> Any:
    """取消资格决定书 · The decision on a revocation."""
    return _redirect_to_document("evaluation", "revocation_paper", "pdf", id=id)


def _redirect_to_document(owner: str, query: str, form: str, **arguments: Any) -> Any:
    """Redirect to a generated document. The service that owns the case signs a statement of its content; the documents service
    generates it, or returns the one generated before. If the document needs a number, the first request only assigns the number,
    so a second one is sent."""
    stated = send_query(owner, query, **arguments)
    names = send_query("gateway", "names_of", usernames=stated["people"]) if stated.get("people") else {}
    request = {"owner": owner, "statement": stated["statement"], "form": form, "names": names}
    paper = send_command_once("documents", "make_paper", **request)
    if paper["url"] is None:
        paper = send_command_once("documents", "make_paper", **request)
    answer = redirect(absolute(paper["url"]))
    answer.headers["X-Content-SHA256"] = paper["sha256"]
    return answer


@blueprint.route("/public/certificates/<number>", methods=["GET"])
@public
@blueprint.response(200, CertificateAnswer)
@blueprint.alt_response(303, description="浏览器转到核验页面 · sends a browser to the page that checks it")  # type: ignore[untyped-decorator]
def verify(number: str) -> Any:
    """核验认定证书；手机扫码得到网页 · Whether a certificate is genuine and in force.

    A browser, for example after a scan of the certificate's code, is sent to a page.
    """
    if request.accept_mimetypes.best_match(("application/json", "text/html")) == "text/html":
        page = redirect(absolute(f"/certificates?{urlencode({'number': number})}"), 303)
        page.headers["Vary"] = "Accept"
        return page
    certificate = send_query("application", "public_certificate", number=number)
    files = send_query("documents", "paper_hashes", subject=f"consortium/{certificate['id']}", kind="certificate")
    return certificate | {"files": files}
