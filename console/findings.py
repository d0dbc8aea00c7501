"""The verdict of an application as pages show it: failed rules first, each with what is there, what is asked, and the margin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

#: In which section a rule's remedy is found, where the API names no place.
_SECTIONS = {"C": "members", "L": "lead", "M": "members", "O": "systems", "D": "papers", "I": "members"}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Findings by what they ask of the reader."""

    mandatory: list[dict[str, Any]]
    in_principle: list[dict[str, Any]]
    evidence: list[dict[str, Any]]
    passed: list[dict[str, Any]]

    @classmethod
    def of(cls, findings: list[dict[str, Any]]) -> Verdict:
        shown = [finding | {"section": section_of(finding), "gauge": gauge(finding)} for finding in findings]
        failed = [finding for finding in shown if finding["status"] == "fail"]
        return cls(
            [finding for finding in failed if finding["severity"] == "mandatory"],
            [finding for finding in failed if finding["severity"] != "mandatory"],
            [finding for finding in shown if finding["status"] == "needs_evidence"],
            [finding for finding in shown if finding["status"] in ("pass", "waived")],
        )

    @property
    def blocking(self) -> int:
        """How many mandatory rules keep it from being submitted; evidence that a mandatory rule waits for counts."""
        waiting = [finding for finding in self.evidence if finding["severity"] == "mandatory"]
        return len(self.mandatory) + len(waiting)


def section_of(finding: dict[str, Any]) -> str:
    """The section of the form where a finding can be mended."""
    place = str(finding.get("at") or "").strip("/").split("/")[0]
    by_member = {
        "members": "members",
        "operating_systems": "systems",
        "goals": "goals",
        "documents": "papers",
        "chief_scientist": "scientist",
        "name": "basics",
        "recommender": "basics",
        "lead": "lead",
    }
    return by_member.get(place) or _SECTIONS.get(finding["rule"][:1], "basics")


def gauge(finding: dict[str, Any]) -> tuple[float, float] | None:
    """Widths in per cent of what is there and of what is asked, where both are numbers; None otherwise."""
    have, need = _number(finding.get("observed")), _number(finding.get("required"))
    if have is None or not need or need < 0:
        return None
    top = max(have, need) * 1.25
    return round(100 * have / top, 1), round(100 * need / top, 1)


def _number(value: Any) -> float | None:
    text = str(value).strip().rstrip("%") if value is not None else ""
    try:
        return float(text)
    except ValueError:
        return None
