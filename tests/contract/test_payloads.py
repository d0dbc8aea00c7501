"""The Python types and the schemas of the published language agree: the payload of each event, and the TypedDict of each
answer."""

from __future__ import annotations

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, is_typeddict

import pytest
from marshmallow import Schema

from deploy.composition import PARTIES, registry_of
from services.contracts import pages
from services.contracts.common import EventType
from services.contracts.payload import Payload
from tests.architecture.test_events import published
from tests.contract.agreement import answer_differences, part_differences, payload_differences

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "services/contracts"
EVENTS = published()
TYPED = sorted(type for type, event in EVENTS.items() if event.payload)


def modules() -> Iterator[tuple[str, Any]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        yield name, importlib.import_module(name)


def schemas() -> dict[tuple[str, str], type[Schema]]:
    """Return the schemas, keyed by package and class name."""
    return {
        (name.rpartition(".")[0], each.__name__): each
        for name, module in modules()
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Schema) and each.__module__ == name
    }


def part_types() -> list[tuple[str, type[Payload]]]:
    """Return each type of a part of a request (`…Part`), with its package."""
    return [
        (name.rpartition(".")[0], each)
        for name, module in modules()
        for each in vars(module).values()
        if isinstance(each, type) and issubclass(each, Payload) and each.__module__ == name and each.__name__.endswith("Part")
    ]


def sources(service: str) -> list[Path]:
    return sorted((ROOT / "services" / service).rglob("*.py"))


def answer_types() -> list[tuple[str, Any]]:
    """Return each type of an answer (`…Dict`), with its package. The types of pages are left out: they are generic, and `page_of`
    creates their schemas."""
    return [
        (name.rpartition(".")[0], each)
        for name, module in modules()
        for each in vars(module).values()
        if is_typeddict(each) and each.__module__ == name != pages.__name__ and each.__name__.endswith("Dict")
    ]


def test_every_event_type_has_a_payload() -> None:
    assert {type for type in EVENTS if type not in TYPED} == set()


@pytest.mark.parametrize("type", TYPED)
def test_a_payload_has_the_members_of_its_schema(type: str) -> None:
    event = EVENTS[type]
    assert event.payload
    assert list(payload_differences(event.payload, event.data)) == []


@pytest.mark.parametrize("type", TYPED)
def test_a_payload_writes_the_example_as_it_was_read(type: str) -> None:
    event: EventType = EVENTS[type]
    assert event.payload
    names = {field.data_key or name for name, field in event.data().fields.items()}
    known = {name: value for name, value in event.example.items() if name in names}
    assert event.payload.from_dict(event.example).to_dict() == known


@pytest.mark.parametrize("service", PARTIES)
def test_a_reaction_reads_members_that_its_events_have(service: str) -> None:
    """The payload type that a reaction declares can be read from the example of every event to which it reacts."""
    for (_, type), reactions in registry_of(service).reactions.items():
        for reaction in reactions:
            if reaction.payload and type in EVENTS:
                assert reaction.payload.from_dict(EVENTS[type].example)


@pytest.mark.parametrize(("package", "part"), part_types(), ids=lambda each: getattr(each, "__name__", ""))
def test_a_part_of_a_request_has_the_members_of_its_schema(package: str, part: type[Payload]) -> None:
    """A type is named after its schema in the same package: `WrittenObjectionPart` after `WrittenObjection`."""
    schema = schemas().get((package, part.__name__.removesuffix("Part")))
    assert schema, f"no schema for {part.__name__}"
    assert list(part_differences(part, schema)) == []


@pytest.mark.parametrize("service", PARTIES)
def test_the_reactions_of_a_service_name_the_payload_that_they_read(service: str) -> None:
    assert [str(path) for path in sources(service) if "Event[Any]" in path.read_text()] == []


@pytest.mark.parametrize(("package", "answer"), answer_types(), ids=lambda each: getattr(each, "__name__", ""))
def test_an_answer_type_has_the_members_of_its_schema(package: str, answer: Any) -> None:
    """A type is named after its schema in the same package: `ObjectionAnswerDict` after `ObjectionAnswer`."""
    schema = schemas().get((package, answer.__name__.removesuffix("Dict")))
    assert schema, f"no schema for {answer.__name__}"
    assert list(answer_differences(answer, schema)) == []
