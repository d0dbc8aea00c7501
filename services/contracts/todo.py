"""The answer of GET /me/todo: the tasks of an account."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.common import Answer, one_of
from services.contracts.labels import LABELS

KINDS = tuple(LABELS["todo"])
ACTIONS = tuple(LABELS["action"])


class TodoSubject(Answer):
    kind = fields.String(required=True)
    id = fields.String(required=True)


class TodoSubjectDict(TypedDict):
    kind: str
    id: str


class TodoWithin(Answer):
    """The ids, beside the subject's own, that a client needs to open a task's subject."""

    consortium = fields.String(required=True, allow_none=True)
    evaluation = fields.String(required=True, allow_none=True)
    year = fields.Integer(required=True, allow_none=True)


class TodoWithinDict(TypedDict):
    consortium: str | None
    evaluation: str | None
    year: int | None


class TodoItem(Answer):
    """One task. `kind` says what waits, `action` what the account must do, `due_on` the last day for it (null: no deadline).
    `lead`: the name of the lead of the case or consortium; null if there is none. `working_days_left` counts the working days
    after today up to that day: 0 on the day itself, negative after it."""

    kind = one_of(*KINDS, of="todo", required=True)
    action = one_of(*ACTIONS, of="action", required=True)
    subject = fields.Nested(TodoSubject, required=True)
    within = fields.Nested(TodoWithin, required=True)
    title = fields.String(required=True, allow_none=True)
    subtitle = fields.String(required=True, allow_none=True)
    lead = fields.String(allow_none=True)
    due_on = fields.Date(required=True, allow_none=True)
    working_days_left = fields.Integer(required=True, allow_none=True)
    overdue = fields.Boolean(required=True)


class TaskSubject(TypedDict):
    subject: TodoSubjectDict
    within: TodoWithinDict
    title: str | dict[str, str] | None
    subtitle: str | dict[str, str] | None
    lead: str | None
    due_on: str | None


class Task(TaskSubject):
    """One task as a service answers it; the gateway adds the working days left."""

    kind: str
    action: str


class TaskDeadline(TypedDict):
    """The deadline of a task as the gateway adds it."""

    working_days_left: int | None
    overdue: bool


class TodoItemDict(Task, TaskDeadline):
    pass


class TodoCount(Answer):
    """The number of tasks of one kind. Each service counts at most 1,000."""

    kind = one_of(*KINDS, of="todo", required=True)
    count = fields.Integer(required=True)


class TodoCountDict(TypedDict):
    kind: str
    count: int


class TodoAnswer(Answer):
    """The tasks of the account, the earliest due day first. `items` contains at most 50 of each kind; `counts` says how many
    there are. `unavailable` names the services that did not answer, so that their tasks are missing. `as_of`: the date of this
    answer."""

    as_of = fields.Date(required=True)
    counts = fields.List(fields.Nested(TodoCount), required=True)
    items = fields.List(fields.Nested(TodoItem), required=True)
    unavailable = fields.List(one_of(*LABELS["service"], of="service"), required=True)


class TodoCounts(Answer):
    """Only the counts of `TodoAnswer`, for the numbers in a menu."""

    as_of = fields.Date(required=True)
    counts = fields.List(fields.Nested(TodoCount), required=True)
    unavailable = fields.List(one_of(*LABELS["service"], of="service"), required=True)


class TodoCountsDict(TypedDict):
    as_of: str
    counts: list[TodoCountDict]
    unavailable: list[str]


class TodoAnswerDict(TodoCountsDict):
    items: list[TodoItemDict]


class TaskCounts(TypedDict):
    """The numbers of tasks in one service."""

    as_of: str
    counts: list[TodoCountDict]


class Worklist(TaskCounts):
    """The tasks in one service."""

    items: list[Task]
