"""Load and store the use of outcomes: the outcomes that submitted reports claim, the outcomes that drafts mention, and the
outcomes that the province allowed although their number is in use already (A13)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypedDict

from sqlalchemy import delete, exists, insert, or_, select, tuple_, update
from sqlalchemy.orm import Session

from services.contracts.evaluation.stored import Allowance, ClaimedOutcome, NamedOutcome
from services.evaluation.domain.consortium import Consortium
from services.evaluation.domain.outcome import Outcome
from services.evaluation.domain.outcome_number import ISSUED, UNIQUE, identify, plain_name, title_key
from services.evaluation.domain.participation import Participation
from services.evaluation.tables import consortia, outcome_allowances, outcome_claims, outcome_drafts, participations
from services.kernel.identity import PROVINCE
from services.kernel.persistence import unit_of_work
from services.kernel.persistence.database import insert_into

#: The most claims that get new keys in one transaction.
MOST = 500
#: The most similar claims that are shown for one outcome of a report.
MOST_ALIKE = 5

Identity = tuple[str, str]


class AlikeClaim(NamedTuple):
    """A claim of another participation that is similar to an outcome of a report. `outcome`: the position of that outcome in the
    report; `by`: whether the title or the number is the same."""

    outcome: int
    by: str
    evaluation: str | None
    claimed: ClaimedOutcome


class _Facts(TypedDict):
    """The columns of a claim that describe its outcome."""

    kind: str
    key: str
    identifier: str
    claimed_at: datetime
    number: str
    title_key: str | None
    outcome: ClaimedOutcome


class _Claim(_Facts):
    """The columns of a row of `outcome_claims`."""

    participation: str | None
    evaluation: str | None


def names_known(session: Session, consortium: Consortium, outcomes: Sequence[Mapping[str, object]]) -> dict[str, str]:
    """Return name of an organisation, as `plain_name` returns it → its credit code, for the consortium's own units and the leads
    of all consortia. Empty if no outcome names an issuer."""
    if not any(outcome.get("issuer") for outcome in outcomes):
        return {}
    lead_names = select(consortia.c.lead_name, consortia.c.lead).where(consortia.c.lead_name.is_not(None))
    names = {plain_name(row.lead_name): row.lead for row in session.execute(lead_names)}
    return names | {plain_name(name): unit["uscc"] for unit in consortium.units if (name := unit.get("name"))}


def draft(session: Session, participation: Participation, outcomes: Iterable[Outcome]) -> None:
    """Store which outcomes the participation's draft mentions, in place of those that an earlier draft mentioned."""
    forget_draft(session, participation.id)
    rows = [{"participation": participation.id, "kind": kind, "key": key} for kind, key in sorted(_identities(outcomes))]
    if rows:
        session.execute(insert(outcome_drafts), rows)


def forget_draft(session: Session, participation: str) -> None:
    session.execute(delete(outcome_drafts).where(outcome_drafts.c.participation == participation))


def in_other_drafts(session: Session, participation: Participation, outcomes: Sequence[Outcome]) -> list[int]:
    """Return the positions of those outcomes that drafts of other participations mention too."""
    drafted = _rows_by_identity(session, outcome_drafts, outcomes, outcome_drafts.c.participation != participation.id)
    return [index for index, outcome in enumerate(outcomes) if outcome.identity in drafted]


def used_by_others(session: Session, participation: Participation, outcomes: Sequence[Outcome]) -> dict[int, str | None]:
    """Return, for those outcomes that were used before: position of the outcome → id of the round in which another participation
    used it (None if it was used before the consortium was imported). Outcomes that the province allowed are left out."""
    rekey(session)
    not_of_participation = or_(outcome_claims.c.participation.is_(None), outcome_claims.c.participation != participation.id)
    used_elsewhere = _rows_by_identity(session, outcome_claims, outcomes, not_of_participation)
    lifted = allowed(session, participation.id)
    return {
        index: used_elsewhere[outcome.identity].evaluation
        for index, outcome in enumerate(outcomes)
        if outcome.identity in used_elsewhere and outcome.identity not in lifted
    }


