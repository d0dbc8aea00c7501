"""Shared code of the stories beyond the demonstration's client: refusals, and reading findings."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any
from urllib.parse import urljoin

import pypdfium2
import pytest

from deploy.demo.client import Account, Refused, Server, until


def refusal(act: Callable[..., Any], *args: Any, **kwargs: Any) -> Refused:
    """Run an act that must be refused; return the refusal."""
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    return caught.value


def statuses(findings: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Rule → status of its finding."""
    return {finding["rule"]: finding["status"] for finding in findings}


def failing(findings: Iterable[Mapping[str, Any]]) -> set[str]:
    """The rules that fail."""
    return {rule for rule, status in statuses(findings).items() if status == "fail"}


def notice(account: Account, subject: str, kind: str) -> dict[str, Any]:
    """The notification of a kind about a subject; waits until it has arrived."""
    return until(
        lambda: next(
            (item for item in account.all("/notifications") if (item["subject"], item["type"]) == (subject, kind)), None
        ),
        f"{account} being told {kind} of {subject}",
    )


def fetch(reader: Account | Server, path: str) -> bytes:
    """A generated document, from wherever the platform stores it; `reader` is the platform itself for one that everybody may
    read."""
    server = reader.server if isinstance(reader, Account) else reader
    answer = reader.send("GET", path)
    assert answer.status == 302, answer.body
    return bytes(server.ask("GET", urljoin(server.base + "/", answer.headers["Location"])))


def text_of(content: bytes) -> str:
    read = "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(content))
    return "".join(read.split())


def require_adverse(text: str, *said: str) -> None:
    """Check a document of the province against its addressee: it is numbered, names the remedies, and contains these texts."""
    assert text.startswith("广西壮族自治区科学技术厅文件桂科创联〔"), text
    missing = [part for part in (*said, "向广西壮族自治区人民政府申请行政复议", "提起行政诉讼") if part not in text]
    assert not missing, text
