"""The output of the demonstration: Chinese first, a short English line, the console's page that shows the step, and tables."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from typing import Any

from deploy.demo.client import Account, Refused, Server


def chapter(zh: str, en: str) -> None:
    """Print the title of a new part of the demonstration."""
    print(f"\n{'═' * 100}\n{zh}  ·  {en}\n{'═' * 100}", flush=True)


def tell(zh: str, en: str = "", *, see: str) -> None:
    """Print one step that was done. `see`: the console's page that shows it."""
    print(f"● {zh}", flush=True)
    if en:
        print(f"  {en}", flush=True)
    print(f"  ↗ {see}", flush=True)


def console(reader: Account | Server, path: str) -> str:
    """Return a page of the console and the account that opens it; a page without an account is open to all."""
    if isinstance(reader, Account):
        return f"{reader.server.base}{path}  （{reader.username}）"
    return f"{reader.base}{path}"


def show(text: str) -> None:
    """Print the platform's answer, indented."""
    for line in text.splitlines():
        print(f"    {line}", flush=True)


def table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """Print a table whose columns are as wide as their widest cell; Chinese characters count double."""
    cells = [[str(cell) for cell in row] for row in rows]
    widths = [max(_width(row[column]) for row in [list(head), *cells]) for column in range(len(head))]
    for row in [list(head), ["─" * width for width in widths], *cells]:
        line = "  ".join(cell + " " * (width - _width(cell)) for cell, width in zip(row, widths, strict=True))
        print("    " + line.rstrip(), flush=True)


def refused(act: Any, *args: Any, **kwargs: Any) -> Refused:
    """Run an action that the platform must refuse, print the refusal, and return the refusal."""
    try:
        act(*args, **kwargs)
    except Refused as refusal:
        show(f"✗ {refusal.status} {refusal.code}: {refusal.problem.get('detail')}")
        for finding in refusal.problem.get("findings", ()):
            if finding["status"] != "pass":
                show(f"  {finding['rule']} [{finding['citation']}] {brief(finding['message'])}")
        return refusal
    raise AssertionError("the platform accepted what it must refuse")


def brief(message: str) -> str:
    """Return a finding's message without its article and advice, so that it fits on a line."""
    text_shown = message.partition("（依据")[0]
    return text_shown if len(text_shown) <= 50 else text_shown[:49] + "…"


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(character) in "WF" else 1 for character in text)