def claim(session: Session, participation: Participation, outcomes: Sequence[Outcome], now: datetime) -> dict[int, str | None]:
    """Claim these outcomes for the participation, and delete its claims of outcomes that are not among them. Return position of
    the outcome → id of the round, for the outcomes that another participation has claimed; if there are such outcomes, the caller
    must roll the transaction back. Of two transactions that claim one outcome, the second waits in this function for the first.
    Rows are inserted in the order of their keys, so that the two transactions cannot deadlock."""
    rekey(session)
    forget_draft(session, participation.id)
    index_by_identity = {outcome.identity: index for index, outcome in enumerate(outcomes)}
    claims_held = select(outcome_claims.c.kind, outcome_claims.c.key).where(outcome_claims.c.participation == participation.id)
    key_by_claim = {(row.kind, row.key): _base_key(row.key, participation.id) for row in session.execute(claims_held)}
    claimed_before = {(kind, base) for (kind, _), base in key_by_claim.items()}
    _delete_claims(
        session, participation.id, [row for row, base in key_by_claim.items() if (row[0], base) not in index_by_identity]
    )
    rows = [
        _row(participation, outcomes[index_by_identity[identity]], now)
        for identity in sorted(set(index_by_identity) - claimed_before)
    ]
    if not rows:
        return {}
    statement = insert_into(session.get_bind().dialect.name, outcome_claims).on_conflict_do_nothing()
    claimed_now = {tuple(row) for row in session.execute(statement.returning(outcome_claims.c.kind, outcome_claims.c.key), rows)}
    missed = [row for row in rows if (row["kind"], row["key"]) not in claimed_now]
    lifted = allowed(session, participation.id) if missed else set()
    shared = [row | {"key": f"{row['key']}~{participation.id}"} for row in missed if (row["kind"], row["key"]) in lifted]
    if shared:
        session.execute(insert(outcome_claims), shared)
    refused = [(row["kind"], row["key"]) for row in missed if (row["kind"], row["key"]) not in lifted]
    return {index_by_identity[identity]: _claiming_round(session, identity) for identity in refused}


def record_earlier_use(session: Session, consortium: str, outcomes: Sequence[Outcome], now: datetime) -> None:
    """Record outcomes that were used before the consortium was imported (A16), so that no participation can claim them."""
    rows: list[_Claim] = [{**_facts(outcome, consortium, now), "participation": None, "evaluation": None} for outcome in outcomes]
    if rows:
        session.execute(insert_into(session.get_bind().dialect.name, outcome_claims).on_conflict_do_nothing(), rows)


def free(session: Session, participation: str) -> None:
    """Delete the claims of a participation that ends without a grade, and the outcomes that its draft mentions."""
    forget_draft(session, participation)
    claims_held = select(outcome_claims.c.kind, outcome_claims.c.key).where(outcome_claims.c.participation == participation)
    _delete_claims(session, participation, [(row.kind, row.key) for row in session.execute(claims_held)])


def allow(session: Session, participation: str, identity: Identity, **values: Any) -> None:
    """Allow the participation to claim one outcome although another outcome has the same number. A repeated call replaces the
    reason."""
    row = {"participation": participation, "kind": identity[0], "key": identity[1]}
    statement = insert_into(session.get_bind().dialect.name, outcome_allowances).values(**row, **values)
    session.execute(statement.on_conflict_do_update(index_elements=list(row), set_=values))


def allowed(session: Session, participation: str) -> set[Identity]:
    """Return the keys of the outcomes that the province allowed the participation to claim."""
    rows = select(outcome_allowances.c.kind, outcome_allowances.c.key)
    return {(row.kind, row.key) for row in session.execute(rows.where(outcome_allowances.c.participation == participation))}


def allowances(session: Session, participation: str) -> list[Allowance]:
    """Return the outcomes that the province allowed the participation to claim, with the reasons, for API answers."""
    rows = select(outcome_allowances).where(outcome_allowances.c.participation == participation)
    return [
        {
            "identifier": row.identifier,
            "reason": row.reason,
            "allowed_by": row.allowed_by,
            "allowed_at": row.allowed_at.isoformat(),
        }
        for row in session.execute(rows.order_by(outcome_allowances.c.allowed_at))
    ]


def likenesses(session: Session, participation: Participation, outcomes: Sequence[Outcome]) -> list[AlikeClaim]:
    """Return the claims of other participations that have the same title as one of these outcomes, or the same number from
    another issuer. A similar claim proves nothing; it is shown to reviewers."""
    titles = {title: index for index, outcome in enumerate(outcomes) if (title := title_key(outcome.said["title"]))}
    numbers = {outcome.key.number: index for index, outcome in enumerate(outcomes)}
    statement = select(outcome_claims).where(
        or_(outcome_claims.c.title_key.in_(titles), outcome_claims.c.number.in_(numbers)),
        or_(outcome_claims.c.participation.is_(None), outcome_claims.c.participation != participation.id),
    )
    similar = []
    alike: dict[int, int] = {}
    limit = (len(outcomes) + 1) * MOST_ALIKE * 2
    for row in session.execute(statement.order_by(outcome_claims.c.claimed_at).limit(limit)):
        matched_by = "number" if row.number in numbers else "title"
        index = numbers[row.number] if matched_by == "number" else titles[row.title_key]
        alike[index] = alike.get(index, 0) + 1
        if alike[index] <= MOST_ALIKE:
            similar.append(AlikeClaim(index, matched_by, row.evaluation, row.outcome))
    return similar


def old_claims(session: Session) -> bool:
    """Return whether there are claims whose keys an earlier release wrote."""
    return bool(session.scalar(select(exists().where(_keyed_before()))))


