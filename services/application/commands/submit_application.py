"""The lead submits an application, for the first time or after a return. The verdict, the quotas and the events are stored in one
transaction (A6(1), A8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypedDict

from sqlalchemy import Row, insert
from sqlalchemy.orm import Session

from services.application import verdict
from services.application.access import Reader, require_lead, require_province
from services.application.commands.start_application import lead_of
from services.application.domain.application import DECISION, Application
from services.application.domain.call import Call
from services.application.domain.content import VersionContent, gaps
from services.application.domain.quotas import Limits
from services.application.domain.recommender import objection_to
from services.application.repository import cases, quotas, timeline
from services.application.serializers import application_serializers
from services.application.tables import versions
from services.application.verdict import CaseDocuments, Circumstances, Verdict, VerdictInputs
from services.contracts.application.application_payloads import ApplicationSubmitted
from services.contracts.application.application_responses import ApplicationAnswerDict
from services.contracts.application.differences import changed_sections
from services.contracts.findings import StoredFinding
from services.contracts.organisation_name import LeadReference
from services.input.text import clean_line
from services.kernel.clock import Clock, received_instant
from services.kernel.errors import FieldError, Invalid, Text
from services.kernel.identity import Actor
from services.kernel.messaging.signing import Verifier
from services.policy import PROVINCE, Policies, Policy, Stage


def submit_application(
    session: Session,
    clock: Clock,
    policies: Policies,
    verifier: Verifier,
    actor: Actor,
    id: str,
    documents_statement: str,
    received_at: float | None = None,
) -> ApplicationAnswerDict:
    """Submit the application. The first submission must arrive inside the call's window, a later submission inside the correction
    window; the moment when the gateway received the submission (`received_at`) counts. The verdict is frozen into the version,
    and the quotas of L6 and M3 are reserved (A5, A6(1), A8).

    `documents_statement`: the documents service's signed list of the case's documents. Raises NotFound, Forbidden, Conflict for a
    wrong state or window, Invalid with the findings when a mandatory rule fails or lacks evidence.
    """
    application, call = cases.lock_with_call(session, id)
    _require_submitter(session, actor, application)
    application.require_editable()
    at = received_instant(clock, received_at)
    application.require_correctable(at)
    if call and not application.version:
        call.require_open(at)
    papers = CaseDocuments.of(application, verifier.read(documents_statement, "documents")["documents"])
    around = Circumstances.load(session, application, clock.today(), lock=True)
    _require_complete(application, call, around, papers)
    application.agreement = papers.agreement
    policy = policies.get(application.policy)
    attachments = call.attachments if call else ()
    judged = verdict.judge(policy, application, around, papers, attachments, clock.today())
    require_fit(judged)
    return _submit(session, clock, actor, application, call, policy, judged, papers, around)


def _submit(
    session: Session,
    clock: Clock,
    actor: Actor,
    application: Application,
    call: Call | None,
    policy: Policy,
    judged: Verdict,
    papers: CaseDocuments,
    around: Circumstances,
) -> ApplicationAnswerDict:
    before, resubmission = application.state(), application.version > 0
    last = cases.version(session, application.id, application.version) if resubmission else None
    stage = _next_stage(application, policy)
    application.submit(stage.name, stage.level == "province", clock.now())
    case = timeline.subject_of(application)
    limits = Limits.of(policy)
    lead = application.lead or ""
    quotas.reserve(session, case, application.units, lead, around.standing, limits, clock.now(), renewed=resubmission)
    version = _new_version(application, policy, judged, papers, actor, last)
    session.execute(insert(versions), version)
    timeline.record(
        session,
        application,
        "application.resubmitted" if resubmission else "application.submitted",
        _event(
            application,
            call,
            policy,
            judged,
            papers,
            around,
            changed=version["changed"] if resubmission else None,
            opened_by=_opened_by(session, actor, application) if application.special else None,
        ),
        article=stage.citation,
        before=before,
        bureau=PROVINCE if stage.level == "province" else application.recommender,
        detail={"version": application.version, "stage": stage.name, "changed": version["changed"]},
        public=True,
    )
    return application_serializers.application(application, Reader("party"), version, around.organisations, around.answers)


def require_fit(judged: Verdict) -> None:
    """Raise Invalid with all findings if a mandatory rule fails or lacks evidence."""
    if failing := judged.blocking:
        called = [finding.title for finding in failing if finding.title]
        zh, en = "、".join(title.zh for title in called), ", ".join(title.en for title in called)
        raise Invalid(
            "not_eligible",
            f"以下强制性条件未满足或缺少证明：{zh}，不能提交；请按各条提示办理。",
            f"These mandatory rules fail or lack evidence: {en}; do what each finding says, then submit again.",
            eligible=judged.eligible,
            policy=judged.policy,
            findings=judged.listed,
        )


def _require_submitter(session: Session, actor: Actor, application: Application) -> None:
    require_lead(session, actor, application)
    if application.special:
        require_province(actor)


def _require_complete(application: Application, call: Call | None, around: Circumstances, papers: CaseDocuments) -> None:
    """Check the content that every application needs under any policy, and that the chosen recommender may recommend it. Raises
    Invalid and names each gap."""
    lead = around.organisations.get(application.lead or "")
    errors = [*gaps(application.content, application.recommender), *papers.unknown]
    if application.recommender and lead and lead.registered:
        allowed = call.industry_bureaus if call else None
        refusal = objection_to(application.recommender, lead.region, lead.industry, allowed)
        errors += [refusal] if refusal else []
    # Blanks around a field's name are ignored: calls opened by an earlier release may contain them, because it did not clean
    # texts.
    fields = {clean_line(field) for field in call.fields} if call else set()
    if call and fields and application.field and clean_line(application.field) not in fields:
        names = "、".join(call.fields)
        text = Text(f"组建领域应为申报通知所列之一：{names}。", f"The field must be one the call names: {names}.")
        errors.append(FieldError("/field", "field_not_in_call", text))
    if errors:
        raise Invalid(
            "incomplete",
            "申请内容不完整或有误，不能提交；请按提示补正。",
            "The application is incomplete or wrong; correct what is named.",
            errors=tuple(errors),
        )


def _next_stage(application: Application, policy: Policy) -> Stage:
    """Return the stage to which this submission goes: the stage that returned the application, otherwise the first stage that is
    not optional. An application returned at the decision must be checked and scored again, so it goes to the province's first
    stage."""
    stages = policy.pipeline(application.kind)
    if application.returned and application.returned["stage"] == DECISION:
        return next(stage for stage in stages if stage.level == "province" and not stage.optional)
    if application.returned:
        return next(stage for stage in stages if stage.name == application.returned["stage"])
    return next(stage for stage in stages if not stage.optional)


class SubmittedVersion(TypedDict):
    """One submitted version, with the columns of the table `versions`."""

    application_id: str
    number: int
    round: int
    submitted_at: datetime | None
    submitted_by: str
    agreement_version: str
    policy: str
    eligible: bool
    content: VersionContent
    documents: list[dict[str, str]]
    inputs: VerdictInputs
    findings: list[StoredFinding]
    changed: list[str]


def _new_version(
    application: Application, policy: Policy, judged: Verdict, papers: CaseDocuments, actor: Actor, last: Row[Any] | None
) -> SubmittedVersion:
    content = application.version_content()
    return {
        "application_id": application.id,
        "number": application.version,
        "round": application.round,
        "submitted_at": application.submitted_at,
        "submitted_by": actor.username,
        "agreement_version": verdict.terms(application).version,
        "policy": judged.policy,
        "eligible": judged.eligible,
        "content": content,
        "documents": papers.brief(),
        "inputs": {**judged.inputs, "promise": policy.integrity_promise.to_dict() if policy.integrity_promise else None},
        "findings": judged.listed,
        "changed": _changed_sections(last, content, papers) if last else [],
    }


def _changed_sections(last: Row[Any], content: VersionContent, papers: CaseDocuments) -> list[str]:
    """Return the sections that changed since the last version. A document that was uploaded again counts as a change of the
    section `documents`."""
    before = {**last.content, "documents": _document_ids(last.documents)}
    return changed_sections(before, {**content, "documents": _document_ids(papers.brief())})


def _document_ids(documents: Sequence[Mapping[str, str]]) -> list[str]:
    return sorted(document["id"] for document in documents)


def _opened_by(session: Session, actor: Actor, application: Application) -> list[str]:
    """Return the accounts that opened and submitted a special case. Another person must sign its decision (A8)."""
    opened = timeline.actors_of(session, timeline.subject_of(application), "application.started", "application.submitted")
    return sorted({*opened, actor.username})


def _event(
    application: Application,
    call: Call | None,
    policy: Policy,
    judged: Verdict,
    papers: CaseDocuments,
    around: Circumstances,
    *,
    changed: list[str] | None,
    opened_by: list[str] | None,
) -> ApplicationSubmitted:
    """Return the data that the bureau of the next stage needs to open its case."""
    lead, terms = lead_of(application, dict(around.organisations)), policy.review_terms(application.kind)
    return ApplicationSubmitted(
        version=application.version,
        round=application.round,
        kind=application.kind,
        title=application.name or "",
        field=application.field or "",
        lead=LeadReference(uscc=lead["uscc"], name=lead["name"]),
        units=application.units,
        related_units=application.related_units,
        call=call.competing() if call else None,
        policy=terms.policy,
        stage=application.stage or "",
        pipeline=terms.pipeline,
        questions=terms.questions,
        waivable=terms.waivable,
        findings=judged.listed,
        documents=papers.brief(),
        content={**application.version_content()},
        unit_names={code: unit.name for code in application.units if (unit := around.organisations.get(code)) and unit.name},
        changed=changed,
        opened_by=opened_by,
    )
