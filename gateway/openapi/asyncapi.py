"""The AsyncAPI 3 document of the events, generated from the published event schemas."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin

from services import contracts
from services.contracts.common import EventType
from services.contracts.envelope import Envelope
from services.contracts.payload import JsonObject
from services.kernel.registry import PER_BUREAU

PATH = "/api/v1/asyncapi.json"


def published() -> dict[str, EventType]:
    """Return every event type of every publisher, by name."""
    event_types: dict[str, EventType] = {}
    for module in pkgutil.walk_packages(contracts.__path__, f"{contracts.__name__}."):
        event_types |= getattr(importlib.import_module(module.name), "EVENTS", {})
    return dict(sorted(event_types.items()))


def document() -> JsonObject:
    """Return the document: each event type is a channel of its producer's exchange, with its message, its data and an example."""
    events = published()
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "桂创 Guichuang: 事件 events",
            "version": "1",
            "description": (
                "平台各服务发布的事件。主题交换机按发布者命名，路由键为“事件类型.主送部门”；同一对象的事件按 sequence 排序；"
                "同一版本的内容只增不减，消费者应忽略不认识的字段。\n\n"
                "The events the platform's services publish: a topic exchange for each producer, the routing key is the type and "
                "the bureau addressed. Events of a subject are ordered by `sequence`. A version is only ever added to; ignore "
                "what you do not know."
            ),
        },
        "defaultContentType": "application/json",
        "channels": {name: _channel(name, event) for name, event in events.items()},
        "operations": {f"publish.{name}": {"action": "send", "channel": {"$ref": f"#/channels/{name}"}} for name in events},
        "components": {
            "messages": {name: _message(name, event) for name, event in events.items()},
            "schemas": _schemas(events),
        },
    }


def _channel(name: str, event: EventType) -> JsonObject:
    exchange = f"{event.producer}.{{origin}}" if event.producer in PER_BUREAU else event.producer
    parameters = {"bureau": {"description": "主送部门代码 · code of the bureau addressed"}}
    return {
        "address": f"{name}.{{bureau}}",
        "parameters": parameters,
        "messages": {name: {"$ref": f"#/components/messages/{name}"}},
        "bindings": {
            "amqp": {"is": "routingKey", "exchange": {"name": exchange, "type": "topic", "durable": True, "autoDelete": False}}
        },
    }


def _message(name: str, event: EventType) -> JsonObject:
    summary = " ".join((event.data.__doc__ or "").strip().partition("\n\n")[0].split())
    return {
        "name": name,
        "title": name,
        **({"summary": summary} if summary else {}),
        "contentType": "application/json",
        "payload": {
            "allOf": [
                {"$ref": "#/components/schemas/Envelope"},
                {
                    "type": "object",
                    "properties": {
                        "type": {"const": name},
                        "producer": {"type": "string", "pattern": f"^{event.producer}(\\..+)?$"},
                        "data": {"$ref": f"#/components/schemas/{_class_name(name)}"},
                    },
                },
            ]
        },
        "examples": [{"name": "data", "payload": {"type": name, "data": event.example}}],
    }


def _schemas(events: dict[str, EventType]) -> JsonObject:
    spec = APISpec("events", "1", "3.1.0", plugins=[MarshmallowPlugin(schema_name_resolver=_schema_name)])
    spec.components.schema("Envelope", schema=Envelope)
    for name, event in events.items():
        spec.components.schema(_class_name(name), schema=_own_schema(name, event))
    schemas: JsonObject = spec.to_dict()["components"]["schemas"]
    return schemas


def _own_schema(name: str, event: EventType) -> Any:
    """Return a separate schema class for this event, because several events may use one class."""
    return type(_class_name(name), (event.data,), {"__doc__": event.data.__doc__})


def _class_name(name: str) -> str:
    """Turn the name of an event type into that of a class: `application.submitted` → `ApplicationSubmitted`."""
    return "".join(part.capitalize() for part in name.replace("_", ".").split("."))


def _schema_name(schema: Any) -> str:
    cls = schema if isinstance(schema, type) else type(schema)
    return str(cls.__name__).lstrip("_")
