"""Identify the acts that get a document number (文号), so that each act of a subject is distinguished from its other acts."""

from __future__ import annotations

from typing import NotRequired, TypedDict

from services.contracts.application.application_responses import DecisionList

Act = dict[str, str]


class DecisionMade(TypedDict):
    """The parts of a decision on an application that identify its act."""

    on: str
    objections: NotRequired[list[str]]
    list: NotRequired[DecisionList]


class OutcomeMade(TypedDict):
    """The parts of a decision on a change or a support request that identify its act."""

    outcome: str
    on: str


def decision_act(version: int, ended: str, bureau: str, decision: DecisionMade) -> Act:
    """Return the identity of a decision on an application: the identity of the decision list if the decision is part of one,
    otherwise the decision's own identity. A decision that follows upheld objections is a different act from the decision before
    it. `ended`: approved, declined or rejected."""
    act = {"bureau": bureau, "on": decision["on"]}
    if ended == "approved" and (listed := decision.get("list")):
        return act | {"id": listed["id"], "subject": f"decision-list/{listed['id']}"}
    after = ".".join((decision.get("objections") or ())[-1:])
    return act | {"id": f"{version}.{ended}.{decision['on']}" + (f".{after}" if after else "")}


def change_act(version: int, bureau: str, outcome: OutcomeMade) -> Act:
    return {"id": f"{version}.{outcome['outcome']}.{outcome['on']}", "bureau": bureau, "on": outcome["on"]}


def support_act(bureau: str, outcome: OutcomeMade) -> Act:
    return {"id": f"{outcome['outcome']}.{outcome['on']}", "bureau": bureau, "on": outcome["on"]}
