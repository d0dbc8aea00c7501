"""Compare databases, queues, register and audit chains with the answers that clients received."""

from __future__ import annotations

import re
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import text

from deploy import composition
from deploy.cli.verify import verify
from deploy.cluster.deployment import ProcessSpec
from deploy.cluster.local_cluster import LocalCluster
from deploy.local_services.rabbitmq import VHOST
from services.kernel.messaging.inbox import Arrival
from services.kernel.persistence.database import Database
from services.kernel.runtime import ServiceRuntime
from services.kernel.testing import is_consumer_of
from tests.faults import oversight, register
from tests.faults.ledger import Ledger, Promise
from tests.faults.promises import Lookup

#: The seconds within which the platform must finish its work after the last kill.
REST_SECONDS = 120.0

_STATUS_OF_ENDED = ("withdrawn", "rejected", "declined", "publicised", "recognised")


@dataclass
class Report:
    """The result of a check: for each kind of item the number that was checked, and a sentence for each flaw that was found."""

    checked: Counter[str] = field(default_factory=Counter)
    flaws: list[str] = field(default_factory=list)

    def see(self, what: str, holds: bool, flaw: str) -> None:
        self.checked[what] += 1
        if not holds:
            self.flaws.append(f"{what}: {flaw}")


class Checker:
    """Checks the databases and the broker of a machine against the changes that the platform acknowledged, and against one
    another."""

    def __init__(self, machine: LocalCluster) -> None:
        self._machine = machine
        self._seats = [seat for seat in machine.seats if seat.name != "gateway"]
        self._reviews = [seat.name for seat in self._seats if seat.service == "review"]
        self._databases = {
            seat.name: Database(deployment.database(seat), pool=2)
            for deployment in machine.deployments
            for seat in deployment.seats
            if seat in self._seats
        }
        self.report = Report()
        self._lookup = Lookup(self.rows, self.report.see, self._reviews)

    def check(self, ledger: Ledger) -> Report:
        self.come_to_rest()
        for promise in ledger.promises:
            self._keep(promise)
        self._effects_once()
        self._no_case_stuck(publicity_over=ledger.publicity_over)
        register.whole(self.rows, self.report.see, ledger.held, publicity_over=ledger.publicity_over)
        self._audit()
        return self.report

    def rows(self, seat: str, statement: str, /, **values: Any) -> list[Any]:
        with self._databases[seat].read() as session:
            return list(session.execute(text(statement), values))

    # Check that all work has ended

    def come_to_rest(self) -> None:
        """Wait until every event is published, received and processed, and every audit entry is sealed."""
        end = time.monotonic() + REST_SECONDS
        left: list[str] = []
        while time.monotonic() < end:
            left = list(self._unfinished())
            if not left:
                break
            time.sleep(0.5)
        self.report.see("came to rest", not left, "; ".join(left))

    def _unfinished(self) -> Iterator[str]:
        for seat in self._seats:
            for what, statement in (
                ("events not published", "SELECT count(*) FROM outbox WHERE published_at IS NULL"),
                ("events without their effect", "SELECT count(*) FROM inbox WHERE state <> 'done'"),
                ("audit entries not sealed", "SELECT count(*) FROM audit WHERE sealed IS NULL"),
            ):
                if count := self.rows(seat.name, statement)[0][0]:
                    yield f"{seat.name}: {count} {what}"
        listed = self._machine.broker.ctl("list_queues", "-p", VHOST, "name", "messages")
        for line in str(listed).splitlines():
            name, _, messages = line.partition("\t")
            if messages.strip().isdigit() and int(messages):
                yield f"queue {name}: {messages.strip()} messages"

    # Check each acknowledged change

    def _keep(self, promise: Promise) -> None:
        self._lookup.keep(promise, (*oversight.PROMISES, *register.PROMISES))
        for pattern, check in _PROMISES:
            if found := re.fullmatch(pattern, f"{promise.method} {promise.path}"):
                check(self, promise.answer, *found.groups())

    def _count(self, what: str, seat: str, statement: str, flaw: str, expected: int = 1, **values: Any) -> None:
        count = self.rows(seat, statement, **values)[0][0]
        self.report.see(what, count == expected, f"{flaw} is there {count} times")

    def _count_reviewed(self, what: str, statement: str, flaw: str, **values: Any) -> None:
        """Check that all review databases together contain exactly one row that the statement counts. (While a bureau moves, its
        rows may be in either of two databases.)"""
        count = sum(row[0] for row in self._reviewed(statement, **values))
        self.report.see(what, count == 1, f"{flaw} is there {count} times")

    def _reviewed(self, statement: str, **values: Any) -> list[Any]:
        return [row for seat in self._reviews for row in self.rows(seat, statement, **values)]

    def account(self, answer: Any) -> None:
        name = answer["username"]
        self._count("accounts", "identity", "SELECT count(*) FROM accounts WHERE username = :name", name, name=name)

    def application(self, answer: Any) -> None:
        id = answer["id"]
        self._count("applications", "application", "SELECT count(*) FROM applications WHERE id = :id", id, id=id)

    def submission(self, answer: Any, id: str) -> None:
        number = answer["version"]
        statement = "SELECT count(*) FROM versions WHERE application_id = :id AND number = :number"
        self._count("submitted versions", "application", statement, f"version {number} of {id}", id=id, number=number)

    def withdrawal(self, answer: Any, id: str) -> None:
        statement = "SELECT count(*) FROM applications WHERE id = :id AND status = 'withdrawn'"
        self._count("withdrawals", "application", statement, id, id=id)

    def verification(self, answer: Any, code: str) -> None:
        for entry in answer["verifications"]:
            statement = "SELECT count(*) FROM verifications WHERE uscc = :code AND fact = :fact AND ended_at IS NULL"
            expected = int(entry["verified"])
            flaw = f"{entry['fact']} of {code}"
            self._count("verifications", "application", statement, flaw, expected, code=code, fact=entry["fact"])

    def document(self, answer: Any, id: str) -> None:
        statement = "SELECT count(*) FROM documents WHERE id = :id AND state = 'clean'"
        self._count("documents", "documents", statement, id, id=id)

    def opinion(self, answer: Any, case: str) -> None:
        id = answer["id"]
        self._count_reviewed("opinions", "SELECT count(*) FROM opinions WHERE id = :id", id, id=id)

    def panel(self, answer: Any, case: str) -> None:
        statement = "SELECT count(*) FROM draws WHERE case_id = :case AND seed = :seed"
        self._count_reviewed("panels", statement, case, case=case, seed=answer["seed"])

    def score(self, answer: Any, case: str) -> None:
        statement = "SELECT count(*) FROM scores WHERE case_id = :case AND at = cast(:at AS timestamptz)"
        self._count_reviewed("scores", statement, case, case=case, at=answer["submitted_at"])

    def decision(self, answer: Any, case: str) -> None:
        id = answer["id"]
        self._count_reviewed("decisions", "SELECT count(*) FROM opinions WHERE id = :id", id, id=id)
        self._in_effect(case, answer["outcome"])

    def decision_list(self, answer: Any) -> None:
        for row in answer["rows"]:
            result = row["result"]["status"]
            if result == "refused":
                continue
            statement = "SELECT count(*) FROM opinions WHERE case_id = :case AND stage = 'decision' AND signed AND void IS NULL"
            self._count_reviewed("decisions of lists", statement, row["review"], case=row["review"])
            self._in_effect(row["review"], "approve" if result == "approved" else "decline")

    def _in_effect(self, case: str, outcome: str) -> None:
        """Check that a decision had its effect on the application. After an objection the province may decide again on an
        approved application, so an approved one may be in publicity, recognised, or held."""
        subject = self._reviewed("SELECT subject FROM cases WHERE id = :case", case=case)[0][0]
        if not subject.startswith("application/"):
            return
        [(status,)] = self.rows("application", "SELECT status FROM applications WHERE id = :id", id=subject.partition("/")[2])
        reached = ("publicised", "recognised", "held") if outcome == "approve" else ("declined",)
        self.report.see("decisions in effect", status in reached, f"{subject} is {status} after {outcome}")

    # Check that the databases are consistent with one another

    def _effects_once(self) -> None:
        """Check that the inbox of each service contains every event to which the service subscribes exactly once, and no other
        event."""
        runtimes = {seat.name: self._runtime(seat) for seat in self._seats}
        sent = [row for seat in self._seats for row in self.rows(seat.name, "SELECT body, producer, routing_key FROM outbox")]
        away = "SELECT bureau FROM fences WHERE state = 'moved'"
        gone = {seat: {row.bureau for row in self.rows(seat, away)} for seat in self._reviews}
        for name, runtime in runtimes.items():
            heard = Counter(
                Arrival.of(row.body, binding.bureau).id
                for binding in runtime.bindings()
                if binding.bureau not in gone.get(name, ())
                for row in sent
                if is_consumer_of(binding, row.producer, row.routing_key)
            )
            received = Counter(row.id for row in self.rows(name, "SELECT id FROM inbox"))
            self.report.see(
                f"events at {name}",
                heard == received,
                f"{(heard - received).total()} lost of {heard.total()}, {(received - heard).total()} too many",
            )
            self.report.checked["events"] += heard.total()
            runtime.database.close()

    def _runtime(self, seat: ProcessSpec) -> ServiceRuntime:
        [deployment] = [deployment for deployment in self._machine.deployments if seat in deployment.seats]
        return composition.runtime_of(seat.party, deployment.told(seat))

    def _no_case_stuck(self, *, publicity_over: bool) -> None:
        """Check that the bureau that must act next on an application or participation has an open case at its stage, and that no
        other case about it is open; and that no organisation has more than three reserved quotas."""
        statement = "SELECT subject, bureau, stage FROM cases WHERE status = 'open'"
        waiting = {row.subject: (row.bureau, row.stage) for row in self._reviewed(statement)}
        oversight.whole(self.rows, self.report.see, waiting, publicity_over=publicity_over)
        for row in self.rows("application", "SELECT id, status, stage, recommender FROM applications WHERE version > 0"):
            at = waiting.get(f"application/{row.id}")
            if row.status == "submitted":
                bureau = row.recommender if row.stage == "recommendation" else "450000"
                self.report.see("applications", at == (bureau, row.stage), f"{row.id} is at {row.stage}, its case at {at}")
            elif row.status == "held":
                decides = ("450000", "decision")
                self.report.see("applications", at == decides, f"{row.id} is held, its case at {at}")
            else:
                known = row.status in (*_STATUS_OF_ENDED, "returned")
                self.report.see("applications", known and at is None, f"{row.id} is {row.status}, its case at {at}")
        over = self.rows(
            "application",
            "SELECT uscc FROM places WHERE held AND freed_at IS NULL GROUP BY uscc HAVING count(*) > 3",
        )
        self.report.see("places", not over, f"{len(over)} organisations hold more than three")

    def _audit(self) -> None:
        for code in (None, *self._machine.cities):
            status = verify(self._machine.operators(code))
            self.report.see("audit chains", status == 0, f"exit status {status}")


_PROMISES = (
    (r"POST /accounts", Checker.account),
    (r"POST /applications", Checker.application),
    (r"POST /applications/([^/]+)/submission", Checker.submission),
    (r"POST /applications/([^/]+)/withdrawal", Checker.withdrawal),
    (r"POST /organisations/([^/]+)/verifications", Checker.verification),
    (r"POST /documents/([^/]+)/completion", Checker.document),
    (r"POST /reviews/([^/]+)/opinions", Checker.opinion),
    (r"POST /reviews/([^/]+)/opinions/[^/]+/signature", Checker.opinion),
    (r"POST /reviews/([^/]+)/panel", Checker.panel),
    (r"POST /reviews/([^/]+)/scores", Checker.score),
    (r"POST /reviews/([^/]+)/decision", Checker.decision),
    (r"POST /calls/[^/]+/decision-lists/[^/]+/confirmation", Checker.decision_list),
)
