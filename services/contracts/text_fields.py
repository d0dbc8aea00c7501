"""Fields for typed text. Each field cleans its input (services/input), so that the same text always has one spelling when it is
checked, compared and stored."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from marshmallow import ValidationError, fields, validate

from services.contracts.field_messages import BAD_CHARACTER, NOT_OBJECT, FieldMessage
from services.contracts.labels import LABELS, Label
from services.contracts.payload import JsonObject
from services.input.contact import PHONE, parse_email, parse_phone
from services.input.credit_code import parse_credit_code
from services.input.regions import is_region
from services.input.text import clean_code, clean_line, clean_paragraphs, clean_search, fold, has_nul

#: The longest text of one line, in characters; a longer text may have paragraphs.
ONE_LINE = 300

Cleaning = Callable[[str], str]


def verbatim(text: str) -> str:
    """Return the text unchanged: for passwords, opaque tokens and references to names that were stored before."""
    return text


class Text(fields.String):
    """A text field. `clean` converts the text to its canonical spelling before any other check."""

    def __init__(self, clean: Cleaning, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.clean = clean

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if has_nul(text):
            raise ValidationError(BAD_CHARACTER)
        return self.clean(text)


class Read(Text):
    """A text field whose text must have a fixed form. `read` parses the text and returns its canonical spelling, or raises
    ValueError."""

    def __init__(self, read: Cleaning, said: FieldMessage, **kwargs: Any) -> None:
        super().__init__(verbatim, **kwargs)
        self.read, self.said = read, said

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return self.read(text)
        except ValueError:
            raise ValidationError(self.said) from None


class Cleaned(fields.Dict):
    """A JSON object whose shape is checked elsewhere. This field cleans every text in it as prose."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        loaded: JsonObject = super()._deserialize(value, attr, data, **kwargs)  # type: ignore[no-untyped-call]
        try:
            return _cleaned(loaded)
        except RecursionError:
            raise ValidationError(NOT_OBJECT) from None


class AsTyped(fields.Dict):
    """A JSON object that a client keeps on the platform for its own account, such as settings or an unsaved form. It is stored
    and returned unchanged. No server code interprets it, so it has no schema."""


def _cleaned(value: Any) -> Any:
    if isinstance(value, str):
        if has_nul(value):
            raise ValidationError(BAD_CHARACTER)
        return clean_paragraphs(value)
    if isinstance(value, list):
        return [_cleaned(member) for member in value]
    if isinstance(value, dict):
        return {_cleaned(key): _cleaned(member) for key, member in value.items()}
    return value


class Bounded(Text):
    """A text of bounded length, in characters, that must not be blank. The bound applies to the text before cleaning too, because
    the published schema states it."""

    def __init__(self, clean: Cleaning, shortest: int, longest: int, **kwargs: Any) -> None:
        bounds = {"minLength": shortest, "maxLength": longest}
        super().__init__(clean, metadata=bounds | kwargs.pop("metadata", {}), **kwargs)
        self.shortest, self.longest = shortest, longest

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        if len(text.strip()) < self.shortest or max(len(value), len(text)) > self.longest:
            zh, en = f"请填写 {self.shortest} 至 {self.longest} 个字符。", f"Give {self.shortest} to {self.longest} characters."
            raise ValidationError(FieldMessage("text_length", zh, en))
        return text


def text(longest: int = 200, *, shortest: int = 1, one_line: bool | None = None, **kwargs: Any) -> Text:
    """Return a field for prose of bounded length, in characters, that must not be blank. If it may be longer than `ONE_LINE` it
    may have several lines, unless `one_line` says otherwise."""
    if one_line is None:
        one_line = longest <= ONE_LINE
    return Bounded(clean_line if one_line else clean_paragraphs, shortest, longest, **kwargs)


def code(longest: int, **kwargs: Any) -> Text:
    """Return a field for an identifier, number or name that a system assigned; blanks in it are removed."""
    return Bounded(clean_code, 1, longest, **kwargs)


def search_words(longest: int, *, shortest: int = 1, **kwargs: Any) -> Text:
    """Return a field for words to search for in names and numbers."""
    return Bounded(clean_search, shortest, longest, **kwargs)


def exact(longest: int, **kwargs: Any) -> Text:
    """Return a field for a name whose exact characters identify an object, such as a file name. The name is stored unchanged, so
    it must be cleaned wherever it is shown."""
    return Bounded(verbatim, 1, longest, **kwargs)


def secret(longest: int, **kwargs: Any) -> Text:
    """Return a field for a password or another text that is compared exactly."""
    return Bounded(verbatim, 1, longest, **kwargs)


def one_of(*choices: str, of: str | None = None, **kwargs: Any) -> Text:
    """Return a field for one of a few codes. `of` is their set in `labels.toml`: error texts use its labels, and the OpenAPI
    document names it as `x-vocabulary`. Raises KeyError for a code without a label."""
    words = [LABELS[of][choice] if of else Label(choice, choice) for choice in choices]
    said = FieldMessage(
        "not_a_choice",
        f"只能是：{'、'.join(word.zh for word in words)}。",
        f"Must be one of: {', '.join(word.en for word in words)}.",
    )
    metadata = ({"x-vocabulary": of} if of else {}) | kwargs.pop("metadata", {})
    return Text(clean_code, validate=validate.OneOf(choices, error=said), metadata=metadata, **kwargs)


