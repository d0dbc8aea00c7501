"""Documents: announced here, sent directly to the object store, completed here. The service that owns the subject decides on
access.

If the store is a folder on disk, the gateway itself receives and serves the bytes, at URLs of the same form.
"""

from __future__ import annotations

from typing import Any

from flask import Response, current_app, redirect, request, send_file

from gateway.auth.authorization import allow, public
from gateway.files.zip_archive import archive
from gateway.http.blueprint import Blueprint
from gateway.http.links import absolute
from gateway.http.localisation import localised
from gateway.service_client import actor, send_command, send_query
from services.contracts.documents import (
    AnnouncedAnswer,
    ContentQuery,
    DocumentAnswer,
    DocumentPage,
    DocumentsPage,
    DocumentUpload,
    PartsAnswer,
)
from services.kernel.errors import Invalid, NotFound
from services.kernel.storage.base import attachment
from services.kernel.storage.filesystem import FileStore

blueprint = Blueprint("documents", __name__, url_prefix="/api/v1", description="文件 documents")


@blueprint.route("/documents", methods=["POST"])
@allow("applicant", "officer", "chief")
@blueprint.arguments(DocumentUpload)
@blueprint.response(201, AnnouncedAnswer)
def announce(**body: Any) -> Any:
    """登记一份要上传的文件 · Announce an upload."""
    answer = send_command("documents", "start_upload", {"grant": grant_of(body["subject"], "write")}, **body)
    for upload in (answer["upload"], *(part["upload"] for part in answer["parts"] or ())):
        if upload:
            upload["url"] = absolute(upload["url"])
    return answer


@blueprint.route("/documents/<id>/parts", methods=["GET"])
@allow("applicant", "officer", "chief")
@blueprint.response(200, PartsAnswer)
def parts(id: str) -> Any:
    """分块上传的进度与续传地址 · The parts that have arrived, and the addresses for the others."""
    upload = send_query("documents", "upload_parts", id=id, grant=grant_of(subject_of(id), "write"))
    for part in upload:
        if part["upload"]:
            part["upload"]["url"] = absolute(part["upload"]["url"])
    return {"items": upload}


@blueprint.route("/documents", methods=["GET"])
@allow()
@blueprint.arguments(DocumentsPage, location="query")
@blueprint.response(200, DocumentPage)
def list_documents(**query: Any) -> Any:
    """一个对象的全部文件及其各版本 · List all documents of a subject, with their versions."""
    return localised(send_query("documents", "list_documents", grant=grant_of(query["subject"], "read"), **query))


@blueprint.route("/documents/<id>", methods=["GET"])
@allow()
@blueprint.response(200, DocumentAnswer)
def get_document(id: str) -> Any:
    """一份文件的信息 · One document."""
    return localised(send_query("documents", "get_document", id=id, grant=grant_of(subject_of(id), "read")))


@blueprint.route("/documents/<id>/completion", methods=["POST"])
@allow("applicant", "officer", "chief")
@blueprint.response(200, DocumentAnswer)
def complete(id: str) -> Any:
    """上传完成，核验并入库 · Complete an upload: verify and store the document."""
    answer = send_command("documents", "complete_upload", {"grant": grant_of(subject_of(id), "write")}, id=id)
    if answer["state"] == "rejected":
        reason = answer["reason"]
        raise Invalid(reason["code"], reason["message"]["zh"], reason["message"]["en"], document=id)
    return answer


@blueprint.route("/documents/<id>/content", methods=["GET"])
@allow()
@blueprint.arguments(ContentQuery, location="query")
@blueprint.response(302, description="下载地址见 Location，几分钟内有效 · where to download, good for some minutes")
def content(id: str, **query: Any) -> Any:
    """下载 · Download a document."""
    inline = {"inline": True} if query["disposition"] == "inline" else {}
    answer = send_query("documents", "document_content", id=id, grant=grant_of(subject_of(id), "read"), **inline)
    return redirect(absolute(answer["url"]))


@blueprint.route("/applications/<id>/documents.zip", methods=["GET"])
@allow()
@blueprint.response(200, description="ZIP", content_type="application/zip")
def application_bundle(id: str) -> Any:
    """申请的全部文件，打包下载 · All documents of an application in one archive."""
    return _bundle(f"application/{id}")


@blueprint.route("/consortia/<id>/documents.zip", methods=["GET"])
@allow()
@blueprint.response(200, description="ZIP", content_type="application/zip")
def consortium_bundle(id: str) -> Any:
    """创新联合体的全部文件，打包下载 · All documents of a consortium in one archive."""
    return _bundle(f"consortium/{id}")


def _bundle(subject: str) -> Response:
    files = send_query("documents", "bundle", subject=subject, grant=grant_of(subject, "read"))
    response = Response(archive(current_app.config["STORE"], files), content_type="application/zip")
    response.headers["Content-Disposition"] = attachment(f"{subject.replace('/', '-')}.zip")
    return response


@blueprint.route("/uploads/<token>", methods=["PUT"])
@public
@blueprint.response(200)
@blueprint.alt_response(413, description="多于登记的字节 · more bytes than announced")  # type: ignore[untyped-decorator]
def receive(token: str) -> Any:
    """上传文件内容（仅在由网关保存文件时使用） · Send the bytes, if the gateway stores them."""
    store = _files()
    store.size_of(token)  # Raises NotFound before any byte is read; `body_limits` has limited the length already.
    store.receive(token, request.stream)
    return Response(status=200)


@blueprint.route("/downloads/<token>", methods=["GET"])
@public
@blueprint.response(200)
def serve(token: str) -> Any:
    """下载文件内容（仅在由网关保存文件时使用） · Fetch the bytes, if the gateway stores them."""
    download = _files().serve(token)
    response = send_file(download.path, mimetype=download.media_type, etag=False)
    response.headers["Content-Disposition"] = attachment(download.filename, inline=download.inline)
    response.headers["Cache-Control"] = "private, no-store"
    return response


def subject_of(id: str) -> str:
    """Return the subject in a document's id: `application.<id>.<uuid>`. Raises NotFound if this is no document's id."""
    kind, _, owner_and_id = id.partition(".")
    owner, _, owner_id = owner_and_id.partition(".")
    if not (kind and owner and owner_id):
        raise NotFound(
            "no_such_document", "没有这份文件，或您无权查看。", "There is no such document, or it is not for you to see."
        )
    return f"{kind}/{owner}"


def grant_of(subject: str, action: str) -> str:
    """Return the signed grant of the service that owns the subject. For experts and third parties, the evaluation service grants
    access to a consortium's documents, because it knows their panel."""
    scoring = subject.startswith("consortium/") and actor().has("expert", "third_party")
    owner = "evaluation" if scoring else "application"
    return str(send_query(owner, "document_grant", subject=subject, action=action)["grant"])


def _files() -> FileStore:
    store = current_app.config["STORE"]
    if not isinstance(store, FileStore):
        raise NotFound("no_such_path", "没有这个地址，请对照 /docs。", "There is no such path; see /docs.")
    return store
