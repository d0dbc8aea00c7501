"""No query parameter of any route can cause a server error: a value that no calendar or database column can represent is refused
at the parameter."""

from __future__ import annotations

from typing import Any

from tests.contract.conftest import Running
from tests.contract.routes import ask, document_of, operations, parameters

NUMBERS = ("99999999999999999999", "-1", "1e999", "２０２６", "0x10", "")
DAYS = ("0001-01-01", "9999-12-31", "10000-01-01", "2026-02-30", "2026-W05-1", "20260203", "")
MOMENTS = ("0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "2026-01-01 00:00:00Z", "")


def extremes(schema: dict[str, Any]) -> tuple[str, ...]:
    """Return the extreme values to try for a parameter of this schema; none unless it is a whole number, a day or an instant."""
    if schema.get("type") == "integer":
        return NUMBERS
    return {"date": DAYS, "date-time": MOMENTS}.get(schema.get("format", ""), ())


def test_no_value_of_a_query_breaks_a_route(running: Running) -> None:
    asked, broken = 0, {}
    for method, path, operation in operations(document_of(running)):
        for name, parameter in parameters(operation).items():
            for value in extremes(parameter["schema"]):
                answer = ask(running, method, path, operation, query={name: value})
                asked += 1
                if answer.status_code >= 500 or (answer.status_code == 422 and not answer.get_json().get("errors")):
                    broken[f"{method} {path}?{name}={value}"] = answer.status_code
    assert asked > 100
    assert broken == {}


def test_a_sweep_takes_no_day_beyond_the_calendar(running: Running) -> None:
    operator = running.people.operator
    for day in ("0001-01-01", "1899-12-31", "2200-01-01", "9999-12-31", "20260203", "2026-W05-1"):
        answer = operator.send("POST", "/sweeps", body={"as_of": day})
        assert (answer.status, [error["pointer"] for error in answer.body["errors"]]) == (422, ["/as_of"]), day


def test_no_year_in_a_path_breaks_a_route(running: Running) -> None:
    for method, path, operation in operations(document_of(running)):
        if "{year}" in path:
            for year in ("0", "99999999999999999999", "-1", "２０２６", "x"):
                answer = ask(running, method, path, operation, parts={"{year}": year}, json={})
                assert answer.status_code in (404, 422), (method, path, year)
