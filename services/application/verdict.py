"""Compute the verdict on an application: gather its facts, evaluate them by its policy, and freeze the findings with their
inputs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import Any, NotRequired, TypedDict

from sqlalchemy import Row
from sqlalchemy.orm import Session

from services.application.domain.agreement import File, Terms, filed, terms_of
from services.application.domain.application import Application
from services.application.domain.organisation import Organisation, unit_of
from services.application.domain.quotas import INTEGRITY, recheck_limits
from services.application.repository import cases, quotas
from services.application.repository.timeline import subject_of
from services.contracts.application.application_requests import SpecialCaseBasis
from services.contracts.application.organisation_responses import OrganisationSnapshot
from services.contracts.document_answers import StatedDocument
from services.contracts.findings import StoredFinding
from services.kernel.errors import FieldError, Text
from services.objections.commands import LETTER
from services.policy import (
    DocumentFact,
    Facts,
    Finding,
    Policy,
    Standing,
    blocking,
    eligible,
    evaluate,
    open_in_principle,
    waive,
)


class StandingInput(TypedDict):
    """For one organisation, the number of other consortia that it leads, and of those in which it takes part."""

    leads: int
    joins: int


class VerdictInputs(TypedDict):
    """The inputs of a verdict as JSON values. `documents`: the documents that the documents service stated; null if they are not
    known. `promise`: the text of the research-integrity promise, added at the submission."""

    as_of: str
    today: str
    units: list[OrganisationSnapshot]
    confirmed: list[str]
    standing: dict[str, StandingInput]
    integrity: dict[str, str | None]
    documents: list[StatedDocument] | None
    promise: NotRequired[dict[str, str] | None]


@dataclass(frozen=True)
class Verdict:
    """The findings, and the inputs from which they were computed, as JSON values."""

    policy: str
    findings: tuple[Finding, ...]
    inputs: VerdictInputs

    @property
    def eligible(self) -> bool:
        return eligible(self.findings)

    @property
    def blocking(self) -> tuple[Finding, ...]:
        return blocking(self.findings)

    @cached_property
    def listed(self) -> list[StoredFinding]:
        """Return the findings as JSON values."""
        return [finding.to_dict() for finding in self.findings]


@dataclass(frozen=True, slots=True)
class CaseDocuments:
    """The documents of a case: those uploaded for the application, and those documents of the lead that the application names."""

    listed: list[StatedDocument]
    unknown: tuple[FieldError, ...]

    @classmethod
    def of(cls, application: Application, stated: Sequence[StatedDocument]) -> CaseDocuments:
        """Build the list of a case's documents. `stated`: the documents of the case and of its lead, as the documents service
        states them."""
        document_ids = application.content["documents"]
        case_subject = subject_of(application)
        # Of the case's own documents with the same file name, only the newest counts. A document that the application names by id
        # always counts.
        listed = [
            paper
            for paper in stated
            if paper["id"] in document_ids
            or (paper["subject"] == case_subject and paper["state"] == "clean" and paper["kind"] != LETTER)
        ]
        stated_ids = {paper["id"] for paper in stated}
        text = Text(
            "没有这一文件，或尚未通过核验；请上传并完成核验后再填写其编号。",
            "There is no such document, or it is not verified yet; upload and complete it first.",
        )
        unknown = tuple(
            FieldError(f"/documents/{place}", "unknown_document", text)
            for place, id in enumerate(document_ids)
            if id not in stated_ids
        )
        return cls(listed, unknown)

    @property
    def agreement(self) -> dict[str, str]:
        """File name → SHA-256 of the agreement's files that were not replaced by a newer version."""
        current = (paper for paper in self.listed if paper["kind"] == "agreement" and paper["state"] == "clean")
        files: dict[str, str] = {}
        for paper in sorted(current, key=lambda paper: paper["id"]):
            files = filed(files, File(paper["id"], paper["filename"], paper["sha256"]))
        return files

    @property
    def facts(self) -> tuple[DocumentFact, ...]:
        # the statement contains only verified documents
        return tuple(DocumentFact(paper["kind"], "clean") for paper in self.listed)

    def brief(self) -> list[dict[str, str]]:
        """Return the documents in the form in which a version stores them and reviewers see them."""
        return [{"id": paper["id"], "kind": paper["kind"], "filename": paper["filename"]} for paper in self.listed]


def terms(application: Application) -> Terms:
    """The present terms of the application, which members confirm."""
    content = application.content
    return terms_of(application.lead, application.members, content["operating_systems"], application.agreement)


