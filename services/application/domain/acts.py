"""The acts of the register that have a document number (文号): how each is told from every other of the same subject."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

Act = dict[str, str]


def decision_act(version: int, ended: str, bureau: str, made: Mapping[str, Any]) -> Act:
    """A decision on an application: the list where the decision is part of one, else the decision itself. One that follows upheld
    objections is another act than the one before it. `ended`: approved, declined or rejected."""
    act = {"bureau": bureau, "on": made["on"]}
    if ended == "approved" and made.get("list"):
        return act | {"id": made["list"]["id"], "subject": f"decision-list/{made['list']['id']}"}
    after = ".".join((made.get("objections") or ())[-1:])
    return act | {"id": f"{version}.{ended}.{made['on']}" + (f".{after}" if after else "")}


def change_act(version: int, bureau: str, made: Mapping[str, Any]) -> Act:
    return {"id": f"{version}.{made['outcome']}.{made['on']}", "bureau": bureau, "on": made["on"]}


def support_act(bureau: str, made: Mapping[str, Any]) -> Act:
    return {"id": f"{made['outcome']}.{made['on']}", "bureau": bureau, "on": made["on"]}
