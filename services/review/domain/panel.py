"""Panels: which reviewers may not judge a case, how experts are drawn, and when scoring may close (A6(2))."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence, Set
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from services.contracts.review.case_parts import Expertise, Pool
from services.contracts.review.panel_answers import ConflictAnswerDict, ExcludedAnswerDict
from services.kernel.errors import Conflict, FieldError, Invalid, NotFound, Text


class SeatState(StrEnum):
    """The state of a seat. `voided`: the province voided the score given from this seat, because of an interest that arose or was
    found later."""

    SEATED = "seated"
    RECUSED = "recused"
    DISMISSED = "dismissed"
    VOIDED = "voided"


class SeatKind(StrEnum):
    """The kind of reviewer who has a seat."""

    EXPERT = "expert"
    THIRD_PARTY = "third_party"


#: The reason for excluding a reviewer whose term is over; unlike the other reasons it is no conflict of interest.
TERM_OVER = "term_over"

_WHY = {
    "employer": Text("任职于本案单位", "works for a unit of the case"),
    "former_employer": Text("曾任职于本案单位", "lately worked for a unit of the case"),
    "declared_interest": Text("已申报与本案单位有利害关系", "declared an interest in a unit of the case"),
    "recused": Text("已回避本案", "recused from this case"),
    "voided": Text("对本案的评分已作废", "had the score on this case voided"),
    TERM_OVER: Text("专家聘期已满", "the term in the pool of reviewers is over"),
}


@dataclass(eq=False)
class Account:
    """An account, as the gateway's last event about it describes it; `sequence` is the number of that event. `expert`: {employer,
    former_employers, fields, declared_interests}, with organisations by uscc; None for accounts that are no experts.
    `term_until`: the last day of a reviewer's term (ISO date), None if it has no end."""

    username: str
    sequence: int
    roles: list[str]
    bureau: str | None
    organisation: str | None
    active: bool
    is_expert: bool
    expert: Expertise | None
    term_until: str | None = None

    @property
    def fields(self) -> Sequence[str]:
        return self.expert["fields"] if self.expert else ()


@dataclass(eq=False)
class Seat:
    """One reviewer's seat on the panel of a case. A score counts only while its author has the seat.

    `late`: the reviewer was seated after scoring had closed, to replace one whose score was voided, and has not scored yet; only
    this reviewer may score. `replaces`: the id of the seat whose reviewer this one replaces. `reason`, `ended_by`, `ended_at`:
    why, by whom and when the seat ended. `void`: why voiding the score had no effect (the grade was public already).
    `declared_at`, `declaration`: when the reviewer declared to have no interest, and the text of the declaration.
    """

    id: str
    case_id: str
    round: int
    account: str
    kind: str
    state: str
    assigned_at: datetime
    reason: str | None = None
    late: bool = False
    replaces: str | None = None
    ended_by: str | None = None
    ended_at: datetime | None = None
    void: str | None = None
    declared_at: datetime | None = None
    declaration: str | None = None

    def leave(self, state: str, reason: str | None, by: str, at: datetime) -> None:
        """End the seat, with or without the reviewer's own request. From now on the score given from this seat does not count."""
        self.state, self.reason, self.ended_by, self.ended_at, self.late = state, reason, by, at, False


@dataclass(eq=False)
class Draw:
    """One draw or appointment of reviewers, stored so that every reader can repeat the draw: `drawn` are the first experts of
    `pool` in the order that `seed` determines. `experts`: all experts who are seated after the draw, including the appointed
    ones. `seed` and `pool` are None if no expert was drawn.
    """

    id: str
    case_id: str
    round: int
    seed: str | None
    pool: Pool | None
    drawn: list[str]
    experts: list[str]
    third_party: str | None
    excluded: list[ExcludedAnswerDict]
    reason: str | None
    by: str
    at: datetime


def conflict_of(account: Account, units: Set[str]) -> tuple[str, str] | None:
    """Return why this account may not judge a case of these units, as (reason, uscc of the unit); None if the account may judge
    it."""
    if account.organisation in units and account.organisation:
        return "employer", account.organisation
    expert = account.expert
    if expert is None:
        return None
    employer = expert.get("employer")
    if employer in units and employer:
        return "employer", employer
    former_employers, declared_interests = expert.get("former_employers") or (), expert.get("declared_interests") or ()
    for reason, interests in (("former_employer", former_employers), ("declared_interest", declared_interests)):
        for uscc in interests:
            if uscc in units:
                return reason, uscc
    return None


def conflict_answer(account: Account, units: Set[str]) -> ConflictAnswerDict | None:
    """Return the conflict of interest that `conflict_of` finds, in the form that officials see: {reason, unit, message}; None if
    there is none."""
    conflict = conflict_of(account, units)
    if conflict is None:
        return None
    reason, unit = conflict
    return {"reason": reason, "unit": unit, "message": _WHY[reason].to_dict()}


def barred_by(seats: Iterable[Seat]) -> dict[str, str]:
    """Return account → reason for the accounts that must not be seated on the case again: the reviewer recused itself, or the
    reviewer's score was voided."""
    return {seat.account: seat.state for seat in seats if seat.state in (SeatState.RECUSED, SeatState.VOIDED)}


def terms_over(accounts: Iterable[Account], today: str) -> dict[str, str]:
    """Return account → the reason `TERM_OVER` for the accounts whose term in the province's pool of reviewers is over. A reviewer
    who is seated already keeps the seat."""
    return {account.username: TERM_OVER for account in accounts if account.term_until and account.term_until < today}


