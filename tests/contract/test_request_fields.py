"""Every field of every request's body cleans typed text by the common rules, and limits dates and times to the same years."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from marshmallow import Schema, ValidationError, fields

from gateway import routes
from gateway.http.blueprint import Blueprint
from services.contracts.common import Body, code, text
from services.contracts.text_fields import Cleaned, Read, Text, verbatim
from services.contracts.time_fields import Day, Moment
from tests.contract.routes import gateway_without_services

#: Characters that cannot be seen: a direction override, a zero-width space, a control character, a byte-order mark, a
#: noncharacter.
INVISIBLE = "\u202e\u200b\x07\ufeff\ufffe"
#: Texts that are stored exactly as they are typed: passwords; the name typed at a login (the identity service cleans it); the
#: keys of scores, which are words of a stored rubric; a file's name, which distinguishes documents; and the round of a support
#: request, which is the id of its call.
VERBATIM = {"password", "current", "new", "username", "scores", "filename", "round", "token"}
#: Texts that an identity provider and its client exchange; people do not type them.
EXCHANGED = {"CodeExchange.code", "CodeExchange.code_verifier", "CodeExchange.redirect_uri", "CodeExchange.nonce"}


@dataclass(frozen=True, slots=True)
class Leaf:
    where: str
    name: str
    field: fields.Field[Any]


def _subclasses(of: type[Body]) -> Iterator[type[Body]]:
    for below in of.__subclasses__():
        yield below
        yield from _subclasses(below)


def _leaves(field: fields.Field[Any], where: str, name: str) -> Iterator[Leaf]:
    inner = [getattr(field, part, None) for part in ("inner", "key_field", "value_field")]
    if any(inner):
        for below in filter(None, inner):
            yield from _leaves(below, where, name)
    elif not isinstance(field, fields.Nested):
        yield Leaf(where, name, field)


def _all() -> list[Leaf]:
    for module in pkgutil.iter_modules(routes.__path__, f"{routes.__name__}."):
        importlib.import_module(module.name)
    schemas = {schema for schema in _subclasses(Body) if schema.__module__.startswith("services.contracts")}
    return [
        leaf
        for schema in sorted(schemas, key=lambda schema: schema.__name__)
        for name, field in schema().fields.items()
        for leaf in _leaves(field, f"{schema.__name__}.{name}", name)
    ]


LEAVES = _all()
TEXTS = [leaf for leaf in LEAVES if isinstance(leaf.field, Text)]
TIMES = [leaf for leaf in LEAVES if isinstance(leaf.field, Day | Moment)]


def test_there_are_fields_of_every_kind() -> None:
    assert len(TEXTS) > 200
    assert {type(leaf.field) for leaf in TIMES} == {Day, Moment}


@pytest.mark.parametrize("leaf", TEXTS, ids=lambda leaf: leaf.where)
def test_a_text_loses_what_cannot_be_seen_before_it_is_checked(leaf: Leaf) -> None:
    field = leaf.field
    assert isinstance(field, Text)
    if field.clean is verbatim and not isinstance(field, Read):
        assert leaf.name in VERBATIM or leaf.where in EXCHANGED
        return
    typed = {"bad_uscc": "9145010027MA25530C", "bad_phone": "0771-5886000", "bad_email": "li@example.cn"}
    plain = typed[field.said.code] if isinstance(field, Read) else "糖业"
    read = field.read if isinstance(field, Read) else field.clean
    assert read(f" {INVISIBLE}{plain}{INVISIBLE} ") == plain


@pytest.mark.parametrize("leaf", TEXTS, ids=lambda leaf: leaf.where)
def test_a_nul_is_refused_at_its_field(leaf: Leaf) -> None:
    with pytest.raises(ValidationError) as refused:
        leaf.field.deserialize("a\x00b")
    assert [said.code for said in refused.value.messages] == ["bad_character"]


@pytest.mark.parametrize("leaf", TIMES, ids=lambda leaf: leaf.where)
@pytest.mark.parametrize("day", ["9999-12-31", "2200-01-01", "1899-12-31", "0001-01-01"])
def test_a_day_or_moment_outside_the_years_is_refused_at_its_field(leaf: Leaf, day: str) -> None:
    with pytest.raises(ValidationError) as refused:
        leaf.field.deserialize(day if isinstance(leaf.field, Day) else f"{day}T23:59:59+08:00")
    assert [said.code for said in refused.value.messages] == ["date_out_of_range"]


@pytest.mark.parametrize("leaf", TIMES, ids=lambda leaf: leaf.where)
@pytest.mark.parametrize("typed", ["20260203", "2026-W05-1", "2026-12-31 23:59:59+08:00", "2026-12-31T23:59:59", 20260203])
def test_what_only_resembles_a_day_or_moment_is_refused(leaf: Leaf, typed: Any) -> None:
    with pytest.raises(ValidationError) as refused:
        leaf.field.deserialize(typed)
    assert [said.code for said in refused.value.messages] in (["not_date"], ["not_instant"])


@pytest.mark.parametrize(
    "raw", [fields.String(), fields.Date(), fields.AwareDateTime(), fields.List(fields.String()), fields.Dict()]
)
def test_a_request_cannot_have_a_field_that_cleans_nothing(raw: fields.Field[Any]) -> None:
    careless = type("Careless", (Body,), {"name": raw})
    with pytest.raises(TypeError):
        careless()


def test_a_route_cannot_take_a_schema_that_is_no_body() -> None:
    with pytest.raises(TypeError):
        Blueprint("careless", __name__).arguments(Schema)


def test_no_member_of_a_request_has_the_name_of_a_part_of_the_path() -> None:
    # A field with the name of a path parameter would replace the parameter, because the view gets both as keyword arguments.
    app = gateway_without_services()
    clashes = [
        f"{rule.rule}: {member}"
        for rule in app.url_map.iter_rules()
        for parameter in getattr(app.view_functions[rule.endpoint], "_apidoc", {}).get("arguments", {}).get("parameters", ())
        for member in rule.arguments & set(parameter["schema"].fields)
    ]
    assert clashes == []


def test_every_text_within_an_object_of_open_shape_is_cleaned() -> None:
    given = {"\u200b标题": [" 糖\u202e业 ", {"a": "第一段\r\n第二段"}], "n": 1}
    assert Cleaned().deserialize(given) == {"标题": ["糖业", {"a": "第一段\n第二段"}], "n": 1}
    with pytest.raises(ValidationError):
        Cleaned().deserialize({"a": ["\x00"]})


def test_only_long_texts_have_several_lines_and_codes_have_no_blanks() -> None:
    typed = "第一行\n第二行"
    assert text(200).deserialize(typed) == "第一行第二行"
    assert text(4000).deserialize(typed) == typed
    assert code(20).deserialize("４５０ ２００") == "450200"
