"""Versions of the policy (A15): drafted, previewed, published."""

from __future__ import annotations

from typing import Any

from gateway.auth.authorization import allow, public
from gateway.http.blueprint import Blueprint
from gateway.http.localisation import localised
from gateway.http.preconditions import requires_etag
from gateway.service_client import cacheable, if_match, send_command, send_query, with_etag
from services.contracts.application.policies import PoliciesAnswer, PolicyAnswer, PolicyDraft, PolicyItem, PreviewAnswer
from services.contracts.common import Page
from services.contracts.vocabulary import ArticlesAnswer

blueprint = Blueprint("policies", __name__, url_prefix="/api/v1", description="政策版本 policies")


@blueprint.route("/policies", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(PolicyDraft)
@blueprint.response(201, PolicyItem)
def draft_policy(**body: Any) -> Any:
    """起草一个新版本 · Draft a policy version."""
    return with_etag(localised(send_command("application", "draft_policy", document=body["document"])))


@blueprint.route("/policies", methods=["GET"])
@allow()
@blueprint.response(200, PoliciesAnswer)
def list_policies() -> Any:
    """政策版本 · List the policy versions."""
    return localised(send_query("application", "list_policies"))


@blueprint.route("/policies/<version>", methods=["GET"])
@allow()
@blueprint.response(200, PolicyAnswer)
def get_policy(version: str) -> Any:
    """一个版本的全文 · One complete version: its document is in both languages, in the form in which it can be sent again."""
    answer = send_query("application", "get_policy", version=version)
    brief = localised({name: value for name, value in answer.items() if name != "document"})
    return with_etag(brief | {"document": answer["document"]})


@blueprint.route("/policies/<version>/articles", methods=["GET"])
@public
@blueprint.response(200, ArticlesAnswer)
def policy_articles(version: str) -> Any:
    """条文（中英文，以中文为准）；version 可填 current · The regulation's text by clause; `current` is the version in force."""
    return cacheable(send_query("application", "policy_articles", version=version), seconds=300)


@blueprint.route("/policies/<version>/preview", methods=["POST"])
@allow("officer", "chief")
@blueprint.arguments(Page, location="query")
@blueprint.response(200, PreviewAnswer)
def preview_policy(version: str, **query: Any) -> Any:
    """预览：按该版本研判，现有草稿会有哪些变化 · Preview the changes that this version would make for open drafts.

    Read the pages in their order, from the first to the last: only then can the draft be published.
    """
    return localised(send_command("application", "preview_policy", version=version, **query))


@blueprint.route("/policies/<version>/publication", methods=["POST"])
@allow("chief")
@blueprint.response(200, PolicyItem)
@requires_etag()
def publish_policy(version: str) -> Any:
    """发布所阅读且已预览的草案；已开的事项仍依原版本 · Publish the draft that was read; open cases keep their version.

    A preview of this very text must have covered all open applications before (409 `policy_not_previewed`).
    """
    return with_etag(localised(send_command("application", "publish_policy", version=version, if_match=if_match())))
