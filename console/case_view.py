"""Data for the page of a case: the reader's task, and the changes since the last return, by section."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Kind of case → the vocabulary group with the names of the sections that an officer can name when returning the case.
SECTIONS: Mapping[str, str] = {"annual_report": "report_section", "participation": "participation_section"}


@dataclass(frozen=True, slots=True)
class ReaderTask:
    """The reader's task on the page of a case. `writes`: the reader may write an opinion. `signs`: the opinion takes effect when
    it is sent. `drafts`: the opinion is only a draft although the account has the role chief, too. `outcomes`: the conclusions
    from which the reader chooses. `waits`: the reader is a chief who must wait, because no officer has drafted an opinion yet."""

    writes: bool = False
    signs: bool = False
    drafts: bool = False
    waits: bool = False
    outcomes: tuple[str, ...] = ()


def part_of(review: Mapping[str, Any], account: Mapping[str, Any], draft: Mapping[str, Any] | None) -> ReaderTask:
    """Return the reader's task, derived from the actions that the API offers: to draft, to sign, or to return the case from the
    decision stage if a mandatory rule fails."""
    can = {action["id"] for action in review.get("actions", []) if action["allowed"]}
    roles, stage = set(account["roles"]), stage_of(review)
    action_ids = {action["id"] for action in review.get("actions", [])}
    if review["status"] != "open" or not action_ids & {"draft", "sign", "return"}:
        return ReaderTask()
    if review["stage"] == "expert_review":
        return ReaderTask()
    fails = any(
        finding["severity"] == "mandatory" and finding["status"] in ("fail", "needs_evidence") for finding in review["findings"]
    )
    to_sign = draft is not None and draft["by"] != account["username"]
    if review["stage"] == "decision":
        if "chief" in roles and "return" in action_ids and not ("officer" in roles and not to_sign and stage.get("four_eyes")):
            return ReaderTask(writes="return" in can or to_sign, signs=True, outcomes=("return",))
        proposals = ("pass", "return", "reject") if fails and review["kind"] == "formation" else ("pass", "reject")
        return ReaderTask("draft" in can and "officer" in roles, drafts="chief" in roles, outcomes=proposals)
    outcomes = tuple(stage.get("outcomes", ()))
    if "chief" in roles and (to_sign or not stage.get("four_eyes")):
        return ReaderTask(writes=True, signs=True, outcomes=outcomes)
    if "officer" in roles:
        return ReaderTask(writes="draft" in can, drafts="chief" in roles, outcomes=outcomes)
    return ReaderTask(writes=True, waits=True)


def stage_of(review: Mapping[str, Any]) -> dict[str, Any]:
    """Return the policy's definition of the case's present stage; empty if there is none."""
    return next((stage for stage in review.get("stages", []) if stage["stage"] == review["stage"]), {})


def frozen(review: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the content of the application that the review service stored with the case, for a page that cannot ask the
    application service. None if the case contains no such content."""
    content = review.get("content")
    if content is None:
        return None
    names = review["unit_names"]
    members = [{**member, "name": names.get(member["organisation"])} for member in content["members"]]
    return {**content, "frozen": True, "lead_name": review["lead"].get("name"), "members": members}


@dataclass(frozen=True, slots=True)
class Changed:
    """One section of a returned subject: the officer's comments on the section (empty if the return did not name it), and each
    change that the applicant made since."""

    section: str
    asked: tuple[str, ...]
    changes: tuple[dict[str, Any], ...]


def changed(review: Mapping[str, Any], diff: Mapping[str, Any] | None) -> list[Changed]:
    """Return first the sections that the last return named, in its order, even if they did not change; then all other changed
    sections."""
    if review["round"] < 2:
        return []
    comments: dict[str, list[str]] = {}
    for opinion in review["opinions"]:
        if opinion["outcome"] == "return" and opinion["signed"] and opinion["round"] == review["round"] - 1:
            for section in opinion["sections"]:
                comments.setdefault(section["section"], []).append(section["comment"])
    changes = {part["section"]: tuple(part["changes"]) for part in (diff or {"sections": []})["sections"]}
    names = [*comments, *(name for name in changes if name not in comments)]
    return [Changed(name, tuple(comments.get(name, ())), changes.get(name, ())) for name in names]
