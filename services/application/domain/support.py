"""A request for a support measure (A9). The same record is the use of the measure.

requested → granted or declined, for measures that are decided; recorded or certified at once for the others. Otherwise it ends as
withdrawn, replaced (by another person, if the first was nominated by mistake) or ended (the consortium was revoked or dissolved,
or may no longer hold the measure).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from services.application.domain.call import Call
from services.application.domain.consortium import Consortium
from services.application.domain.entitlement import Use
from services.application.domain.verification import Verification
from services.contracts.application.support_requests import PersonNamedDict
from services.contracts.application.support_responses import (
    EntitlementItemDict,
    NoEntitlement,
    SupportAnswerDict,
    SupportCertificate,
    SupportDecision,
)
from services.contracts.labels import LABELS
from services.kernel.clock import local_date
from services.kernel.errors import Conflict, Invalid
from services.policy.evaluation_and_support import Measure

#: The facts of a beneficiary that a certificate lists if a bureau has verified them.
CERTIFIED = ("public_institution", "state_owned", "platforms", "figures")


class SupportStatus(StrEnum):
    """The state of a request."""

    REQUESTED = "requested"
    GRANTED = "granted"
    DECLINED = "declined"
    RECORDED = "recorded"
    CERTIFIED = "certified"
    REPLACED = "replaced"
    WITHDRAWN = "withdrawn"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Beneficiary:
    """A unit of a consortium with the facts that decide whether it can benefit from a measure. `verified`: the verifications of
    its facts, by fact."""

    uscc: str
    tier: str | None
    public_institution: bool | None
    state_owned: bool | None
    verified: Mapping[str, Verification]

    def declares(self, fact: str) -> bool:
        """Return whether the unit declares this fact, which a measure requires to be verified."""
        return bool({"public_institution": self.public_institution, "state_owned": self.state_owned}[fact])


@dataclass(eq=False, kw_only=True)
class Support:
    """A support request. `entitlement`: the entitlement as computed on the day of the request; it does not change later. `amount`
    in yuan: the requested amount, after the decision the granted one."""

    id: str
    consortium_id: str
    recommender: str
    measure: str
    status: str
    round: str | None
    amount: str | None
    person: PersonNamedDict | None
    person_key: str | None
    unit: str | None
    reason: str
    papers: list[dict[str, str]]
    policy: str
    entitlement: EntitlementItemDict | NoEntitlement
    requested_on: date
    requested_by: str
    decision: SupportDecision | None
    certificate: SupportCertificate | None
    ended_on: date | None
    revision: int
    created_at: datetime
    replaces: str | None = None
    replaced_by: str | None = None

    @property
    def subject(self) -> str:
        return f"support/{self.id}"

    @property
    def citation(self) -> str:
        """The measure's article. A use from before the platform has no entitlement and cites article 9."""
        return self.entitlement["citation"] if self.entitlement else "A9"

    @property
    def use(self) -> Use:
        return Use(self.measure, self.requested_on, self.round, self.person_key)

    def state(self) -> dict[str, object]:
        """The state that the audit log digests."""
        return {"measure": self.measure, "status": self.status, "revision": self.revision}

    def void_reason(self) -> str | None:
        """Return why a decision on this request is void; None if it takes effect."""
        return None if self.status == SupportStatus.REQUESTED else self.status

    def grant(self, decision: SupportDecision, amount: str | None, today: date) -> None:
        self.status, self.decision, self.ended_on = SupportStatus.GRANTED, decision, today
        self.amount = amount or self.amount
        self.revision += 1

    def end(self, status: str, today: date, decision: SupportDecision | None = None) -> None:
        """End the request and release its use of the measure. `status`: declined, withdrawn, ended or replaced."""
        self.status, self.decision, self.ended_on = status, decision or self.decision, today
        self.revision += 1

    def replace(self, successor: str, reason: str, today: date) -> None:
        """End this nomination because the nomination with the id `successor` replaces it. Raises Conflict unless this is a
        nomination in force."""
        self.require_replaceable()
        self.replaced_by = successor
        self.end(SupportStatus.REPLACED, today, {"outcome": "replaced", "reason": reason, "on": today.isoformat()})

    def require_replaceable(self) -> None:
        """Raise Conflict unless the request is a nomination in force."""
        if self.status != SupportStatus.RECORDED or self.round is None:
            raise Conflict(
                "not_replaceable",
                "只有已登记、尚未更换的推荐人选可以更换。",
                "Only a nomination that is recorded and was not replaced can be replaced.",
                status=self.status,
            )

    def require_requested(self) -> None:
        """Raise Conflict once the request is decided or has ended."""
        if self.status != SupportStatus.REQUESTED:
            raise Conflict(
                "not_withdrawable", "该申请已办结，不能撤回。", "It has ended and cannot be withdrawn.", status=self.status
            )

    def answer(self) -> SupportAnswerDict:
        """The request as answers show it."""
        return {
            "id": self.id,
            "consortium": self.consortium_id,
            "measure": self.measure,
            "status": self.status,
            "round": self.round,
            "amount": self.amount,
            "person": self.person,
            "unit": self.unit,
            "reason": self.reason,
            "documents": self.papers,
            "policy": self.policy,
            "entitlement": self.entitlement,
            "requested_on": self.requested_on.isoformat(),
            "decision": self.decision,
            "certificate": self.certificate,
            "ended_on": self.ended_on.isoformat() if self.ended_on else None,
            "replaces": self.replaces,
            "replaced_by": self.replaced_by,
            "etag": str(self.revision),
        }


