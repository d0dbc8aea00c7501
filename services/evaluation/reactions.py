"""The reactions of this service to the events of other services."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.evaluation.stored import FoundFact
from services.contracts.review.payloads import PanelReaders, ReviewerDeclared, ScoreVoided
from services.evaluation.commands import advance_participation, report_yearly
from services.evaluation.commands.end_duties import end_duties
from services.evaluation.commands.follow_hand_over import follow_hand_over
from services.evaluation.commands.forget_objectors import forget_objectors
from services.evaluation.commands.open_report import open_report
from services.evaluation.commands.propose_revocation import propose_revocation
from services.evaluation.commands.revoke import open_known_ground
from services.evaluation.commands.void_ground import void_ground
from services.evaluation.domain.annual_report import first_year
from services.evaluation.domain.consortium import Consortium, ConsortiumStatus
from services.evaluation.domain.evaluation_duty import DEFERRAL, first_round_by, round_after
from services.evaluation.domain.other_events import (
    ChangeWithdrawn,
    ConsortiumChanged,
    ConsortiumHandedOver,
    ConsortiumRecognised,
    GroundArisen,
    GroundCeased,
    History,
    PolicyPublished,
    StagePassed,
    StageReturned,
)
from services.evaluation.domain.outcome import Outcome
from services.evaluation.domain.outcome_number import identify
from services.evaluation.repository import consortia, outcomes
from services.evaluation.repository import policies as published_policies
from services.kernel.clock import Clock, local_date
from services.kernel.messaging.envelope import Event
from services.policy import Evaluation, Policies

#: `outcome` of the event `ground.ceased` → the Chinese text that states why the ground is void.
_CEASED = {"cured": "情形已消除", "withdrawn": "所依据的记录已撤销", "ended": "联合体资格已终止"}


def recognised(session: Session, clock: Clock, policies: Policies, event: Event[ConsortiumRecognised]) -> None:
    """`consortium.recognised`: store the consortium, which was recognised on the platform or imported from the plan of 2021
    (A16), and open the first annual report that it owes."""
    data = event.data
    recognised_on, entered_on = data.recognised_on, local_date(event.occurred_at)
    policy = policies.in_force(entered_on)
    year = first_year(recognised_on, entered_on, policy.annual_report)
    consortium = Consortium(
        id=data.consortium,
        name=data.name,
        lead=data.lead.uscc,
        lead_name=data.lead.name,
        recommender=data.recommender,
        recognised_on=recognised_on,
        opened_through=year - 1,
        number=data.number,
        field=data.field,
        status=ConsortiumStatus.ACTIVE,
        units=data.units,
        goals=data.goals or [],
        related_units=data.related_units or [],
        next_round_by=first_round_by(recognised_on, policy.evaluation),
    )
    _store_history(session, clock, policy.evaluation, consortium, data.history or History())
    session.add(consortium)
    session.flush()
    open_report(session, clock, policies, consortium, year)


def _store_history(session: Session, clock: Clock, rule: Evaluation, consortium: Consortium, history: History) -> None:
    """Store the history of an imported consortium (A13, A16): its last grade, the number of deferrals granted after that grade,
    and the outcomes that it has used."""
    if grades := sorted(history.grades, key=lambda grade: grade.issued_on):
        last = grades[-1]
        consortium.grade, consortium.graded_on, consortium.graded_under = last.grade, last.published_on, last.issued_on
        consortium.next_round_by = round_after(consortium.graded_under, rule)
    under = consortium.graded_under
    since = [each for each in history.deferrals if under is None or each.issued_on > under]
    if since:
        consortium.owes_round, consortium.deferrals = DEFERRAL, len(since)
    outcomes_used = [
        Outcome(outcome, key)
        for outcome in history.outcomes
        if (key := identify(outcome["kind"], outcome["identifier"], outcome.get("issuer"), consortium.lead))
    ]
    outcomes.record_earlier_use(session, consortium.id, outcomes_used, clock.now())


def changed(session: Session, clock: Clock, event: Event[ConsortiumChanged]) -> None:
    """`consortium.changed`: store the new name, lead, units and related units. If the consortium is dissolved, end its duties."""
    data = event.data
    consortium = consortia.consortium(session, event.subject_id, lock=True)
    consortium.name, consortium.units = data.name, data.units
    consortium.lead, consortium.lead_name = data.lead.uscc, data.lead.name
    if data.related_units is not None:  # None in an event of an earlier release.
        consortium.related_units = data.related_units
    if data.status == ConsortiumStatus.DISSOLVED and consortium.alive:
        consortium.status = ConsortiumStatus.DISSOLVED
        end_duties(session, clock, consortium, "dissolved")


def handed_over(session: Session, policies: Policies, event: Event[ConsortiumHandedOver]) -> None:
    """`consortium.handed_over`: move the duties to the new recommender."""
    follow_hand_over(session, policies, event)


def ground_arisen(session: Session, clock: Clock, policies: Policies, event: Event[GroundArisen]) -> None:
    """`ground.arisen`: propose a revocation on a ground that the register found. If the province knew the ground when it decided
    (`confirmed`), open the revocation case without waiting for a confirmation of the proposal."""
    data = event.data
    consortium = consortia.consortium(session, event.subject_id, lock=True)
    fact: FoundFact = {"fact": data.reason, "source": data.source, "evaluation": None, "said": data.said}
    if data.found_on:
        fact["found_on"] = data.found_on
    if data.confirmed:
        open_known_ground(session, clock, policies, consortium, data.ground, fact, data.documents or [])
    else:
        propose_revocation(session, clock, policies, consortium, data.ground, fact)


def ground_ceased(session: Session, clock: Clock, event: Event[GroundCeased]) -> None:
    """`ground.ceased`: void a ground whose cause no longer exists (A14(4), A14(5))."""
    consortium = consortia.consortium(session, event.subject_id, lock=True)
    void_ground(session, clock, consortium, event.data.source, _CEASED[event.data.outcome])


def change_withdrawn(session: Session, clock: Clock, event: Event[ChangeWithdrawn]) -> None:
    """`change.withdrawn`: void the ground of revocation that the late report of this change caused (A12, A14(1))."""
    consortium = consortia.consortium(session, event.data.consortium, lock=True)
    void_ground(session, clock, consortium, event.subject, "变更报告已撤回")


def record_disposed(session: Session, event: Event[object]) -> None:
    """`record.disposed`: the documents of a consortium were deleted, so erase the personal data of written objectors to its
    grades too."""
    if event.subject.startswith("consortium/"):
        forget_objectors(session, event)


def policy_published(session: Session, policies: Policies, event: Event[PolicyPublished]) -> None:
    """`policy.published`: store the version of the policy. It applies to every report, round and case that is opened on or after
    the version's first day."""
    published_policies.keep(session, event.data.policy, event.data.document, event.occurred_at)
    policies.expire()


