"""What all schemas share: messages in two languages, and the fields of the domain."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import UTC
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, validate
from stdnum.cn import uscc


class Said(str):
    """A validation message with its stable code and both languages; marshmallow carries it as the string it is."""

    code: str
    zh: str
    en: str

    def __new__(cls, code: str, zh: str, en: str) -> Said:
        said = super().__new__(cls, en)
        said.code, said.zh, said.en = code, zh, en
        return said

    def __getnewargs__(self) -> tuple[str, str, str]:  # type: ignore[override]
        return self.code, self.zh, self.en

    def format(self, *_: object, **__: object) -> Said:
        """marshmallow formats its messages; this one is complete, and must stay what it is."""
        return self


REQUIRED = Said("required", "此项必填。", "This field is required.")
NULL = Said("null", "此项不能为空。", "This field may not be null.")
UNKNOWN = Said("unknown_field", "没有这一字段，请检查拼写。", "There is no such field; check its spelling.")
WRONG_TYPE = Said("wrong_type", "格式不符合要求。", "This is not of the expected form.")

_MESSAGES = {
    "required": REQUIRED,
    "null": NULL,
    "validator_failed": WRONG_TYPE,
    "invalid": WRONG_TYPE,
}
_BY_TYPE: dict[type[fields.Field[Any]], Said] = {
    fields.String: Said("not_text", "请填写文字。", "Give text."),
    fields.Integer: Said("not_integer", "请填写整数。", "Give a whole number."),
    fields.Boolean: Said("not_boolean", "请填写 true 或 false。", "Give true or false."),
    fields.Date: Said("not_date", "请按 YYYY-MM-DD 填写日期。", "Give a date as YYYY-MM-DD."),
    fields.AwareDateTime: Said("not_instant", "请填写带时区的时间（RFC 3339）。", "Give a time with its zone (RFC 3339)."),
    fields.List: Said("not_list", "请填写列表。", "Give a list."),
    fields.Nested: Said("not_object", "请填写对象。", "Give an object."),
    fields.Dict: Said("not_object", "请填写对象。", "Give an object."),
}
for _field, _said in _BY_TYPE.items():
    _field.default_error_messages = {
        **dict.fromkeys(_field.default_error_messages, _said),
        **_MESSAGES,
        "invalid": _said,
    }
fields.Field.default_error_messages = {**fields.Field.default_error_messages, **_MESSAGES}


class Body(Schema):
    """A JSON object in which unknown fields are mistakes."""

    error_messages = {"unknown": UNKNOWN, "type": Said("not_object", "请填写对象。", "Give an object.")}  # noqa: RUF012

    class Meta:
        unknown = RAISE


class Answer(Schema):
    """What a service answers; documented by its schema, passed on as it is."""


def text(longest: int = 200, *, shortest: int = 1, **kwargs: Any) -> fields.String:
    """Text of a bounded length in characters, not only blanks."""
    said = Said("text_length", f"请填写 {shortest} 至 {longest} 个字符。", f"Give {shortest} to {longest} characters.")

    def check(value: str) -> None:
        if not shortest <= len(value.strip()) or len(value) > longest or "\x00" in value:
            raise ValidationError(said)

    return fields.String(
        validate=check, metadata={"minLength": shortest, "maxLength": longest} | kwargs.pop("metadata", {}), **kwargs
    )


def one_of(*choices: str, **kwargs: Any) -> fields.String:
    """One of a few words."""
    said = Said("not_a_choice", f"只能是：{'、'.join(choices)}。", f"Must be one of: {', '.join(choices)}.")
    return fields.String(validate=validate.OneOf(choices, error=said), **kwargs)


def whole(least: int = 0, most: int = 2**31 - 1, *, strict: bool = True, **kwargs: Any) -> fields.Integer:
    """A whole number within bounds; in a query, where all is text, not `strict`."""
    said = Said("out_of_range", f"应在 {least} 与 {most} 之间。", f"Must be between {least} and {most}.")
    return fields.Integer(strict=strict, validate=validate.Range(least, most, error=said), **kwargs)


class Uscc(fields.String):
    """An 18-character unified social credit code (GB 32100) whose check digit holds."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"} | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        code = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(code, str) or not re.fullmatch("[0-9A-HJ-NPQRTUWXY]{18}", code) or not uscc.is_valid(code):
            raise ValidationError(
                Said(
                    "bad_uscc",
                    "统一社会信用代码应为 18 位且校验位正确，请对照营业执照或法人证书核对。",
                    "A unified social credit code has 18 characters and a valid check digit; compare it with the licence.",
                )
            )
        return code


