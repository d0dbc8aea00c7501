"""The acknowledged changes of applications, reviews, the register and the bureaus' own people, and the traces that each must have
left in the databases."""

from __future__ import annotations

from tests.faults.promises import REVIEWS, Kept, Rows, See

_OBJECTION = "POST /applications/(?P<case>[^/]+)/objections"
_CONSORTIUM = "POST /consortia/(?P<consortium>[^/]+)"
_REVIEW = "POST /reviews/(?P<case>[^/]+)"

PROMISES = (
    # Objections and corrections (A6)
    Kept(
        _OBJECTION,
        "objections",
        "objections WHERE id = :id",
        "application",
        subject="application/{case}",
        event="objection.filed",
        names="id",
        message="objection.filed",
    ),
    Kept(
        f"{_OBJECTION}/(?P<objection>[^/]+)/answer",
        "answers to objections",
        "objections WHERE id = :objection AND (prepared IS NOT NULL OR outcome IS NOT NULL)",
        "application",
        subject="application/{case}",
        event="objection.answer_prepared",
    ),
    Kept(
        f"{_OBJECTION}/(?P<objection>[^/]+)/confirmation",
        "objections upheld by two people",
        "objections WHERE id = :objection AND outcome = 'upheld' AND answered_by <> confirmed_by",
        "application",
        subject="application/{case}",
        event="objection.answered",
        names="objection",
    ),
    Kept(
        "POST /applications/(?P<case>[^/]+)/correction-extension",
        "correction windows extended",
        "applications WHERE id = :case",
        "application",
        subject="application/{case}",
        event="application.correction_extended",
        step="application.correction_extended",
        message="application.correction_extended",
    ),
    # Experts, scores and decision lists (A6(2))
    Kept(f"{_REVIEW}/declarations", "declarations", "seats WHERE id = :seat AND declared_at IS NOT NULL", REVIEWS),
    Kept(
        f"{_REVIEW}/scores/(?P<seat>[^/]+)/void",
        "scores voided",
        "seats WHERE id = :seat AND state = 'voided'",
        REVIEWS,
    ),
    Kept(
        f"{_REVIEW}/seats/(?P<seat>[^/]+)/replacement",
        "reviewers replaced",
        "seats WHERE case_id = :case AND replaces = :seat",
        REVIEWS,
    ),
    Kept("POST /calls/[^/]+/decision-lists", "decision lists", "decision_lists WHERE id = :id", REVIEWS),
    Kept(
        "POST /calls/[^/]+/decision-lists/[^/]+/confirmation",
        "decision lists signed",
        "decision_lists WHERE id = :id AND signed_by IS NOT NULL AND signed_by <> by",
        REVIEWS,
    ),
    # Acting chiefs and the pool of reviewers
    Kept(
        "POST /acting-chiefs",
        "acting chiefs",
        "acting_chiefs WHERE id = :id",
        "identity",
        subject="acting_chief/{id}",
        event="acting_chief.appointed",
        message="acting_chief.appointed",
    ),
    Kept(
        "POST /acting-chiefs/[^/]+/ending",
        "acting chiefs ended",
        "acting_chiefs WHERE id = :id AND ended_at IS NOT NULL",
        "identity",
        subject="acting_chief/{id}",
        event="acting_chief.ended",
    ),
    Kept("POST /reviewers", "reviewers", "accounts WHERE username = :username AND pool IS NOT NULL", "identity"),
    Kept(
        "POST /reviewers/[^/]+/renewal",
        "terms of reviewers",
        "accounts WHERE username = :username AND json_array_length(pool -> 'history') >= 2",
        "identity",
    ),
    Kept("POST /reviewers/[^/]+/closing", "reviewers closed", "accounts WHERE username = :username AND NOT active", "identity"),
    # The register (A5(4)7, A11, A12, A14)
    Kept(
        f"{_CONSORTIUM}/departures",
        "members that leave",
        "watches WHERE id = :id AND kind = 'change_asked'",
        "application",
        subject="consortium/{consortium}",
        event="change.asked",
        names="id",
    ),
    Kept(
        f"{_CONSORTIUM}/departures/[^/]+/withdrawal",
        "members that stay",
        "watches WHERE id = :id AND settled_on IS NOT NULL AND outcome = 'withdrawn'",
        "application",
        subject="consortium/{consortium}",
        event="change.ask_closed",
        names="id",
    ),
    Kept(
        f"{_CONSORTIUM}/changes",
        "changes reported",
        "changes WHERE id = :id",
        "application",
        subject="change/{id}",
        event="change.reported",
    ),
    Kept(
        f"{_CONSORTIUM}/hand-over",
        "recommenders handed over",
        "consortia WHERE id = :consortium AND recommender = :recommender",
        "application",
        subject="consortium/{consortium}",
        event="consortium.handed_over",
        step="consortium.handed_over",
        message="consortium.handed_over",
    ),
    Kept(
        f"{_CONSORTIUM}/major-matters",
        "major matters",
        "matters WHERE id = :id",
        "application",
        subject="matter/{id}",
        event="matter.filed",
    ),
    Kept(
        f"{_CONSORTIUM}/major-matters/[^/]+/objection",
        "planned matters objected to",
        "matters WHERE id = :id AND objection IS NOT NULL",
        "application",
        subject="matter/{id}",
        event="matter.objected",
    ),
    Kept(
        "POST /integrity-records/(?P<record>[^/]+)/repair",
        "integrity records repaired",
        "integrity_records WHERE id = :record AND json_array_length(repairs) = 1",
        "application",
        subject="organisation/{uscc}",
        event="integrity.repaired",
        names="record",
    ),
    Kept(
        f"{_CONSORTIUM}/support-requests",
        "nominations",
        "support_requests WHERE id = :id",
        "application",
        subject="support/{id}",
        event="support.recorded",
        message="support.recorded",
    ),
    Kept(
        f"{_CONSORTIUM}/support-requests/(?P<first>[^/]+)/replacement",
        "nominations replaced",
        "support_requests WHERE id = :id AND replaces = :first",
        "application",
        subject="support/{id}",
        event="support.replaced",
        message="support.replaced",
    ),
    Kept(
        "POST /legal-holds",
        "legal holds",
        "holds WHERE id = :id",
        "documents",
        subject="{subject}",
        event="hold.placed",
        names="id",
    ),
    Kept(
        "POST /legal-holds/(?P<hold>[^/]+)/lifting",
        "legal holds lifted",
        "holds WHERE id = :hold AND lifted_at IS NOT NULL",
        "documents",
        subject="{subject}",
        event="hold.lifted",
        names="hold",
    ),
    Kept(
        "POST /legal-holds/(?P<hold>[^/]+)/lifting",
        "legal holds followed",
        "legal_holds WHERE id = :hold AND lifted",
        "application",
    ),
    Kept(
        "POST /organisations/[^/]+/succession",
        "mergers",
        "successions WHERE predecessor = :predecessor AND successor = :successor",
        "application",
    ),
)


