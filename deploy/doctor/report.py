"""The doctor's report: the worst findings first, then the parts without faults in short form."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import fields

from deploy.doctor.checks import examine
from deploy.doctor.finding import Finding, Grade
from services.kernel.settings import Settings, masked

_MARKS = {Grade.WRONG: "✗", Grade.SOON: "!"}


def report(settings: Settings, *, as_json: bool = False) -> int:
    """Print the findings and return the number of faults."""
    findings = sorted(examine(settings), key=lambda symptom: -symptom.grade)
    print(_as_json(findings) if as_json else "\n".join(_lines(findings)))
    return sum(symptom.wrong for symptom in findings)


def _lines(findings: Iterable[Finding]) -> Iterable[str]:
    """Yield the lines of the report. A finding that is the same for several parts is printed once."""
    ill: dict[tuple[Grade, str, str], list[str]] = {}
    well: dict[str, list[str]] = {}
    for symptom in findings:
        if symptom.grade is Grade.WELL:
            well.setdefault(symptom.where, []).append(symptom.what)
        else:
            ill.setdefault((symptom.grade, symptom.what, symptom.advice), []).append(symptom.where)
    yield _summary([grade for grade, _, _ in ill])
    for (grade, problem, advice), parts in ill.items():
        yield f"{_MARKS[grade]} {', '.join(parts)}: {problem}"
        yield f"    → {advice}"
    for part, remarks in well.items():
        yield f"✓ {part}: {'; '.join(remarks)}"


def _summary(grades: list[Grade]) -> str:
    wrong_count, soon_count = grades.count(Grade.WRONG), grades.count(Grade.SOON)
    if wrong_count:
        return f"{wrong_count} wrong{f', {soon_count} to look at' if soon_count else ''}. Begin with the first."
    return f"Nothing is broken; {soon_count} to look at." if soon_count else "All is well."


def _as_json(findings: Iterable[Finding]) -> str:
    entries = [
        {"where": symptom.where, "grade": symptom.grade.name.lower(), "what": symptom.what, "advice": symptom.advice}
        for symptom in findings
    ]
    return json.dumps(entries, ensure_ascii=False, indent=2)


def environment(settings: Settings) -> None:
    """Print every setting with its present value (secrets hidden) and its purpose."""
    for field in fields(settings):
        value = getattr(settings, field.name)
        print(f"{field.metadata['env']}={masked(field.name, value)}\n    {field.metadata['about']}")