def require_beneficiary(
    measure: Measure, person: PersonNamedDict | None, unit_code: str | None, units: Sequence[Beneficiary]
) -> None:
    """Check that the measure is open to the person's organisation or to the named unit. `units`: those of the consortium,
    the lead first. Raises Invalid."""
    if measure.names is None:
        return
    pointer = "/person" if measure.names == "person" else "/unit"
    beneficiary = person["organisation"] if measure.names == "person" and person else unit_code
    if beneficiary is None:
        zh = "请填写人才姓名及所在单位。" if measure.names == "person" else "请填写使用单位。"
        raise Invalid.field(pointer, "required", zh, "Say for whom it is.")
    unit = next((unit for unit in units if unit.uscc == beneficiary), None)
    pointer = "/person/organisation" if measure.names == "person" else "/unit"
    if unit is None or not _may_benefit(measure, unit, lead=unit is units[0]):
        raise Invalid.field(
            pointer,
            "not_a_beneficiary",
            f"“{measure.title.zh}”只适用于{LABELS['beneficiary'][measure.beneficiaries].zh}，该单位不在其列。",
            f"The measure “{measure.title.en}” is not for this organisation.",
        )
    if measure.public_institutions_only and not unit.public_institution:
        raise Invalid.field(
            pointer, "not_public_institution", "此项措施只适用于事业单位。", "This measure is for public institutions only."
        )
    if facts := [fact for fact in measure.verified_facts if unit.declares(fact) and fact not in unit.verified]:
        raise Invalid.field(pointer, "not_verified", *_not_verified(facts))


def _not_verified(facts: Sequence[str]) -> tuple[str, str]:
    words = [LABELS["organisation_fact"][fact] for fact in facts]
    return (
        f"该单位填报的{'、'.join(word.zh for word in words)}尚未核验，不能作为依据；"
        "请先由单位所在地设区市科技局或自治区科技厅凭证明材料核验。",
        f"This organisation declares {', '.join(word.en for word in words)}, which no bureau has verified yet and which does "
        "not count until then. The city of its registration or the province verifies it by its evidence.",
    )


def _may_benefit(measure: Measure, unit: Beneficiary, *, lead: bool) -> bool:
    core = unit.tier == "core"
    return {
        "consortium": True,
        "units": True,
        "lead": lead,
        "core": core,
        "lead_and_core": lead or core,
    }[measure.beneficiaries]


def require_round_of(measure: Measure, round: str | None, call: Call | None, now: datetime) -> None:
    """Check `round`: it must be the id of an open call of the kind that the measure names (A9(3)2). Raises Invalid for any other
    value, Conflict for a call that is not open."""
    if round is None:
        if measure.per_round is not None:
            raise Invalid.field(
                "/round",
                "required",
                "请填写推荐批次，即八桂青年拔尖人才推荐通知。",
                "Name the nomination round: the id of an open call for young talents.",
            )
        return
    if measure.call is None:
        raise Invalid.field(
            "/round",
            "no_round",
            "此项措施没有申报通知，请不要填写批次。",
            "There are no calls of this measure; leave the round out.",
        )
    if call is None:
        raise Invalid.field(
            "/round",
            "unknown_call",
            "没有这一申报通知。请原样填写通知的编号，不能填写名称，前后不能有空格。",
            "There is no such call. Give the call's id exactly as it is, without blanks; its title does not do.",
        )
    if call.kind != measure.call:
        raise Invalid.field("/round", "wrong_call", "该申报通知不是此项措施的通知。", "This call is not of this measure.")
    call.require_open(now)


def require_amount(measure: Measure, amount: str | None) -> None:
    """Check that a request for money states an amount within the ceiling. Raises Invalid."""
    if not measure.wants_amount:
        return
    if amount is None:
        raise Invalid.field("/amount", "required", "请填写申请金额（元）。", "Give the amount asked for, in yuan.")
    if measure.ceiling is not None and Decimal(amount) > measure.ceiling:
        raise Invalid.field(
            "/amount",
            "above_ceiling",
            f"申请金额不能超过 {measure.ceiling:.2f} 元（第九条第（一）项第1目）。",
            f"At most {measure.ceiling:.2f} yuan can be asked for (article 9(1)1).",
        )


def certificate(request: Support, consortium: Consortium, measure: Measure, units: Sequence[Beneficiary]) -> SupportCertificate:
    """Return the content of a certificate for third parties: the article by which this consortium may use the measure, and the
    declared facts of the beneficiary that a bureau has verified. It lists no other facts (A9(3)3, A9(3)4)."""
    beneficiary = request.person["organisation"] if request.person else request.unit
    verified: Mapping[str, Verification] = next((unit.verified for unit in units if unit.uscc == beneficiary), {})
    return {
        "number": f"{consortium.number}-{request.id[-12:].upper()}",
        "measure": measure.measure,
        "title": measure.title.to_dict(),
        "citation": measure.citation,
        "consortium": {"number": consortium.number, "name": consortium.name},
        "person": request.person,
        "verified": [
            {"fact": fact, "bureau": verification.bureau, "on": local_date(verification.verified_at).isoformat()}
            for fact, verification in verified.items()
            if fact in CERTIFIED
        ],
        "issued_on": request.requested_on.isoformat(),
    }
