"""Refusals of the API (RFC 9457 problem documents), in the form that the console's pages need."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One mistake in the sent data. `pointer` is the JSON pointer of the field, which is also the field's name in the form."""

    pointer: str
    message: str
    code: str = ""


class Problem(Exception):
    """The API, or the console itself, refused a request."""

    def __init__(self, status: int, document: dict[str, Any], retry_after: int | None = None) -> None:
        super().__init__(f"{status} {document.get('code')}")
        self.status = status
        self.document = document
        self.retry_after = retry_after

    @classmethod
    def of_console(cls, status: int, code: str) -> Problem:
        """Return the problem for a refusal by the console itself; the label `problem.<code>` has its text."""
        return cls(status, {"code": code})

    @property
    def code(self) -> str:
        return str(self.document.get("code", ""))

    @property
    def detail(self) -> str:
        return str(self.document.get("detail", ""))

    @property
    def errors(self) -> list[FieldProblem]:
        return [FieldProblem(item["pointer"], item["message"], item.get("code", "")) for item in self.document.get("errors", ())]


@dataclass(slots=True)
class FormErrors:
    """The mistakes in one form: those of its fields by name, and the others for the summary at the top."""

    by_name: dict[str, str] = field(default_factory=dict)
    general: list[str] = field(default_factory=list)
    #: The status with which the page is shown again, taken from the refusal.
    status: int = 422

    @classmethod
    def of(cls, problem: Problem, names: set[str]) -> FormErrors:
        """Assign each mistake to the field with its pointer. A mistake inside a field's value is assigned to that field."""
        errors = cls(status=problem.status)
        for item in problem.errors:
            name = _nearest(item.pointer, names)
            if name is None:
                errors.general.append(item.message)
            else:
                errors.by_name.setdefault(name, item.message)
        if not errors.by_name and not errors.general:
            errors.general.append(problem.detail)
        return errors

    def __bool__(self) -> bool:
        return bool(self.by_name or self.general)


def _nearest(pointer: str, names: set[str]) -> str | None:
    while pointer:
        if pointer in names:
            return pointer
        pointer = pointer.rpartition("/")[0]
    return None
