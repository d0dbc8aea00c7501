"""The table of faults in docs/operations/symptoms.md. When a test causes a fault, the fault's row must equal the doctor's
finding."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from pathlib import Path

from deploy import k8s
from deploy.doctor import Finding

PAGE = Path(k8s.__file__).parents[2] / "docs/operations/symptoms.md"
#: The name of an environment variable. If it is set, the tests write the page's rows instead of comparing them.
WRITE = "WRITE_SYMPTOMS"

_ROW = re.compile(r"^\| (?P<fault>[^|]+) \| (?!---)[^|]+ \| [^|]+ \|$", re.MULTILINE)
_ANY = (
    (re.compile(r"(?<![\w.])/\S*/(?=keys\b|objects\b|platform\b)"), "var/"),
    (re.compile(r"\d{4}-\d\d-\d\d( \d\d:\d\d)?"), "DATE"),
    (re.compile(r"(?<=\w):\d{4,5}\b|(?<=port )\d+"), ":PORT"),
    (re.compile(r"connection failed: .*"), "connection failed …"),
    (re.compile(r"HTTPConnectionPool.*"), "…"),
    (re.compile(r"\b\d+ (?=s\b|wait\b|events wait\b|secrets)"), "N "),
)


def told(found: Iterable[Finding]) -> list[Finding]:
    """Return the findings that report a fault, the worst first, as the report prints them."""
    return [symptom for symptom in found if symptom.wrong]


def check(fault: str, wrong: list[Finding]) -> None:
    """Check that the page's row for this fault contains the first of the doctor's findings `wrong`, with its advice."""
    row = _row(fault, wrong[0])
    text = PAGE.read_text(encoding="utf-8")
    if os.environ.get(WRITE):
        PAGE.write_text(_with(text, fault, row), encoding="utf-8")
        return
    assert row in text.splitlines(), f"docs/operations/symptoms.md has no such row; run this test with {WRITE}=1:\n{row}"


def faults() -> set[str]:
    """Return the faults that docs/operations/symptoms.md lists."""
    return {found["fault"] for found in _ROW.finditer(PAGE.read_text(encoding="utf-8"))} - {"fault"}


def _row(fault: str, symptom: Finding) -> str:
    return f"| {fault} | {_general(symptom.where)}: {_general(symptom.what)} | {_general(symptom.advice)} |"


def _general(text: str) -> str:
    for pattern, words in _ANY:
        text = pattern.sub(words, text)
    return text.replace("|", "\\|")


def _with(text: str, fault: str, row: str) -> str:
    for found in _ROW.finditer(text):
        if found["fault"] == fault:
            return text.replace(found[0], row)
    return f"{text.rstrip()}\n{row}\n"
