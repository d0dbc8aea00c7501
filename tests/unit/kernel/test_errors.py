"""A refusal has the same content after it was transported over the bus."""

import json

import pytest

from services.kernel.errors import DomainError, FieldError, Invalid, Text, Unavailable


@pytest.mark.parametrize("kind", sorted(DomainError.kinds))
def test_every_kind_travels_with_code_text_and_details(kind: str) -> None:
    raised = DomainError.kinds[kind]("some_code", "中文", "English", retry_after=7)
    raised.errors = (FieldError("/members/0", "bad", Text("错", "bad")),)
    arrived = DomainError.from_dict(json.loads(json.dumps(raised.to_dict())))
    assert type(arrived) is type(raised)
    assert (arrived.code, arrived.text, arrived.errors, arrived.details) == (
        raised.code,
        raised.text,
        raised.errors,
        raised.details,
    )


def test_unavailable_says_when_to_try_again() -> None:
    assert Unavailable().details == {"retry_after": 2}


def test_a_field_error_names_its_pointer() -> None:
    error = Invalid.field("/lead", "unknown", "没有该单位", "no such organisation")
    assert error.to_dict()["errors"][0]["pointer"] == "/lead"
