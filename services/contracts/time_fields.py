"""Fields for days, instants and years. They accept only the years that services/input/dates.py allows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from marshmallow import ValidationError, fields

from services.contracts.field_messages import NOT_DATE, NOT_INSTANT, FieldMessage
from services.input.dates import FIRST_YEAR, LAST_YEAR, OutOfRange, parse_day, parse_moment
from services.input.text import fold

OUT_OF_RANGE = FieldMessage(
    "date_out_of_range",
    f"日期应在 {FIRST_YEAR} 年至 {LAST_YEAR} 年之间。",
    f"Give a date between the years {FIRST_YEAR} and {LAST_YEAR}.",
)


class Day(fields.Date):
    """A calendar date `YYYY-MM-DD`. It is passed on as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # type: ignore[override]
        day: date = _parse(parse_day, value, NOT_DATE)
        return day.isoformat()


class Moment(fields.AwareDateTime):
    """An instant with its zone (RFC 3339); it is passed on as text, in UTC."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:  # type: ignore[override]
        moment: datetime = _parse(parse_moment, value, NOT_INSTANT)
        return moment.astimezone(UTC).isoformat()


def _parse(parse: Any, value: Any, message: FieldMessage) -> Any:
    if not isinstance(value, str):
        raise ValidationError(message)
    try:
        return parse(fold(value))
    except OutOfRange:
        raise ValidationError(OUT_OF_RANGE) from None
    except ValueError:
        raise ValidationError(message) from None
