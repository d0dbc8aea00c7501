"""Reactions to other services' events that change how long documents are kept."""

from __future__ import annotations

from sqlalchemy.orm import Session

from services.contracts.acts import ActMade
from services.documents.commands.update_case_file import end_file
from services.documents.domain.case_file import APPLICATION, DRAFT
from services.documents.domain.other_events import (
    ApplicationEnded,
    ApplicationSubmitted,
    ConsortiumChanged,
    ConsortiumRecognised,
    ConsortiumRevoked,
    EvidenceSeen,
    PolicyPublished,
    ProposalRefused,
)
from services.documents.generated.templates import PAPERS
from services.documents.repository import case_files, document_numbers
from services.kernel.clock import local_date
from services.kernel.errors import Forbidden
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import unit_of_work
from services.policy import Policies


def handed_in(session: Session, event: Event[ApplicationSubmitted]) -> None:
    """`application.submitted`, `application.resubmitted`: the case file is no longer a draft's. The documents of organisations
    that the application names are kept as long as the application's documents."""
    record = case_files.record(session, event.subject, event.occurred_at)
    record.hand_in(event.data.title, event.recommender)
    record.policy = record.policy if record.ended_on else event.data.policy
    papers = [paper["id"] for paper in event.data.documents if paper["id"].startswith("organisation.")]
    case_files.hand_in(session, event.subject, papers)


def application_ended(session: Session, policies: Policies, event: Event[ApplicationEnded]) -> None:
    """`application.withdrawn`, `application.rejected`, `application.declined`: start the retention term of the application's
    documents; if the application was never submitted, start the term of a draft."""
    record = case_files.record(session, event.subject, event.occurred_at)
    if event.data.version and record.kind == DRAFT:
        record.kind = APPLICATION
    record.title = event.data.title or event.data.name or record.title
    record.recommender = event.recommender or record.recommender
    end_file(session, policies, record.file, local_date(event.occurred_at), event.type)


def recognised(session: Session, policies: Policies, event: Event[ConsortiumRecognised]) -> None:
    """`consortium.recognised`: join the consortium and its application into one case file, which ends when the consortium
    ends."""
    consortium = case_files.record(session, event.subject, event.occurred_at)
    consortium.title, consortium.recommender = event.data.name, event.recommender
    consortium.policy = consortium.policy if consortium.ended_on else event.data.policy
    if event.data.application:
        application = case_files.record(session, f"application/{event.data.application}", event.occurred_at)
        application.file, application.kind = event.subject, APPLICATION
        application.rule = application.due_on = None
    if consortium.ended_on and consortium.why:
        end_file(session, policies, event.subject, consortium.ended_on, consortium.why)


def proposal_refused(session: Session, policies: Policies, event: Event[ProposalRefused]) -> None:
    """`consortium.proposal_refused`: the province refused to register a consortium of the plan of 2021. Its documents are kept
    from the day of the refusal as long as those of a consortium that ended on that day."""
    record = case_files.record(session, event.subject, event.occurred_at)
    record.title, record.recommender = event.data.name, event.recommender
    end_file(session, policies, event.subject, local_date(event.occurred_at), event.type)


def revoked(session: Session, policies: Policies, event: Event[ConsortiumRevoked]) -> None:
    """`consortium.revoked`: the retention term of the consortium's documents starts on the day of the revocation."""
    case_files.record(session, event.subject, event.occurred_at)
    end_file(session, policies, event.subject, event.data.revoked_on, event.type)


def changed(session: Session, policies: Policies, event: Event[ConsortiumChanged]) -> None:
    """`consortium.changed`: store the consortium's new name. If the consortium was dissolved, the retention term of its documents
    starts on the day of the dissolution."""
    record = case_files.record(session, event.subject, event.occurred_at)
    record.title, record.recommender = event.data.name, event.recommender or record.recommender
    if event.data.status == "dissolved":
        end_file(session, policies, event.subject, event.data.effective_on, "consortium.dissolved")


def evidence_seen(session: Session, event: Event[EvidenceSeen]) -> None:
    """`organisation.verified`, `organisation.verification_refused`, `integrity.repaired`: keep the documents that a bureau saw as
    part of the organisation's own file, so that they stay when the documents of an application with which they were submitted are
    deleted."""
    case_files.record(session, event.subject, event.occurred_at)
    case_files.hand_in(session, event.subject, event.data.documents)


def act_made(session: Session, event: Event[ActMade]) -> None:
    """`application.act_made`, `review.act_made`, `evaluation.act_made`: assign a document number to the act, unless the act has
    one because its document was requested before this event arrived. An act is numbered only if its document is of a kind that
    the publishing service states and, for an act of a bureau's review service, only if the act is this bureau's."""
    paper, act = event.data.paper, event.data.act
    owner, _, bureau = event.producer.partition(".")
    if PAPERS[paper].owner != owner or (bureau and act["bureau"] != bureau):
        raise Forbidden("statement_refused", "该文号不由其编排。", "The number is not this producer's to ask for.")
    if document_numbers.given(session, event.subject, paper, act) is None:
        number = document_numbers.give(session, event.subject, paper, act)
        unit_of_work.audit_only(session, "document.numbered", event.subject, bureau=act["bureau"], after=number)


def policy_published(session: Session, policies: Policies, event: Event[PolicyPublished]) -> None:
    """`policy.published`: compute the retention terms of the case files under this policy again."""
    case_files.keep_policy(session, event.data.policy, event.data.document, event.occurred_at)
    policies.expire()
