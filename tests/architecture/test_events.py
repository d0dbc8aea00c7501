"""The event types that the code publishes are those that services/contracts declares: each has a schema, an example that fits it,
and a consumer that names the event's producer."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from marshmallow import EXCLUDE

from deploy.composition import PARTIES, registry_of
from services.contracts.common import EventType
from services.kernel.audit import CHAINED

ROOT = Path(__file__).parents[2]
CONTRACTS = [
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in sorted((ROOT / "services/contracts").rglob("*.py"))
    if path.stem not in ("__init__", "common")
]
#: The type of the event that the kernel publishes for every service; it has no schema in services/contracts.
KERNEL_EVENTS = {"audit.sealed"}
#: Types of events that no service of the platform consumes, because they are for other systems only: an applicant whose
#: registration was refused has no account that could read a message.
FOR_OTHERS = {"registration.refused"}


def published() -> dict[str, EventType]:
    found: dict[str, EventType] = {}
    for name in CONTRACTS:
        found |= getattr(importlib.import_module(name), "EVENTS", {})
    return found


#: Name of a function that publishes an event → the position of the event's type among the function's arguments.
PUBLISHING = {
    "record_change": 1,
    "publish": 1,
    "publish_participation_event": 1,
    "publish_support_step": 1,
    "publish_revocation_event": 1,
    "publish_case_event": 2,
    "record": 2,
}


def emitted() -> Iterator[tuple[str, str]]:
    """Yield (file, event type) for every call of a function in PUBLISHING whose event type is a literal, in services and
    gateway."""
    for path in sorted([*ROOT.glob("services/**/*.py"), *ROOT.glob("gateway/**/*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            position = PUBLISHING.get(getattr(node.func, "id", None) or getattr(node.func, "attr", ""))
            if position is None or len(node.args) <= position:
                continue
            type = node.args[position]
            if isinstance(type, ast.Constant) and isinstance(type.value, str):
                yield str(path.relative_to(ROOT)), type.value


@pytest.mark.parametrize("type", sorted(published()))
def test_every_example_fits_its_schema(type: str) -> None:
    event = published()[type]
    event.data().load(event.example, unknown=EXCLUDE)


def test_every_event_that_is_emitted_is_published_language() -> None:
    known = set(published()) | KERNEL_EVENTS
    assert len(list(emitted())) > 50
    assert [(where, type) for where, type in emitted() if type not in known] == []


def test_every_published_event_is_emitted_somewhere() -> None:
    sources = "\n".join(
        path.read_text()
        for path in [*ROOT.glob("services/**/*.py"), *ROOT.glob("gateway/**/*.py")]
        if "contracts" not in path.parts
    )
    assert [type for type in published() if f'"{type}"' not in sources] == []


@pytest.mark.parametrize("service", PARTIES)
def test_every_reaction_hears_an_event_its_producer_publishes(service: str) -> None:
    events = published()
    for producer, type in registry_of(service).reactions:
        if type in KERNEL_EVENTS:
            assert producer in CHAINED
        else:
            assert events[type].producer == producer, f"{service} hears {type} from {producer}"


def test_every_event_has_a_consumer() -> None:
    heard = {type for service in PARTIES for _, type in registry_of(service).reactions}
    assert sorted(set(published()) - heard - FOR_OTHERS) == []
