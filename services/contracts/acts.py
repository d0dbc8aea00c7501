"""An act that gets a document number (文号): told by its owner when it is made, numbered by the documents service."""

from __future__ import annotations

from typing import Any

from marshmallow import fields

from services.contracts.common import EventData, EventType


class ActMadeData(EventData):
    """`paper`: the kind of paper that records the act. `act`: its id, bureau and day; its own subject where it covers several
    cases (a list of decisions)."""

    paper = fields.String(required=True)
    act = fields.Dict(required=True)


def act_made(producer: str, paper: str, act: str, bureau: str = "450000") -> dict[str, EventType]:
    """`<producer>.act_made`, with an example."""
    example: dict[str, Any] = {"paper": paper, "act": {"id": act, "bureau": bureau, "on": "2026-03-23"}}
    return {f"{producer}.act_made": EventType(producer, ActMadeData, example)}
