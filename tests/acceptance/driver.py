"""Functions that the stories share in addition to the demonstration's client: expect a refusal, read findings, notifications and
generated documents."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urljoin

import pypdfium2
import pytest

from deploy.demo.client import Account, Refused, Server, until


def refusal(act: Callable[..., Any], *args: Any, **kwargs: Any) -> Refused:
    """Run an action that the platform must refuse; return the refusal."""
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    return caught.value


def statuses(findings: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return the status of each finding, keyed by the rule's id."""
    return {finding["rule"]: finding["status"] for finding in findings}


def failing(findings: Iterable[Mapping[str, Any]]) -> set[str]:
    """Return the ids of the rules whose finding is `fail`."""
    return {rule for rule, status in statuses(findings).items() if status == "fail"}


def notice(account: Account, subject: str, kind: str) -> dict[str, Any]:
    """Wait until the account has a notification of type `kind` about the subject, and return the notification."""
    return until(
        lambda: next(
            (item for item in account.all("/notifications") if (item["subject"], item["type"]) == (subject, kind)), None
        ),
        f"{account} being told {kind} of {subject}",
    )


def fetch(reader: Account | Server, path: str) -> bytes:
    """Return the bytes of a generated document, wherever the platform stores them. `reader` is the account that fetches the
    document, or the server itself for a document that everybody may read without an account."""
    server = reader.server if isinstance(reader, Account) else reader
    answer = reader.send("GET", path)
    assert answer.status == 302, answer.body
    return bytes(server.ask("GET", urljoin(server.base + "/", answer.headers["Location"])))


def text_of(content: bytes) -> str:
    read = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    return "".join(read.split())


def require_adverse(text: str, *said: str) -> None:
    """Check the text of a document by which the province decides against the addressee: the document has a number, names the
    legal remedies, and contains each of the texts `said`."""
    assert text.startswith("广西壮族自治区科学技术厅文件桂科创联〔"), text
    missing = [part for part in (*said, "向广西壮族自治区人民政府申请行政复议", "提起行政诉讼") if part not in text]
    assert not missing, text