def confirmed(rows: Mapping[str, Row[Any]], now: Terms) -> frozenset[str]:
    """Return the members whose confirmation is valid for the present terms."""
    return frozenset(code for code, row in rows.items() if row.decision == "confirm" and now.match(row.core, row.paper))


@dataclass(frozen=True, slots=True)
class Circumstances:
    """The facts about the units that a verdict needs beside the application: their data, answers, penalties, and the quotas that
    they use elsewhere."""

    organisations: Mapping[str, Organisation]
    answers: Mapping[str, Row[Any]]
    penalties: Mapping[str, date | None]
    standing: Mapping[str, Standing]

    @classmethod
    def load(cls, session: Session, application: Application, today: date, *, lock: bool) -> Circumstances:
        """Read the facts. `lock`: lock the organisations' rows, so that the quotas counted here can be reserved in this
        transaction."""
        codes = application.units
        organisations_by_code, answers, penalties = cases.load_unit_facts(session, application.id, codes, today, lock=lock)
        # Counted in a separate statement after the locks are taken, so that it sees the quotas that the previous lock holder
        # reserved.
        standing = quotas.usage_of(session, codes, apart_from=subject_of(application))
        return cls(organisations_by_code, answers, penalties, standing)


def judge(
    policy: Policy,
    application: Application,
    around: Circumstances,
    papers: CaseDocuments | None,
    attachments: Sequence[str],
    today: date,
    rules: Sequence[str] | None = None,
) -> Verdict:
    """Evaluate every rule, or only those in `rules`. `papers`: the case's documents, None if the caller does not know them.
    Failed rules that the basis of a special case covers are waived (A8)."""
    now = terms(application)
    tiers = {member["organisation"]: member.get("tier") for member in application.members}
    snapshots = [around.organisations[code].snapshot() for code in application.units]
    agreed = confirmed(around.answers, now)
    facts = Facts(
        as_of=application.as_of,
        today=today,
        lead=application.lead,
        units=tuple(unit_of(data, tiers.get(data["uscc"])) for data in snapshots),
        agreement_version=now.version,
        confirmed=agreed,
        operating_systems=application.content["operating_systems"],
        standing=around.standing,
        documents=papers.facts if papers else None,
        attachments=tuple(attachments),
        integrity=around.penalties,
        case=application.kind,
    )
    findings = evaluate(policy, facts, rules)
    if application.special and application.basis:
        findings = waived_by_basis(policy, findings, application.basis)
    inputs: VerdictInputs = {
        "as_of": application.as_of.isoformat(),
        "today": today.isoformat(),
        "units": snapshots,
        "confirmed": sorted(agreed),
        "standing": {code: {"leads": standing.leads, "joins": standing.joins} for code, standing in around.standing.items()},
        "integrity": {code: until.isoformat() if until else None for code, until in around.penalties.items()},
        "documents": papers.listed if papers else None,
    }
    return Verdict(policy.ref, findings, inputs)


def recheck(session: Session, policy: Policy, application: Application, today: date) -> tuple[Finding, ...]:
    """Evaluate with today's facts the rules that are not frozen at the submission; failed rules that a special case's basis
    covers are waived. A quota that has been held since the submission is not counted again; a quota that is not held is tested
    against the limits again. Locks the organisations' rows."""
    around = Circumstances.load(session, application, today, lock=True)
    unsure = {quota.uscc for quota in quotas.of_case(session, subject_of(application)) if not quota.held}
    around = replace(around, standing={code: standing for code, standing in around.standing.items() if code in unsure})
    return judge(policy, application, around, None, (), today, recheck_limits(policy)).findings


def waived_by_basis(policy: Policy, findings: Sequence[Finding], basis: SpecialCaseBasis) -> tuple[Finding, ...]:
    """Waive the findings that a special case's basis covers: every failed in-principle rule. The integrity rules and mandatory
    rules are waived only if the basis names them individually (A8)."""
    by_name_alone = {rule.id for rule in policy.rules if rule.check.name == INTEGRITY}
    failing = open_in_principle(findings)
    waived_rules = [finding.rule for finding in (*blocking(findings), *failing) if finding.rule in basis["waives_mandatory"]]
    covered = [finding.rule for finding in failing if finding.rule not in by_name_alone]
    return waive(findings, dict.fromkeys([*covered, *waived_rules], basis["text"]), named_in_basis=waived_rules)
