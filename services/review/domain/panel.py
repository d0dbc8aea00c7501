"""Panels: who may not judge a case, how experts are drawn, and when scoring may close (A6(2))."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from services.kernel.errors import Conflict, FieldError, Invalid, Text

SEATED, RECUSED, DISMISSED = "seated", "recused", "dismissed"
EXPERT, THIRD_PARTY = "expert", "third_party"

_WHY = {
    "employer": Text("任职于本案单位", "works for a unit of the case"),
    "former_employer": Text("曾任职于本案单位", "lately worked for a unit of the case"),
    "declared_interest": Text("已申报与本案单位有利害关系", "declared an interest in a unit of the case"),
    "recused": Text("已回避本案", "recused from this case"),
}


@dataclass(eq=False)
class Account:
    """An account as the identity provider last told of it (`sequence`). `expert`: {employer, former_employers, fields,
    declared_interests}, organisations by uscc; None for others."""

    username: str
    sequence: int
    roles: list[str]
    bureau: str | None
    organisation: str | None
    active: bool
    is_expert: bool
    expert: dict[str, Any] | None

    @property
    def fields(self) -> Sequence[str]:
        return self.expert["fields"] if self.expert else ()


@dataclass(eq=False)
class Seat:
    """One reviewer's place on a case. A score counts only while its author is seated."""

    id: str
    case_id: str
    round: int
    account: str
    kind: str
    state: str
    assigned_at: datetime
    reason: str | None = None


@dataclass(eq=False)
class Draw:
    """One draw or appointment, kept so that anybody can repeat it: `drawn` come first in `pool` in the order of `seed`.

    `experts`: all seated after it, the appointed included. `seed` and `pool`: None when nobody was drawn.
    """

    id: str
    case_id: str
    round: int
    seed: str | None
    pool: dict[str, list[str]] | None
    drawn: list[str]
    experts: list[str]
    third_party: str | None
    excluded: list[dict[str, Any]]
    reason: str | None
    by: str
    at: datetime


def conflict_of(account: Account, units: Set[str]) -> tuple[str, str] | None:
    """Why this account may not judge a case of these units, as (reason, uscc); None when it may."""
    if account.organisation in units and account.organisation:
        return "employer", account.organisation
    expert = account.expert or {}
    if expert.get("employer") in units:
        return "employer", expert["employer"]
    for reason, member in (("former_employer", "former_employers"), ("declared_interest", "declared_interests")):
        for uscc in expert.get(member) or ():
            if uscc in units:
                return reason, uscc
    return None


def exclusions(accounts: Iterable[Account], units: Set[str], recused: Set[str]) -> list[dict[str, Any]]:
    """Who may not be on the panel and why: [{expert, reason, unit, message}], by name."""
    excluded = []
    for account in sorted(accounts, key=lambda account: account.username):
        reason, unit = conflict_of(account, units) or ("recused" if account.username in recused else None, None)
        if reason:
            message = _WHY[reason].to_dict()
            excluded.append({"expert": account.username, "reason": reason, "unit": unit, "message": message})
    return excluded


def pool_of(accounts: Iterable[Account], field: str) -> dict[str, list[str]]:
    """Those who may be drawn, by name: the experts of the case's field, and the others."""
    pool: dict[str, list[str]] = {"of_field": [], "others": []}
    for account in sorted(accounts, key=lambda account: account.username):
        pool["of_field" if field in account.fields else "others"].append(account.username)
    return pool


def draw(seed: str, pool: Mapping[str, Sequence[str]], count: int) -> list[str]:
    """The `count` experts of a pool that come first for this seed, those of the case's field before the others.

    The order is that of SHA-256 over "seed:username", so that a draw can be checked with any tool.
    """

    def lot(username: str) -> str:
        return hashlib.sha256(f"{seed}:{username}".encode()).hexdigest()

    return [*sorted(pool["of_field"], key=lot), *sorted(pool["others"], key=lot)][:count]


def refuse_excluded(names: Sequence[str], excluded: Sequence[dict[str, Any]], pointer: str) -> None:
    """Raise Invalid when one of the named reviewers is excluded; `pointer` is where each is named, with `{}` for its place."""
    why = {entry["expert"]: entry for entry in excluded}
    errors = tuple(
        FieldError(
            pointer.format(index),
            "conflict_of_interest",
            Text(f"{name}：{why[name]['message']['zh']}。", f"{name}: {why[name]['message']['en']}."),
        )
        for index, name in enumerate(names)
        if name in why
    )
    if errors:
        raise Invalid(
            "conflict_of_interest",
            "存在利害关系，不能指派，请另选。",
            "There is a conflict of interest; choose somebody else.",
            errors=errors,
        )


def refuse_own_interest(account: Account, units: Set[str]) -> None:
    """Raise Conflict when a seated reviewer has come to have an interest in the case."""
    conflict = conflict_of(account, units)
    if conflict:
        why = _WHY[conflict[0]]
        raise Conflict(
            "conflict_of_interest",
            f"您{why.zh}，请申请回避。",
            f"You cannot score this case ({why.en}); please recuse yourself.",
            reason=conflict[0],
            unit=conflict[1],
        )


def enough(seats: Sequence[Seat], submitted: Set[str], needed: int) -> bool:
    """Whether scoring may close: the third party has scored, or as many seated experts as the call demands."""
    counted = [seat for seat in seats if seat.account in submitted]
    if any(seat.kind == THIRD_PARTY for seat in seats):
        return bool(counted)
    return len(counted) >= max(needed, 1)