def whole(rows: Rows, see: See, held: set[str], *, publicity_over: bool) -> None:
    """Check that once the publicity is over, no application is in publicity any more, and the applications in `held` are held;
    that every recognised application is in the register; and that the watch list contains no open entry twice."""
    applications = rows("application", "SELECT id, status FROM applications WHERE status IN ('publicised', 'recognised', 'held')")
    status = {row.id: row.status for row in applications}
    for id in sorted(held) if publicity_over else ():
        see("facts gone before recognition", status.get(id) == "held", f"{id} is {status.get(id)}")
    waiting = [id for id, each in status.items() if each == "publicised"] if publicity_over else []
    see("publicity that is over", not waiting, f"{len(waiting)} wait for their recognition")
    twice = rows(
        "application",
        "SELECT consortium_id FROM watches WHERE status = 'open'"
        " GROUP BY consortium_id, kind, cause, organisation, source HAVING count(*) > 1",
    )
    see("watch list", not twice, f"{len(twice)} entries are there twice")
    parts = rows(
        "application",
        "SELECT a.consortium_id FROM applications a WHERE a.status = 'recognised'"
        " AND NOT EXISTS (SELECT 1 FROM consortia c WHERE c.id = a.consortium_id AND c.application_id = a.id)",
    )
    see("recognised in the register", not parts, f"{len(parts)} are not in the register")
