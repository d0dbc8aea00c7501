"""The names of a service on the bus: the queues that it consumes, their bindings, and its exchanges."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.kernel.identity import PROVINCE
from services.kernel.registry import PER_BUREAU, Registry


@dataclass(frozen=True, slots=True)
class Binding:
    """An event queue and its (exchange, binding key) pairs. `bureau` is the queue's bureau if the service has one queue per
    bureau."""

    queue: str
    keys: tuple[tuple[str, str], ...]
    bureau: str | None = None


def bindings_of(registry: Registry, bureaus: Sequence[str], all_bureaus: Sequence[str]) -> list[Binding]:
    """Return the event queues of these bureaus with their bindings or, for a service that does not run per bureau, its only event
    queue."""
    if not registry.per_bureau:
        keys = [
            (exchange, f"{type}.*") for producer, type in registry.reactions for exchange in _exchanges(producer, all_bureaus)
        ]
        return [Binding(f"{registry.service}.all", tuple(keys))]
    return [Binding(f"{registry.service}.{bureau}", tuple(_keys_of(registry, bureau, all_bureaus)), bureau) for bureau in bureaus]


def _keys_of(registry: Registry, bureau: str, all_bureaus: Sequence[str]) -> Iterator[tuple[str, str]]:
    for (producer, type), reactions in registry.reactions.items():
        for exchange in _exchanges(producer, all_bureaus):
            for scope in {reaction.scope for reaction in reactions}:
                if scope == "addressed":
                    yield exchange, f"{type}.{bureau}"
                elif bureau == PROVINCE:
                    yield exchange, f"{type}.*"


def _exchanges(producer: str, all_bureaus: Sequence[str]) -> list[str]:
    return [f"{producer}.{bureau}" for bureau in all_bureaus] if producer in PER_BUREAU else [producer]