class Region(fields.String):
    """A six-digit administrative division code (GB/T 2260)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(metadata={"pattern": "^[1-9][0-9]{5}$"} | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        code = super()._deserialize(value, attr, data, **kwargs)
        if not isinstance(code, str) or not re.fullmatch("[1-9][0-9]{5}", code):
            raise ValidationError(
                Said(
                    "bad_region",
                    "行政区划代码应为 6 位数字，例如 450200。",
                    "A region code has 6 digits, such as 450200.",
                )
            )
        return code


class Money(fields.Field[str]):
    """Yuan as a decimal string with at most two decimals; canonical form `"30000000.00"`."""

    #: The largest amount taken, in yuan.
    MOST = Decimal("9999999999999.99")

    def __init__(self, *, negative: bool = False, **kwargs: Any) -> None:
        pattern = r"^-?\d{1,13}(\.\d{1,2})?$" if negative else r"^\d{1,13}(\.\d{1,2})?$"
        super().__init__(metadata={"type": "string", "pattern": pattern} | kwargs.pop("metadata", {}), **kwargs)
        self._negative = negative

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        said = Said(
            "bad_money",
            '金额请以元为单位填写为字符串，最多两位小数，例如 "30000000.00"。',
            'Give yuan as a string with at most two decimals, such as "30000000.00".',
        )
        if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,13}(\.\d{1,2})?", value, re.ASCII):
            raise ValidationError(said)
        try:
            amount = Decimal(value)
        except InvalidOperation:
            raise ValidationError(said) from None
        if amount < 0 and not self._negative:
            raise ValidationError(Said("negative_money", "金额不能为负数。", "An amount may not be negative."))
        return f"{amount:.2f}"


class Flag(fields.Boolean):
    """True or false, and nothing that merely looks like it."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            raise ValidationError(_BY_TYPE[fields.Boolean])
        return value


class Day(fields.Date):
    """A calendar date `YYYY-MM-DD`; it stays the text it is."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # type: ignore[override]
        return super()._deserialize(value, attr, data, **kwargs).isoformat()


class Moment(fields.AwareDateTime):
    """An instant with its zone (RFC 3339); it travels as text, in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # type: ignore[override]
        instant = super()._deserialize(value, attr, data, **kwargs)
        try:
            return instant.astimezone(UTC).isoformat()
        except OverflowError:
            raise ValidationError(_BY_TYPE[fields.AwareDateTime]) from None


class Cursor(fields.String):
    """The `next_cursor` of an earlier answer. It belongs to the list it came from: the same path with the same filters, or,
    where `of` names an order that several routes share, that order. The gateway signs it and checks it."""

    def __init__(self, *, of: str | None = None, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.of = of

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str | None:  # type: ignore[override]
        return super()._deserialize(value, attr, data, **kwargs) or None


class Page(Schema):
    """How lists are read: `cursor` is what the last answer gave as `next_cursor`."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN}  # noqa: RUF012

    limit = whole(1, 200, strict=False, load_default=50)
    cursor = Cursor(load_default=None)


@cache
def page_of(item: type[Schema]) -> type[Schema]:
    """The schema of one page of items; one for each kind, so that documentation shows it once."""
    name = f"{item.__name__}Page"
    members = {"items": fields.List(fields.Nested(item), required=True), "next_cursor": fields.String(allow_none=True)}
    return type(name, (Schema,), members)


class Citation(fields.String):
    """Where in the regulation something stands: A5(2)3 is article 5, item (二), point 3."""


class EventData(Schema):
    """What an event says. A schema is only ever added to, so readers pass over what they do not know."""

    class Meta:
        unknown = EXCLUDE


@dataclass(frozen=True, slots=True)
class EventType:
    """An event as it is published: who says it, the schema of its `data`, and an example that every consumer must take."""

    producer: str
    data: type[Schema]
    example: dict[str, Any]
