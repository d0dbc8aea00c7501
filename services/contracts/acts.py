"""The event about an act that gets a document number (文号). The service that makes the act publishes it, and the documents
service assigns the number."""

from __future__ import annotations

from dataclasses import dataclass

from marshmallow import fields

from services.contracts.common import EventData, EventType
from services.contracts.payload import JsonObject, Payload


class ActMadeData(EventData):
    """A bureau made an act. `paper`: the kind of generated document that records the act. `act`: the act's id, bureau and day,
    and the act's own subject if it covers several cases (a list of decisions)."""

    paper = fields.String(required=True)
    act = fields.Dict(required=True)


@dataclass(frozen=True, kw_only=True)
class ActMade(Payload):
    paper: str
    act: dict[str, str]


def act_made(producer: str, paper: str, act: str, bureau: str = "450000") -> dict[str, EventType]:
    """Return the event type `<producer>.act_made`, with an example."""
    example: JsonObject = {"paper": paper, "act": {"id": act, "bureau": bureau, "on": "2026-03-23"}}
    return {f"{producer}.act_made": EventType(producer, ActMadeData, example, ActMade)}
