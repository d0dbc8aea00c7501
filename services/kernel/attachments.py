"""Check the documents that a request names: each must belong to the subject of the request, and the documents service must have
verified its bytes."""

from __future__ import annotations

from collections.abc import Sequence

from services.kernel.errors import FieldError, Invalid, Text
from services.kernel.messaging.signing import Verifier


def verified_attachments(verifier: Verifier, statement: str | None, ids: Sequence[str], *, subject: str) -> list[dict[str, str]]:
    """Return `id`, `kind` and `filename` of each named document, according to the signed `statement` of the documents service
    (None if the request names none). Raises Invalid with an error for each document that does not exist, is not verified, or
    belongs to another subject."""
    documents = verifier.read(statement, "documents")["documents"] if statement else []
    verified = {document["id"]: document for document in documents if document["subject"] == subject}
    text = Text(
        "没有这一文件，或尚未通过核验；请先上传到该创新联合体名下并完成核验，再填写其编号。",
        "There is no such document, or it is not verified yet; upload it under this consortium and complete it first.",
    )
    errors = tuple(
        FieldError(f"/documents/{index}", "unknown_document", text) for index, id in enumerate(ids) if id not in verified
    )
    if errors:
        raise Invalid("unknown_document", "所列文件有误，请按提示修改。", "Some documents cannot be used.", errors=errors)
    return [{name: verified[id][name] for name in ("id", "kind", "filename")} for id in dict.fromkeys(ids)]