def rekey(session: Session) -> int:
    """Replace the keys that earlier releases wrote by keys of this release, for up to MOST claims. Return how many were replaced.
    A claim of a report that was never submitted becomes a row of `outcome_drafts`. If two claims get the same key, because the
    earlier keys did not recognise them as one outcome, both claims stay, and the earlier one counts."""
    if not old_claims(session):
        return 0
    statement = select(outcome_claims).where(_keyed_before()).order_by(outcome_claims.c.claimed_at, outcome_claims.c.key)
    rows = session.execute(statement.limit(MOST).with_for_update()).all()
    parts = {part.id: part for part in session.scalars(select(Participation).where(_ids(participations.c.id, rows)))}
    lead_by_consortium = {row.id: row.lead for row in session.execute(select(consortia.c.id, consortia.c.lead))}
    for row in rows:
        part = parts[row.participation]
        reported = _as_reported(part, row)
        key = identify(row.kind, row.identifier, reported.get("issuer"), lead_by_consortium[part.consortium])
        session.execute(delete(outcome_claims).where(outcome_claims.c.kind == row.kind, outcome_claims.c.key == row.key))
        if key is None:
            continue
        outcome = Outcome(reported, key)
        dialect = session.get_bind().dialect.name
        if part.version == 0:
            claim_values = {"participation": part.id, "kind": key.space, "key": key.key}
            session.execute(insert_into(dialect, outcome_drafts).values(**claim_values).on_conflict_do_nothing())
            continue
        values = _row(part, outcome, row.claimed_at)
        statement_ = insert_into(dialect, outcome_claims).values(**values).on_conflict_do_nothing()
        if session.execute(statement_.returning(outcome_claims.c.key)).first() is None:
            second = insert_into(dialect, outcome_claims).values(**values | {"key": f"{key.key}~{part.id}"})
            session.execute(second.on_conflict_do_nothing())
    for part in parts.values():
        unit_of_work.audit_only(session, "outcome.keyed", part.subject, bureau=PROVINCE, article="A13")
    return len(rows)


def _as_reported(part: Participation, row: Any) -> NamedOutcome:
    """Return the outcome of a claim as the participation's report lists it; only its kind and identifier if the report no longer
    lists it."""
    for outcome in part.content.get("outcomes", []):
        if outcome["kind"] == row.kind and outcome["identifier"] == row.identifier:
            return outcome
    return {"kind": row.kind, "identifier": row.identifier, "title": ""}


def _row(participation: Participation, outcome: Outcome, now: datetime) -> _Claim:
    facts = _facts(outcome, participation.consortium, now)
    return {**facts, "participation": participation.id, "evaluation": participation.evaluation}


def _facts(outcome: Outcome, consortium: str, now: datetime) -> _Facts:
    members: Mapping[str, Any] = outcome.said
    claimed: ClaimedOutcome = {
        "kind": members["kind"],
        "identifier": members["identifier"],
        "title": members["title"],
        "issuer": members.get("issuer"),
        "achieved_on": members.get("achieved_on"),  # Missing in an import, which does not state when its outcomes were achieved.
        "consortium": consortium,
    }
    return {
        "kind": outcome.key.space,
        "key": outcome.key.key,
        "identifier": outcome.said["identifier"],
        "claimed_at": now,
        "number": outcome.key.number,
        "title_key": title_key(outcome.said["title"]),
        "outcome": claimed,
    }


def _delete_claims(session: Session, participation: str, rows: Sequence[Identity]) -> None:
    """Delete these claims of the participation. If the province allowed another participation to claim the same number, that
    participation's claim gets the key without the suffix."""
    for kind, key in sorted(rows):
        session.execute(delete(outcome_claims).where(outcome_claims.c.kind == kind, outcome_claims.c.key == key))
        sharing = select(outcome_allowances.c.participation).where(
            outcome_allowances.c.kind == kind,
            outcome_allowances.c.key == key,
            outcome_allowances.c.participation != participation,
        )
        for sharing_claim in session.scalars(sharing.order_by(outcome_allowances.c.allowed_at)):
            shared = (outcome_claims.c.kind == kind, outcome_claims.c.key == f"{key}~{sharing_claim}")
            if session.execute(update(outcome_claims).where(*shared).values(key=key).returning(outcome_claims.c.key)).first():
                break


def _base_key(key: str, participation: str) -> str:
    """Return a claim's key without the suffix `~<participation>`, which the key has if another participation claims the same
    number."""
    return key.removesuffix(f"~{participation}")


def _claiming_round(session: Session, identity: Identity) -> str | None:
    statement = select(outcome_claims.c.evaluation).where(
        outcome_claims.c.kind == identity[0], outcome_claims.c.key == identity[1]
    )
    holder: str | None = session.execute(statement).scalar_one()
    return holder


def _rows_by_identity(session: Session, table: Any, outcomes: Iterable[Outcome], *conditions: Any) -> dict[Identity, Any]:
    if not (identities := sorted(_identities(outcomes))):
        return {}
    statement = select(table).where(tuple_(table.c.kind, table.c.key).in_(identities), *conditions)
    return {(row.kind, row.key): row for row in session.execute(statement)}


def _identities(outcomes: Iterable[Outcome]) -> set[Identity]:
    return {outcome.identity for outcome in outcomes}


def _keyed_before() -> Any:
    return outcome_claims.c.kind.not_in((UNIQUE, ISSUED))


def _ids(column: Any, rows: Iterable[Any]) -> Any:
    return column.in_({row.participation for row in rows})
