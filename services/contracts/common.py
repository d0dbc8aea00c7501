"""The parts that all schemas share: base classes of request bodies, answers, pages and events, and fields of the domain such as
money."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate

from services.contracts.field_messages import NOT_BOOLEAN, NOT_OBJECT, NULL, REQUIRED, UNKNOWN, WRONG_TYPE, FieldMessage
from services.contracts.payload import JsonObject, Payload
from services.contracts.text_fields import Cleaned, Codes, Region, Text, Uscc, code, one_of, search_words, secret, text
from services.contracts.time_fields import Day, Moment
from services.input.dates import FIRST_YEAR, LAST_YEAR
from services.input.text import clean_code, fold

__all__ = [
    "NULL",
    "REQUIRED",
    "UNKNOWN",
    "WRONG_TYPE",
    "Answer",
    "Body",
    "Citation",
    "Cleaned",
    "Codes",
    "Cursor",
    "Day",
    "EventData",
    "EventType",
    "FieldMessage",
    "Flag",
    "Moment",
    "Money",
    "Page",
    "Region",
    "Text",
    "Uscc",
    "code",
    "one_of",
    "page_of",
    "search_words",
    "secret",
    "text",
    "whole",
    "year",
]

#: Field classes of marshmallow that would accept typed text, days or instants without cleaning them. A request body must not use
#: them.
_RAW = (fields.String, fields.Date, fields.AwareDateTime, fields.DateTime, fields.Dict)


class Body(Schema):
    """The base of every request body and query. Unknown fields are errors. Every text, day and instant must have a field class
    that cleans it and enforces its bounds."""

    error_messages = {"unknown": UNKNOWN, "type": NOT_OBJECT}  # noqa: RUF012

    class Meta:
        unknown = RAISE

    def on_bind_field(self, field_name: str, field_obj: fields.Field[Any]) -> None:
        """Raise TypeError for a field that accepts typed input without cleaning it."""
        within = [field_obj]
        for field in within:
            if type(field) in _RAW and getattr(field, "value_field", None) is None:
                where = f"{type(self).__name__}.{field_name}"
                raise TypeError(f"{where}: {type(field).__name__} cleans nothing; use text(), code(), Day …")
            inner = (getattr(field, name, None) for name in ("inner", "key_field", "value_field"))
            within += [found for found in inner if found is not None]


class Answer(Schema):
    """The base of every answer of a service. The schema only documents the answer: the gateway passes it on unchanged."""


def whole(least: int = 0, most: int = 2**31 - 1, *, strict: bool = True, **kwargs: Any) -> fields.Integer:
    """Return a field for a whole number within bounds. Use `strict=False` in a query, where all values are text."""
    said = FieldMessage("out_of_range", f"应在 {least} 与 {most} 之间。", f"Must be between {least} and {most}.")
    return fields.Integer(strict=strict, validate=validate.Range(least, most, error=said), **kwargs)


def year(*, strict: bool = False, **kwargs: Any) -> fields.Integer:
    """Return a field for a calendar year within the range allowed for entered days. Use `strict=True` in a body; in a query all
    values are text."""
    return whole(FIRST_YEAR, LAST_YEAR, strict=strict, **kwargs)


class Money(fields.Field[str]):
    """Yuan as a decimal string with at most two decimals; canonical form `"30000000.00"`."""

    #: The largest accepted amount, in yuan.
    MOST = Decimal("9999999999999.99")

    def __init__(self, *, negative: bool = False, **kwargs: Any) -> None:
        pattern = r"^-?\d{1,13}(\.\d{1,2})?$" if negative else r"^\d{1,13}(\.\d{1,2})?$"
        super().__init__(metadata={"type": "string", "pattern": pattern} | kwargs.pop("metadata", {}), **kwargs)
        self._negative = negative

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        said = FieldMessage(
            "bad_money",
            '金额请以元为单位填写为字符串，最多两位小数，例如 "30000000.00"。',
            'Give yuan as a string with at most two decimals, such as "30000000.00".',
        )
        value = fold(value) if isinstance(value, str) else ""
        if not re.fullmatch(r"-?\d{1,13}(\.\d{1,2})?", value, re.ASCII):
            raise ValidationError(said)
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise ValidationError(said) from None
        if amount < 0 and not self._negative:
            raise ValidationError(FieldMessage("negative_money", "金额不能为负数。", "An amount may not be negative."))
        return f"{amount:.2f}"


class Flag(fields.Boolean):
    """A boolean that accepts only true and false; marshmallow's own field would also accept other spellings."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(NOT_BOOLEAN)
        return value


class Cursor(Text):
    """The `next_cursor` of an earlier answer. It is valid only for the list that issued it: the same path with the same filters.
    If `of` names an order that several routes share, it is valid for that order. The gateway signs the cursor and checks it."""

    def __init__(self, *, of: str | None = None, **kwargs: Any) -> None:
        super().__init__(clean_code, **kwargs)
        self.of = of

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:  # type: ignore[override]
        return super()._deserialize(value, attr, data, **kwargs) or None


class Page(Body):
    """The query of a list. `cursor` is the `next_cursor` of the answer before."""

    limit = whole(1, 200, strict=False, load_default=50)
    cursor = Cursor(load_default=None)


@cache
def page_of(item: type[Schema], *, counted: bool = False) -> type[Schema]:
    """Return the schema of one page of items. The same schema is returned for the same kind of item, so that the API
    documentation contains it once. A `counted` list also has a `total`."""
    name = f"{item.__name__}Page"
    members = {"items": fields.List(fields.Nested(item), required=True), "next_cursor": fields.String(allow_none=True)}
    if counted:
        about = "of the whole list, on its first page; null for more than 1,000 and on later pages"
        members["total"] = fields.Integer(allow_none=True, metadata={"description": about})
    return type(name, (Schema,), members)


class Citation(fields.String):
    """A citation of the regulation: A5(2)3 is article 5, item (二), point 3."""


class EventData(Schema):
    """The base of every event's data. A schema of events only ever gets additional fields, so consumers ignore fields that they
    do not know."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True)
class EventType:
    """An event as it is published: its producer, the schema of its `data`, and an example that every consumer must accept in the
    tests."""

    producer: str
    data: type[Schema]
    example: JsonObject
    payload: type[Payload] | None = None