def on_passed(session: Session, clock: Clock, policies: Policies, event: Event[StagePassed]) -> None:
    """`review.recommended`, `review.passed`: a bureau has signed its opinion, so move the participation to its next stage, or
    mark the annual report as accepted."""
    if event.subject.startswith("participation/"):
        advance_participation.close_stage(session, clock, policies, event)
    elif event.subject.startswith("report/"):
        report_yearly.accept(session, clock, event)


def on_returned(session: Session, clock: Clock, policies: Policies, event: Event[StageReturned]) -> None:
    """`review.returned`: return the report to the lead."""
    if event.subject.startswith("participation/"):
        advance_participation.return_for_correction(session, clock, policies, event)
    elif event.subject.startswith("report/"):
        report_yearly.return_for_correction(session, event)


def on_panel(session: Session, clock: Clock, event: Event[PanelReaders]) -> None:
    """`panel.appointed`: set which reviewers may read the participation's documents."""
    if event.subject.startswith("participation/"):
        advance_participation.appoint_readers(session, clock, event)


def on_declared(session: Session, event: Event[ReviewerDeclared]) -> None:
    """`reviewer.declared`: let the reviewer who has declared to have no interest read the participation's documents."""
    if event.subject.startswith("participation/"):
        advance_participation.open_papers(session, event)


def on_score_voided(session: Session, clock: Clock, event: Event[ScoreVoided]) -> None:
    """`score.voided`: replace the experts' result, on which the grade is based, by the result without the voided score."""
    if event.subject.startswith("participation/"):
        advance_participation.void_score(session, clock, event)