class Codes(Text):
    """A field for one or several of a few codes, separated by commas, as in the query of a URL. Each code may appear once, in the
    order of the set. `of` is their set in `labels.toml`."""

    def __init__(self, *choices: str, of: str, **kwargs: Any) -> None:
        one = "|".join(choices)
        metadata = {"pattern": f"^({one})(,({one}))*$", "x-vocabulary": of} | kwargs.pop("metadata", {})
        super().__init__(clean_code, metadata=metadata, **kwargs)
        words = [LABELS[of][choice] for choice in choices]
        self.choices = choices
        self.said = FieldMessage(
            "not_a_choice",
            f"只能是：{'、'.join(word.zh for word in words)}；几项之间用逗号分隔。",
            f"Must be of: {', '.join(word.en for word in words)}; several are joined by commas.",
        )

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[str]:  # type: ignore[override]
        named = set(super()._deserialize(value, attr, data, **kwargs).split(","))
        if not named <= set(self.choices):
            raise ValidationError(self.said)
        return [choice for choice in self.choices if choice in named]


def matching(pattern: str, code: str, zh: str, en: str, *, clean: Cleaning = clean_code, **kwargs: Any) -> Text:
    """Return a field for a code of a fixed form. `pattern` is a regular expression for the whole text, limited to syntax that
    JSON Schema interprets in the same way."""
    said = FieldMessage(code, zh, en)

    def check(value: str) -> None:
        if not re.fullmatch(pattern, value, re.ASCII):
            raise ValidationError(said)

    return Text(clean, validate=check, metadata={"pattern": f"^{pattern}$"} | kwargs.pop("metadata", {}), **kwargs)


def username(**kwargs: Any) -> Text:
    """Return a field for the name of a new account: it is converted to lower case and must not contain blanks."""
    return matching(
        "[a-z0-9][a-z0-9._-]{2,59}",
        "bad_username",
        "用户名为 3 至 60 个小写字母、数字或 . _ -，以字母或数字开头。",
        "A username has 3 to 60 lower-case letters, digits or . _ - and begins with a letter or digit.",
        clean=lambda typed: fold(typed).lower(),
        **kwargs,
    )


def phone(**kwargs: Any) -> Text:
    said = FieldMessage(
        "bad_phone",
        "请填写电话号码，可带区号和分机，例如 13900000000、0771-5886000转8001。",
        "Give a telephone number, with area code and extension where there are: 13900000000, 0771-5886000 ext. 8001.",
    )
    return Read(parse_phone, said, metadata={"pattern": f"^{PHONE}$"} | kwargs.pop("metadata", {}), **kwargs)


def email(**kwargs: Any) -> Text:
    said = FieldMessage(
        "bad_email",
        "请填写能收信的电子邮箱，例如 name@example.cn；@ 前只能用英文字母、数字和符号，不能有空格或连续的点。",
        "Give an e-mail address that mail can reach, such as name@example.cn: no blanks, no two dots in a row.",
    )
    pattern = r"^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(\.[A-Za-z0-9-]{1,63}){1,8}$"
    return Read(parse_email, said, metadata={"pattern": pattern} | kwargs.pop("metadata", {}), **kwargs)


class Uscc(Read):
    """An 18-character unified social credit code (GB 32100) with a valid authority, category, division and check digit."""

    def __init__(self, **kwargs: Any) -> None:
        said = FieldMessage(
            "bad_uscc",
            "统一社会信用代码应为 18 位且校验位正确，请对照营业执照或法人证书核对。",
            "A unified social credit code has 18 characters and a valid check digit; compare it with the licence.",
        )
        pattern = {"pattern": "^[0-9A-HJ-NPQRTUWXY]{18}$"}
        super().__init__(parse_credit_code, said, metadata=pattern | kwargs.pop("metadata", {}), **kwargs)


class Region(Text):
    """The six-digit code of an existing administrative division (GB/T 2260)."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(clean_code, metadata={"pattern": "^[1-9][0-9]{5}$"} | kwargs.pop("metadata", {}), **kwargs)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        code = super()._deserialize(value, attr, data, **kwargs)
        if not re.fullmatch("[1-9][0-9]{5}", code):
            raise ValidationError(
                FieldMessage(
                    "bad_region",
                    "行政区划代码应为 6 位数字，例如 450200。",
                    "A region code has 6 digits, such as 450200.",
                )
            )
        if not is_region(code):
            raise ValidationError(
                FieldMessage(
                    "unknown_region",
                    "没有这一行政区划代码（GB/T 2260），或该区划已撤销；请填写注册地现行的代码，例如 450200（柳州市）。",
                    "GB/T 2260 has no such region, or it was abolished; give the present code of the place of registration, such "
                    "as 450200 (Liuzhou).",
                )
            )
        return code