def exclusions(accounts: Iterable[Account], units: Set[str], barred: Mapping[str, str]) -> list[ExcludedAnswerDict]:
    """Return the accounts that may not be on the panel, and why: [{expert, reason, unit, message}], by name. `barred` is the
    result of `barred_by`."""
    excluded: list[ExcludedAnswerDict] = []
    for account in sorted(accounts, key=lambda account: account.username):
        reason, unit = conflict_of(account, units) or (barred.get(account.username), None)
        if reason:
            message = _WHY[reason].to_dict()
            excluded.append({"expert": account.username, "reason": reason, "unit": unit, "message": message})
    return excluded


def vacant(seats: Sequence[Seat], id: str) -> Seat:
    """Return the seat `id`, whose expert can be replaced. Raises NotFound unless it is an expert's seat on this panel. Raises
    Conflict unless the seat's expert recused itself or had the score voided, and if the expert has been replaced already."""
    seat = next((seat for seat in seats if seat.id == id), None)
    if seat is None or seat.kind != SeatKind.EXPERT:
        raise NotFound("unknown_seat", "该专家组中没有这一席位。", "The panel has no such seat.")
    if seat.state not in (SeatState.RECUSED, SeatState.VOIDED) or any(replacement.replaces == id for replacement in seats):
        raise Conflict(
            "seat_not_vacant",
            "该席位的专家未回避、评分也未作废，或者已有替补专家。",
            "The seat's expert neither recused nor had the score voided, or has been replaced.",
            state=seat.state,
        )
    return seat


def pool_of(accounts: Iterable[Account], field: str) -> Pool:
    """Return the names of these accounts in two lists: the experts of the case's field, and the other experts."""
    pool: Pool = {"of_field": [], "others": []}
    for account in sorted(accounts, key=lambda account: account.username):
        pool["of_field" if field in account.fields else "others"].append(account.username)
    return pool


def draw(seed: str, pool: Pool, count: int) -> list[str]:
    """Return the first `count` experts of a pool for this seed, those of the case's field before the others.

    Within each of the two lists, experts are ordered by SHA-256 of "seed:username", so that any tool can repeat the draw.
    """

    def lot_of(username: str) -> str:
        return hashlib.sha256(f"{seed}:{username}".encode()).hexdigest()

    return [*sorted(pool["of_field"], key=lot_of), *sorted(pool["others"], key=lot_of)][:count]


def refuse_excluded(names: Sequence[str], excluded: Sequence[ExcludedAnswerDict], pointer: str) -> None:
    """Raise Invalid if one of the named reviewers is excluded. `pointer` is the JSON pointer to a name in the request's body,
    with `{}` in place of the name's index."""
    why = {entry["expert"]: entry for entry in excluded}
    errors = tuple(
        FieldError(
            pointer.format(index),
            _exclusion_code(why[name]["reason"]),
            Text(f"{name}：{why[name]['message']['zh']}。", f"{name}: {why[name]['message']['en']}."),
        )
        for index, name in enumerate(names)
        if name in why
    )
    if not errors:
        return
    if all(error.code == TERM_OVER for error in errors):
        zh, en = "聘期已满，不能指派，请先续聘或另选。", "The term is over; renew it first, or choose another reviewer."
        raise Invalid(TERM_OVER, zh, en, errors=errors)
    zh, en = "存在利害关系，不能指派，请另选。", "There is a conflict of interest; choose another reviewer."
    raise Invalid("conflict_of_interest", zh, en, errors=errors)


def _exclusion_code(reason: str) -> str:
    return TERM_OVER if reason == TERM_OVER else "conflict_of_interest"


def refuse_own_interest(account: Account, units: Set[str]) -> None:
    """Raise Conflict if a reviewer who has a seat now has an interest in the case."""
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
    """Return whether scoring may close: the third party has scored, or at least as many seated experts as the call requires."""
    counted = [seat for seat in seats if seat.account in submitted]
    if any(seat.kind == SeatKind.THIRD_PARTY for seat in seats):
        return bool(counted)
    return len(counted) >= max(needed, 1)


def require_scored(seats: Sequence[Seat], submitted: Set[str], needed: int) -> None:
    """Raise Conflict if fewer scores count than the call requires, because some were voided."""
    if not enough(seats, submitted, needed):
        raise Conflict(
            "too_few_scores",
            f"有效评分只有 {len(submitted)} 份，至少需要 {needed} 份；请先替补专家并完成评分。",
            f"Only {len(submitted)} scores count, {needed} are needed; seat a replacement and wait for the score.",
            submitted=len(submitted),
            needed=needed,
        )


def require_impartial(scorers: Iterable[Account], units: Set[str]) -> None:
    """Raise Conflict if a reviewer whose score counts now has a conflict of interest."""
    conflicts = {account.username: conflict for account in scorers if (conflict := conflict_answer(account, units))}
    if conflicts:
        names_zh = "、".join(f"{name}（{conflict['message']['zh']}）" for name, conflict in sorted(conflicts.items()))
        names_en = ", ".join(f"{name} ({conflict['message']['en']})" for name, conflict in sorted(conflicts.items()))
        raise Conflict(
            "score_of_conflicted_reviewer",
            f"评分专家存在利害关系：{names_zh}。请先作废其评分。",
            f"These reviewers have a conflict of interest: {names_en}. Void their scores first.",
            accounts=sorted(conflicts),
        )
