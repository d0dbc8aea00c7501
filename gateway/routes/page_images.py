"""Documents read page by page in a browser: images with the reader's watermark, with the same rights as a download."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Response

from gateway.auth.authorization import allow
from gateway.context import gateway_context
from gateway.files.page_images import Source
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.rate_limit import require
from gateway.routes.documents import grant_of, subject_of
from gateway.service_client import actor, send_query
from services.contracts.document_answers import DocumentSource
from services.contracts.documents import PagesAnswer
from services.kernel.clock import SHANGHAI
from services.kernel.errors import NotFound

blueprint = Blueprint("pages", __name__, url_prefix="/api/v1", description="文件 documents")

#: The most pages that one account may have rendered per minute.
PAGES_A_MINUTE = 120


@blueprint.route("/documents/<id>/pages", methods=["GET"])
@allow()
@blueprint.response(200, PagesAnswer)
def pages(id: str) -> Any:
    """可逐页阅读的页数，不能逐页阅读的说明原因 · The number of pages readable as images, and why not more."""
    file = _file(id)
    counted = gateway_context().page_images.count(_source(file), _reader_key())
    return localised({"id": file["id"], "filename": file["filename"], "media_type": file["media_type"], **counted})


@blueprint.route("/documents/<id>/pages/<page>.webp", methods=["GET"])
@allow()
@blueprint.response(200, description="WebP", content_type="image/webp")
def page_image(id: str, page: str) -> Any:
    """一页的图像，带阅读人水印 · One page as an image, with the reader's watermark."""
    if not (page.isascii() and page.isdigit() and len(page) <= 6):
        raise NotFound("no_such_page", "没有这一页，请核对页码。", "There is no such page; check its number.")
    file = _file(id)
    image = gateway_context().page_images.page(_source(file), int(page), _watermark(file["at"]), _reader_key())
    return Response(image, content_type="image/webp", headers={"Cache-Control": "private, no-store"})


def _file(id: str) -> DocumentSource:
    """Return the document, for a reader who may download it. Raises TooMany if the account requests more than `PAGES_A_MINUTE`,
    which is faster than a person reads."""
    require(gateway_context().buckets.take(f"pages {actor().username}", PAGES_A_MINUTE))
    file: DocumentSource = send_query("documents", "document_source", id=id, grant=grant_of(subject_of(id), "read"))
    return file


def _source(file: DocumentSource) -> Source:
    return Source(file["id"], file["key"], file["size"], file["media_type"])


def _reader_key() -> str:
    """Return the reader whose requests are limited together: the organisation, because it can have any number of accounts;
    otherwise the account."""
    account = actor()
    return account.organisation or account.username


def _watermark(at: str) -> str:
    """Return the text of the watermark: the reader and the time in Beijing. For reviewers it contains only the account, which the
    province alone can relate to a person: a copy that is passed on must not reveal them to others."""
    account = actor()
    names = {} if account.has("expert", "third_party") else send_query("gateway", "names_of", usernames=[account.username])
    time = datetime.fromisoformat(at).astimezone(SHANGHAI)
    return " · ".join(filter(None, (names.get(account.username), account.username, f"{time:%Y-%m-%d %H:%M}")))
