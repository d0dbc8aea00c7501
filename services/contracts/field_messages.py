"""The validation messages of fields. Each has a stable code and a text in both languages."""

from __future__ import annotations

from typing import Any

from marshmallow import fields


class FieldMessage(str):
    """A validation message with its stable code and both languages. It is a string, because marshmallow handles messages as
    strings."""

    code: str
    zh: str
    en: str

    def __new__(cls, code: str, zh: str, en: str) -> FieldMessage:
        said = super().__new__(cls, en)
        said.code, said.zh, said.en = code, zh, en
        return said

    def __getnewargs__(self) -> tuple[str, str, str]:  # type: ignore[override]
        return self.code, self.zh, self.en

    def format(self, *_: object, **__: object) -> FieldMessage:
        """Return the message unchanged. marshmallow calls `format` on its messages to fill in values, but this one is
        complete."""
        return self


REQUIRED = FieldMessage("required", "此项必填。", "This field is required.")
NULL = FieldMessage("null", "此项不能为空。", "This field may not be null.")
UNKNOWN = FieldMessage("unknown_field", "没有这一字段，请检查拼写。", "There is no such field; check its spelling.")
WRONG_TYPE = FieldMessage("wrong_type", "格式不符合要求。", "This is not of the expected form.")

NOT_TEXT = FieldMessage("not_text", "请填写文字。", "Give text.")
NOT_BOOLEAN = FieldMessage("not_boolean", "请填写是或否。", "Give true or false.")
NOT_DATE = FieldMessage(
    "not_date", "请按 YYYY-MM-DD 填写日期，例如 2026-11-25。", "Give a date as YYYY-MM-DD, such as 2026-11-25."
)
NOT_INSTANT = FieldMessage(
    "not_instant",
    "请填写带时区的时间，例如 2026-11-25 08:00:00+08:00。",
    "Give a time with its zone (RFC 3339), such as 2026-11-25T08:00:00+08:00.",
)
NOT_OBJECT = FieldMessage("not_object", "请填写对象。", "Give an object.")
BAD_CHARACTER = FieldMessage(
    "bad_character",
    "内容含有不能保存的字符（NUL），请删除后重试。",
    "The text contains a NUL character; remove it.",
)

_MESSAGES = {
    "required": REQUIRED,
    "null": NULL,
    "validator_failed": WRONG_TYPE,
    "invalid": WRONG_TYPE,
}
_BY_TYPE: dict[type[fields.Field[Any]], FieldMessage] = {
    fields.String: NOT_TEXT,
    fields.Integer: FieldMessage("not_integer", "请填写整数。", "Give a whole number."),
    fields.Boolean: NOT_BOOLEAN,
    fields.Date: NOT_DATE,
    fields.AwareDateTime: NOT_INSTANT,
    fields.List: FieldMessage("not_list", "请填写列表。", "Give a list."),
    fields.Nested: NOT_OBJECT,
    fields.Dict: NOT_OBJECT,
}
for _field, _said in _BY_TYPE.items():
    _field.default_error_messages = {
        **dict.fromkeys(_field.default_error_messages, _said),
        **_MESSAGES,
        "invalid": _said,
    }
fields.Field.default_error_messages = {**fields.Field.default_error_messages, **_MESSAGES}
