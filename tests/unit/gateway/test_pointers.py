"""Every mistake in an input is reported with its JSON pointer, a code and a text in both languages."""

from __future__ import annotations

from typing import Any

import pytest
from marshmallow import ValidationError, fields

from gateway.http.json_pointers import field_errors
from services.contracts.common import Body, Uscc, text, whole


class Line(Body):
    uscc = Uscc(required=True)
    staff = whole()


class Order(Body):
    name = text(5, required=True)
    lines = fields.List(fields.Nested(Line))
    one = fields.Nested(Line)
    words = fields.Dict(keys=text(20), values=text(3))
    tags = fields.List(text(3))


def pointers(body: Any) -> dict[str, str]:
    with pytest.raises(ValidationError) as caught:
        Order().load(body)
    return {error.pointer: error.code for error in field_errors(caught.value.messages, Order())}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, {"/name": "required"}),
        ({"name": "too long"}, {"/name": "text_length"}),
        ({"name": None}, {"/name": "null"}),
        ({"name": "a", "extra": 1}, {"/extra": "unknown_field"}),
        ({"name": "a", "lines": [{"uscc": "91450200MA5KAAAA09"}, {"uscc": "x"}]}, {"/lines/1/uscc": "bad_uscc"}),
        ({"name": "a", "lines": [7]}, {"/lines/0": "not_object"}),
        ({"name": "a", "one": {"uscc": "91450200MA5KAAAA09", "staff": -1}}, {"/one/staff": "out_of_range"}),
        ({"name": "a", "words": {"a/b": "long"}}, {"/words/a~1b": "text_length"}),
        ({"name": "a", "tags": ["ok", "long"]}, {"/tags/1": "text_length"}),
        ([], {"": "not_object"}),
    ],
)
def test_each_mistake_is_named_where_it_is(body: Any, expected: dict[str, str]) -> None:
    assert pointers(body) == expected


def test_a_mistake_is_told_in_both_languages() -> None:
    with pytest.raises(ValidationError) as caught:
        Order().load({})
    (error,) = field_errors(caught.value.messages, Order())
    assert (error.text.zh, error.text.en) == ("此项必填。", "This field is required.")


def test_a_message_without_a_code_still_has_one() -> None:
    (error,) = field_errors({"name": ["odd"]}, None)
    assert (error.pointer, error.code, error.text.en) == ("/name", "wrong_type", "odd")
