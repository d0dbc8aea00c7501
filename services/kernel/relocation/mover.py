"""Move a bureau with all its rows from one database to another, while both keep serving other bureaus (docs/adr/0016).

Every step checks how far the move has come and does only the rest, so that the command can be killed at any point and started
again. At most one database serves the bureau: the fence in the source is raised before the fence in the target is lifted, and the
fence in the target is lifted in the transaction that inserts the copied rows.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, delete, exists, func, select
from sqlalchemy.orm import Session

from services.kernel import audit
from services.kernel.clock import DomainClock
from services.kernel.ids import new_id
from services.kernel.messaging import outbox
from services.kernel.messaging.signing import Verifier
from services.kernel.persistence.tables import audit as entries
from services.kernel.persistence.tables import inbox
from services.kernel.persistence.tables import outbox as outgoing
from services.kernel.persistence.unit_of_work import UnitOfWork
from services.kernel.relocation import fencing
from services.kernel.relocation.endpoint import Endpoint, MoveRefused
from services.kernel.relocation.fencing import ARRIVING, LEAVING, MOVED, PREPARING
from services.kernel.relocation.row_copy import compare, copy_rows
from services.kernel.relocation.table_selection import TableSelection, kernel_selections

#: Seconds between two checks whether the source's outbox is empty.
POLL_SECONDS = 0.2


class Move:
    """One move. `run` carries out the whole move. Its steps are `prepare`, `expect`, `fence`, `drain`, `copy` and `release`, in
    this order."""

    def __init__(
        self,
        service: str,
        selections: Sequence[TableSelection],
        bureau: str,
        source: Endpoint,
        target: Endpoint,
        report: Callable[[str], None],
        verifier: Verifier,
    ) -> None:
        self._service = service
        self._verifier = verifier
        self._bureau = bureau
        self._source = source
        self._target = target
        self._report = report
        self._selections = (*selections, *kernel_selections(service))
        #: The name of this move, which both databases store.
        self._move = ""

    def run(self) -> None:
        """Move the bureau to the target. If there is an unfinished move in the other direction, cancel that move instead. Raises
        MoveRefused if neither is possible."""
        self._refuse_third_database()
        if self._cancelled_opposite_move():
            return
        for step in (self.prepare, self.expect, self.fence, self.drain, self.copy, self.release):
            step()

    # The steps of a move

    def prepare(self) -> None:
        """Store the move's name in the source. Nothing is blocked yet."""
        self._refuse_third_database()
        with self._source.transaction() as session:
            fence = fencing.state_of(session, self._bureau)
            if fence is None:
                self._refuse_old_events(session)
                self._move = new_id()
                fencing.set_state(session, self._bureau, PREPARING, self._move, self._target.identity)
                self._report(f"{self._bureau} is to move from {self._source.name} to {self._target.name}")
                return
        self._move = fence.move
        if fence.state == ARRIVING:
            raise MoveRefused(f"{self._bureau} is only on its way to {self._source.name}: finish that move, or call it off")
        if fence.state == MOVED and not self._arrived():
            raise MoveRefused(f"{self._bureau} is not in {self._source.name}, and not from there in {self._target.name}")

    def expect(self) -> None:
        """Fence the bureau in the target before its rows arrive, in case a process there is already configured to serve it."""
        if self._arrived():
            return
        fence = self._fence_row(self._target)
        if fence is not None and fence.state in (PREPARING, LEAVING):
            raise MoveRefused(f"an earlier move of {self._bureau} from {self._target.name} is not finished: run it again first")
        if not _is_in_state(fence, ARRIVING, self._move):
            # This check is made twice: before the fence is raised, so that a target which already serves the bureau is not
            # disturbed, and after it was raised, when the result can no longer change.
            self._refuse_existing_rows()
            self._target.raise_fence(self._bureau, ARRIVING, self._move, self._source.identity)
        self._refuse_existing_rows()
        self._report(f"{self._target.name} expects it")

    def fence(self) -> None:
        """Fence the bureau in the source. From now on messages for the bureau wait on the bus."""
        if self._fence_state(self._source) == PREPARING:
            self._source.raise_fence(self._bureau, LEAVING, self._move, self._target.identity)
            self._report(f"{self._source.name} does nothing for it any more; its events wait, requests are refused for now")

    def drain(self) -> None:
        """Wait until the source has published all the bureau's events, and seal its audit entries."""
        reported = None
        while self._fence_state(self._source) == LEAVING and not self._arrived():
            self._seal()
            remaining = self._unpublished()
            if remaining == 0:
                self._report(f"{self._source.name} has published and sealed all that is its")
                return
            if remaining != reported:
                self._report(
                    f"{remaining} of its events are not on the bus yet: a process of {self._source.name} must run to take them"
                )
                reported = remaining
            time.sleep(POLL_SECONDS)

    def copy(self) -> None:
        """Copy all rows to the target, in one transaction that also lifts the target's fence."""
        if self._arrived():
            return
        if not _is_in_state(self._fence_row(self._source), LEAVING, self._move) or self._unpublished():
            raise MoveRefused(f"{self._source.name} is not drained; run the command again")
        with self._source.snapshot() as old, self._target.transaction() as new:
            sent = [(selection, copy_rows(selection, self._bureau, old, new)) for selection in self._selections]
            for selection, tally in sent:
                compare(selection, self._bureau, tally, new)
                self._report(
                    f"    {selection.table.name}: {tally.rows} rows{'' if selection.leaves else ', known in both from now on'}"
                )
            if not _is_in_state(fencing.state_of(new, self._bureau), ARRIVING, self._move):
                raise MoveRefused(f"{self._target.name} does not expect this move; run the command again")
            fencing.record_arrival(new, self._bureau, self._move)
        self._report(f"{self._target.name} has it, and serves it as soon as a process there is to")

    def release(self) -> None:
        """Delete the bureau's rows in the source. The bureau's fence in the source stays, because a process there may still be
        configured to serve the bureau."""
        if not self._arrived():
            raise MoveRefused(f"{self._bureau} has not come to {self._target.name}")
        with self._source.transaction() as session:
            if _is_in_state(fencing.state_of(session, self._bureau), LEAVING, self._move):
                for selection in reversed([selection for selection in self._selections if selection.leaves]):
                    session.execute(delete(selection.table).where(selection.whose(self._bureau)))
                fencing.set_state(session, self._bureau, MOVED, self._move, self._target.identity)
        self._report(f"{self._bureau} has moved from {self._source.name} to {self._target.name}")

    # Cancelling a move

    def _cancelled_opposite_move(self) -> bool:
        """If a move in the other direction is unfinished, cancel it and return True; the bureau then stays in the database that
        has its rows. Return False if there is no such move. Raises MoveRefused if the other move has gone too far to be
        cancelled, or if it leads to a third database."""
        with self._target.transaction() as session:
            opposite = fencing.state_of(session, self._bureau)
        if opposite is None or opposite.state not in (PREPARING, LEAVING):
            return False
        with self._source.transaction() as session:
            fence, has_arrived = fencing.state_of(session, self._bureau), fencing.has_arrived(session, opposite.move)
        if has_arrived:
            raise MoveRefused(
                f"{self._bureau} has come to {self._source.name}, but is not removed from {self._target.name}: "
                f"first run the command from {self._target.name} to {self._source.name} again"
            )
        if not (fence and fence.move == opposite.move) and opposite.state == LEAVING:
            raise MoveRefused(f"{self._bureau} is on its way from {self._target.name} to another database")
        if fence and fence.move == opposite.move:
            # If the source has no rows of the bureau, it must not serve the bureau, however its processes are configured.
            with self._source.transaction() as session:
                if self._tables_with_rows(session):
                    fencing.lift_fence(session, self._bureau)
                else:
                    fencing.set_state(session, self._bureau, MOVED, opposite.move, self._target.identity)
        with self._target.transaction() as session:
            fencing.lift_fence(session, self._bureau)
        self._report(f"the move is called off: {self._bureau} stays in {self._target.name}")
        return True

    # Progress of a move

    def _fence_row(self, side: Endpoint) -> Any:
        with side.transaction() as session:
            return fencing.state_of(session, self._bureau)

    def _fence_state(self, side: Endpoint) -> str | None:
        row = self._fence_row(side)
        return row.state if row else None

    def _arrived(self) -> bool:
        with self._target.transaction() as session:
            return fencing.has_arrived(session, self._move)

    def _unpublished(self) -> int:
        """Return the number of the bureau's events that are not published yet. Sealing the bureau's audit entries may still add
        some events."""
        producer = f"{self._service}.{self._bureau}"
        unsealed = select(func.count()).where(entries.c.bureau == self._bureau, entries.c.sealed.is_(None))
        unpublished = select(func.count()).where(outgoing.c.producer == producer, outgoing.c.published_at.is_(None))
        with self._source.transaction() as session:
            return int(session.execute(unsealed).scalar_one() + session.execute(unpublished).scalar_one())

    def _seal(self) -> None:
        """Seal the bureau's audit entries and announce the head of its hash chain, as the service itself does every few
        seconds."""
        with self._source.transaction() as session:
            work = session.info["work"] = UnitOfWork(self._service, DomainClock())
            sealing = audit.seal(session, self._verifier, per_bureau=True, only=self._bureau)
            outbox.write(session, [work])
        if sealing.refused:
            raise MoveRefused(f"the audit log of {self._bureau} was tampered with: see `guichuang audit verify`")

    # Reasons to refuse a move

    def _refuse_third_database(self) -> None:
        """Raise MoveRefused if one of the two databases takes part in an unfinished move with a third database: rows of
        that move could be mistaken for rows of this one."""
        for side, other in ((self._source, self._target), (self._target, self._source)):
            row = self._fence_row(side)
            if row is not None and row.state != MOVED and row.other != other.identity:
                raise MoveRefused(
                    f"{self._bureau} is on its way between {side.name} and a third: "
                    "finish that move, or call it off by its way back"
                )

    def _refuse_old_events(self, source: Session) -> None:
        """Raise MoveRefused if the source's inbox contains waiting events that an earlier version received without recording the
        receiving bureau: it is not known whether they must move."""
        waiting = select(func.count()).where(inbox.c.bureau.is_(None), inbox.c.state != "done")
        if count := source.execute(waiting).scalar_one():
            raise MoveRefused(
                f"{count} events received by an earlier version wait in {self._source.name}: let them be processed, "
                "and replay those that are parked (`guichuang events dead-letters list`)"
            )

    def _tables_with_rows(self, session: Session) -> list[str]:
        """Return the names of the tables that contain rows of this bureau alone."""
        return [
            selection.table.name
            for selection in self._selections
            if selection.leaves and session.execute(select(exists().where(selection.whose(self._bureau)))).scalar_one()
        ]

    def _refuse_existing_rows(self) -> None:
        """Raise MoveRefused if the target has worked for the bureau already: the rows of both databases could not be
        distinguished."""
        with self._target.transaction() as session:
            names = self._tables_with_rows(session)
            if not names:
                return
            if _is_in_state(fencing.state_of(session, self._bureau), ARRIVING, self._move):
                fencing.lift_fence(session, self._bureau)
        with self._source.transaction() as session:
            if _is_in_state(fencing.state_of(session, self._bureau), PREPARING, self._move):
                fencing.lift_fence(session, self._bureau)
        raise MoveRefused(
            f"{self._target.name} has served {self._bureau} already ({', '.join(names)}); "
            "it can only come into a database that has nothing of it"
        )


def _is_in_state(row: Row[str, str, str | None] | None, state: str, move: str) -> bool:
    return row is not None and (row.state, row.move) == (state, move)
