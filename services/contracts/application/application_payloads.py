"""The data of the events of applications, from the submission to the decision, as dataclasses; `application_events.py` documents
each member."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime

from services.contracts.application.application_responses import DecisionList, Waiver
from services.contracts.application.payloads import ApplicationEvent
from services.contracts.findings import StoredFinding
from services.contracts.organisation_name import LeadReference
from services.contracts.review.case_parts import UpheldObjectionDict
from services.contracts.review.review_request import ReviewRequest


@dataclass(frozen=True, kw_only=True)
class ApplicationSubmitted(ReviewRequest, ApplicationEvent):
    """The data of `application.submitted` and `application.resubmitted`."""

    version: int
    lead: LeadReference
    related_units: list[str] | None = None
    opened_by: list[str] | None = None
    changed: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class ApplicationWithdrawn(ApplicationEvent):
    version: int
    reason: str
    name: str | None
    title: str | None
    lead: LeadReference | None = None
    units: list[str] | None = None


@dataclass(frozen=True, kw_only=True)
class ApplicationOpinionVoid(ApplicationEvent):
    case: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ProgressEvent(ApplicationEvent):
    """The header of every event about a step of an application after its submission. It describes the application, so that a
    consumer needs no stored copy of it."""

    version: int = field(init=False)
    title: str = field(init=False)
    lead: LeadReference = field(init=False)
    units: list[str] = field(init=False)


@dataclass(frozen=True, kw_only=True)
class ApplicationStagePassed(ProgressEvent):
    stage: str
    next_stage: str


@dataclass(frozen=True, kw_only=True)
class ApplicationReturned(ProgressEvent):
    stage: str
    by: str
    comment: str
    sections: list[dict[str, str]]
    correction_due: datetime


@dataclass(frozen=True, kw_only=True)
class ApplicationCorrectionExtended(ProgressEvent):
    stage: str
    by: str
    reason: str
    correction_due: datetime


@dataclass(frozen=True, kw_only=True)
class ApplicationRejected(ProgressEvent):
    stage: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class ApplicationDeclined(ProgressEvent):
    reason: str


@dataclass(frozen=True, kw_only=True)
class ApplicationHeld(ProgressEvent):
    findings: list[StoredFinding]
    objection: str | None = None
    objections: list[UpheldObjectionDict] | None = None


@dataclass(frozen=True, kw_only=True)
class ApplicationRechecked(ProgressEvent):
    findings: list[StoredFinding]
    failing: dict[str, str]


# Defined outside the class, because inside a class with a member called `list` the word `list` means that member.
_Waivers = list[Waiver]


@dataclass(frozen=True, kw_only=True)
class ApplicationPublicised(ProgressEvent):
    ends_on: date
    waivers: _Waivers
    list: DecisionList | None = None
