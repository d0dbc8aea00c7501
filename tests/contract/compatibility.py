"""Find the incompatible changes between an older OpenAPI or AsyncAPI document and a newer one."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

Json = dict[str, Any]
_METHODS = ("get", "post", "put", "patch", "delete")


def openapi_breaks(old: Json, new: Json) -> list[str]:
    """Return every operation, parameter, field and answer of `old` that `new` lacks, or for which `new` requires more."""
    return sorted(set(_operations(old, new)))


def asyncapi_breaks(old: Json, new: Json) -> list[str]:
    """Return every event of `old` that `new` lacks or publishes elsewhere, and every field of an event that `new` no longer
    guarantees."""
    return sorted(set(_events(old, new)))


def _operations(old: Json, new: Json) -> Iterator[str]:
    for path, methods in old["paths"].items():
        for method in _METHODS:
            if method not in methods:
                continue
            where = f"{method.upper()} {path}"
            if method not in new["paths"].get(path, {}):
                yield f"{where}: gone"
                continue
            yield from _operation(where, (old, methods[method]), (new, new["paths"][path][method]))


def _operation(where: str, before: tuple[Json, Json], after: tuple[Json, Json]) -> Iterator[str]:
    (old, was), (new, now) = before, after
    if taken := set(was.get("x-roles", [])) - set(now.get("x-roles", was.get("x-roles", []))):
        yield f"{where}: no longer for {', '.join(sorted(taken))}"
    if not was.get("security") and now.get("security"):
        yield f"{where}: no longer public"
    yield from _parameters(where, _named(old, was), _named(new, now), old, new)
    yield from _schema(f"{where} request", old, _body(old, was), new, _body(new, now), sent=True)
    for status, answer in was["responses"].items():
        if not status.startswith("2"):
            continue
        if status not in now["responses"]:
            yield f"{where}: no longer answers {status}"
            continue
        told, tells = _content(old, answer), _content(new, now["responses"][status])
        yield from _schema(f"{where} {status}", old, told, new, tells, sent=False)


def _parameters(where: str, was: dict[str, Json], now: dict[str, Json], old: Json, new: Json) -> Iterator[str]:
    for name, parameter in was.items():
        if name not in now:
            yield f"{where}: no longer takes {name}"
        else:
            yield from _schema(f"{where} {name}", old, parameter["schema"], new, now[name]["schema"], sent=True)
    for name, parameter in now.items():
        if parameter.get("required") and not was.get(name, {}).get("required"):
            yield f"{where}: now needs {name}"


def _schema(where: str, old: Json, was: Json | None, new: Json, now: Json | None, *, sent: bool, depth: int = 0) -> Iterator[str]:
    """Yield the breaks between two schemas. In data that clients send (`sent`), the new schema must not require more; in data
    that clients receive, it must not guarantee less."""
    if was is None or depth > 12:
        if sent and was is None and now is not None and _required(new, now):
            yield f"{where}: now needs a body"
        return
    if now is None:
        yield f"{where}: gone"
        return
    was, now = _resolved(old, was), _resolved(new, now)
    kinds, allowed = _kinds(was), _kinds(now)
    narrower, wider = (kinds - allowed, set()) if sent else (set(), allowed - kinds)
    if kinds and allowed and (narrower or wider):
        yield f"{where}: was {'/'.join(sorted(kinds))}, is {'/'.join(sorted(allowed))}"
    if sent and "enum" in now and (lost := set(map(str, was.get("enum", []))) - set(map(str, now["enum"]))):
        yield f"{where}: no longer takes {', '.join(sorted(lost))}"
    needs = set(now.get("required", [])) - set(was.get("required", []))
    if sent and needs:
        yield f"{where}: now needs {', '.join(sorted(needs))}"
    if not sent and (unsure := set(was.get("required", [])) - set(now.get("required", []))):
        yield f"{where}: no longer always tells {', '.join(sorted(unsure))}"
    for name, member in was.get("properties", {}).items():
        if name not in now.get("properties", {}):
            yield f"{where}/{name}: gone"
        else:
            yield from _schema(f"{where}/{name}", old, member, new, now["properties"][name], sent=sent, depth=depth + 1)
    if "items" in was and "items" in now:
        yield from _schema(f"{where}/*", old, was["items"], new, now["items"], sent=sent, depth=depth + 1)


def _events(old: Json, new: Json) -> Iterator[str]:
    for name, channel in old["channels"].items():
        if name not in new["channels"]:
            yield f"{name}: gone"
            continue
        now = new["channels"][name]
        if (channel["address"], channel["bindings"]) != (now["address"], now["bindings"]):
            yield f"{name}: comes another way"
        payload, present = (document["components"]["messages"][name]["payload"] for document in (old, new))
        for part, then in zip(payload["allOf"], present["allOf"], strict=True):
            yield from _schema(name, old, part, new, then, sent=False)


def _named(document: Json, operation: Json) -> dict[str, Json]:
    found = [_resolved(document, parameter) for parameter in operation.get("parameters", [])]
    return {f"{parameter['in']} {parameter['name']}": parameter for parameter in found}


def _body(document: Json, operation: Json) -> Json | None:
    return _content(document, operation["requestBody"]) if "requestBody" in operation else None


def _content(document: Json, carrier: Json) -> Json | None:
    content = _resolved(document, carrier).get("content", {})
    return next((media["schema"] for media in content.values() if "schema" in media), None)


def _required(document: Json, schema: Json) -> bool:
    return bool(_resolved(document, schema).get("required"))


def _resolved(document: Json, schema: Json) -> Json:
    while "$ref" in schema:
        found: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        schema = found
    return schema


def _kinds(schema: Json) -> set[str]:
    kinds = schema.get("type")
    if kinds is None and "anyOf" in schema:
        return set()
    found = {kinds} if isinstance(kinds, str) else set(kinds or ())
    return found | ({"number"} if "integer" in found else set())
