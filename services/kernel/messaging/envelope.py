"""The envelope of an event: the fields that every event has, whichever service published it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from services.contracts.payload import JsonObject, Payload
from services.kernel.identity import Stamp

D = TypeVar("D", covariant=True)
P = TypeVar("P", bound=Payload)


@dataclass(frozen=True, slots=True)
class Event(Generic[D]):
    """An event. `sequence`: the number of the event among those of the same producer and subject. `bureau` is the bureau to which
    it is addressed, `recommender` the case's home bureau. `actor` is `{"username", "role", "bureau", "organisation"}`. `trace` is
    the `traceparent` of the operation that caused the event, if traces are on."""

    id: str
    type: str
    version: int
    occurred_at: datetime
    producer: str
    subject: str
    bureau: str
    recommender: str | None
    sequence: int
    actor: Stamp
    correlation_id: str
    causation_id: str | None
    data: D
    trace: str | None = None

    @property
    def routing_key(self) -> str:
        """Return `<type>.<bureau addressed>`, the routing key by which the broker distributes the event to queues."""
        return f"{self.type}.{self.bureau}"

    @property
    def subject_id(self) -> str:
        """Return the id in a subject such as `application/<id>`."""
        return self.subject.partition("/")[2]

    def to_json(self) -> str:
        data = {name: getattr(self, name) for name in _FIELDS}
        data["occurred_at"] = self.occurred_at.isoformat()
        if self.trace is None:
            del data["trace"]
        return json.dumps(data, ensure_ascii=False, separators=(",", ":"))

    @staticmethod
    def from_json(text: str | bytes) -> Event[JsonObject]:
        """Parse an event. Unknown fields are ignored, because a newer version may send additional ones."""
        data = json.loads(text)
        data["occurred_at"] = datetime.fromisoformat(data["occurred_at"])
        return Event(**{name: data[name] for name in _FIELDS if name in data})


def read_as(event: Event[JsonObject], payload: type[P]) -> Event[P]:
    """Return the event with its data read as this payload class. Raises ValueError if the data lack a member."""
    return Event(**{name: getattr(event, name) for name in _FIELDS} | {"data": payload.from_dict(event.data)})


_FIELDS = tuple(Event.__dataclass_fields__)
