"""A change of a recognised consortium (A5(4)7, A12): reported before it takes effect, confirmed by whoever joins, decided by the
province; until then the register shows the old state.

awaiting_confirmations → submitted → approved → effective; ended otherwise as refused or withdrawn."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from services.kernel.errors import Conflict, FieldError, Text
from services.policy import Policy, add_months
from services.policy.process import Changes

#: What each kind is called where officials read it.
TITLES = {
    "name": "名称变更",
    "chief_scientist": "首席科学家变更",
    "key_person": "主要人员变更",
    "add_member": "增加成员单位",
    "remove_member": "成员单位退出",
    "change_tier": "成员层级调整",
    "lead": "牵头单位变更",
    "dissolution": "解散",
    "units": "成员单位调整",
}
ADJUSTING = ("add_member", "remove_member", "change_tier", "units")
PENDING = ("awaiting_confirmations", "submitted", "approved")
#: Where the province or the recommender has not ended it yet.
OPEN = ("awaiting_confirmations", "submitted")


@dataclass(eq=False, kw_only=True)
class Change:
    """`proposed`: lead and units as they will be; `joining`: who has to confirm; `late`: reported too late, with its reason;
    `knowingly`: approved although a mandatory rule fails."""

    id: str
    consortium_id: str
    recommender: str
    kind: str
    effective_on: date
    detail: dict[str, Any]
    reason: str
    late_reason: str | None
    technical_need: str | None
    task_source: str | None
    late: bool
    status: str
    stage: str | None
    policy: str
    papers: list[dict[str, Any]]
    proposed: dict[str, Any]
    joining: list[str]
    findings: list[dict[str, Any]]
    decision: dict[str, Any] | None
    knowingly: bool
    reported_on: date
    reported_by: str
    took_effect_on: date | None
    revision: int
    created_at: datetime

    @property
    def subject(self) -> str:
        return f"change/{self.id}"

    def state(self) -> dict[str, Any]:
        """What the audit log digests."""
        return {"kind": self.kind, "status": self.status, "stage": self.stage, "revision": self.revision}

    def request(self, stage: str, findings: list[dict[str, Any]]) -> None:
        """Everybody who joins has confirmed: the recommender's turn."""
        self.status, self.stage, self.findings = "submitted", stage, findings
        self.revision += 1

    def void_because(self, stage: str) -> str | None:
        """Why a bureau's opinion on this stage has no effect any more; None where it has."""
        if self.status != "submitted":
            return self.status
        return None if stage == self.stage else "not_current_stage"

    def pass_on(self, stage: str) -> None:
        self.stage = stage
        self.revision += 1

    def decide(self, status: str, decision: dict[str, Any]) -> None:
        """`approved` or `refused`, with the reasons."""
        self.status, self.stage, self.decision = status, None, decision
        self.knowingly = bool(decision.get("knowingly"))
        self.revision += 1

    def withdraw(self) -> None:
        """Raises Conflict once it is decided."""
        if self.status not in OPEN:
            raise self.refused(
                "not_withdrawable", "该变更已作出决定或已办结，不能撤回。", "It is decided or has ended and cannot be withdrawn."
            )
        self.status, self.stage = "withdrawn", None
        self.revision += 1

    def lapse(self) -> None:
        """The consortium is gone: what was reported, approved or not, does not take effect any more."""
        self.status, self.stage = "withdrawn", None
        self.revision += 1

    def take_effect(self, today: date) -> None:
        self.status, self.took_effect_on = "effective", today
        self.revision += 1

    def refused(self, code: str, zh: str, en: str, **details: Any) -> Conflict:
        return Conflict(code, zh, en, status=self.status, **({"article": "A12"} | details))


def notice(rule: Changes, effective_on: date, today: date) -> tuple[date, date]:
    """The first and the last day on which a change may be reported without being late, by calendar months (事前3个月内)."""
    latest = min(add_months(effective_on, -rule.notice_at_least_months), effective_on - timedelta(days=1))
    return add_months(effective_on, -rule.notice_at_most_months), latest


def is_late(rule: Changes, effective_on: date, today: date, late_reason: str | None) -> bool:
    """Whether it is reported too late. Raises Conflict for one that is and gives no reason, and for one that is too early where
    the policy takes none (A12)."""
    earliest, latest = notice(rule, effective_on, today)
    if today < earliest and not rule.earlier_accepted:
        raise Conflict(
            "too_early",
            f"该变更最早可于 {earliest.isoformat()} 报告（第十二条）。",
            f"This change can be reported from {earliest.isoformat()} on (article 12).",
            article="A12",
            earliest=earliest.isoformat(),
        )
    if today <= latest:
        return False
    if not (late_reason or "").strip():
        raise Conflict(
            "late_reason_required",
            f"重大事项应在事前报告，最迟 {latest.isoformat()}（第十二条）；逾期报告请在 late_reason 中说明原因。",
            f"A change is reported before it takes effect, by {latest.isoformat()} (article 12); give late_reason.",
            article="A12",
            latest=latest.isoformat(),
        )
    return True


def cases_of(kind: str, detail: Mapping[str, Any]) -> tuple[str, ...]:
    """The cases by which the policy says which documents a change must bring."""
    leaves = kind == "remove_member" or (kind == "units" and bool(detail.get("remove")))
    main = leaves and bool(detail.get("main_task_bearing"))
    if kind == "lead":
        return ("change_of_lead",)
    if kind not in ADJUSTING:
        return ()
    return ("change_of_units", "change_of_main_member") if main else ("change_of_units",)


def lacking_papers(policy: Policy, cases: Iterable[str], papers: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    """The documents a change must bring and does not."""
    handed_in = {paper["kind"] for paper in papers}
    wanted = {paper.kind: paper for case in cases for paper in policy.documents_for(case)}
    return [
        FieldError(
            "/documents",
            "document_lacking",
            Text(f"缺少{paper.label.zh}（种类 {paper.kind}）。", f"The {paper.label.en} is missing (kind {paper.kind})."),
        )
        for paper in wanted.values()
        if paper.kind not in handed_in
    ]


def unstated(kind: str, detail: Mapping[str, Any], given: Mapping[str, Any]) -> list[FieldError]:
    """What A12 wants stated where units are taken in: the technical need and where the task comes from."""
    if kind != "add_member" and not (kind == "units" and detail.get("add")):
        return []
    wanted = {
        "technical_need": Text("请说明新的关键技术攻关需求（第十二条）。", "State the new technical need (article 12)."),
        "task_source": Text("请说明项目任务来源（第十二条）。", "State where the task comes from (article 12)."),
    }
    return [FieldError(f"/{name}", "required", text) for name, text in wanted.items() if not (given.get(name) or "").strip()]


@dataclass(frozen=True, slots=True)
class Composition:
    """A consortium's lead and its members: code → (tier, role), in their order."""

    lead: str
    members: Mapping[str, tuple[str | None, str | None]]

    @property
    def units(self) -> list[str]:
        return [self.lead, *self.members]

    def after(self, kind: str, detail: Mapping[str, Any]) -> tuple[Composition, list[FieldError]]:
        """The composition a change leads to, and what is wrong with the change."""
        members, lead, errors = dict(self.members), self.lead, list(_nothing(kind, detail))
        if kind == "lead":
            lead, errors = self._new_lead(members, detail)
        for place, unit in enumerate(_added(kind, detail)):
            if unit["organisation"] in self.units:
                errors.append(_error(_at(kind, "add", place), "already_a_unit", "该单位已是组成单位。", "It is a unit already."))
            elif unit["organisation"] in members:
                errors.append(_twice(_at(kind, "add", place)))
            members.setdefault(unit["organisation"], (unit.get("tier"), unit.get("role")))
        for place, code in enumerate(_removed(kind, detail)):
            if code not in self.members:
                errors.append(_not_a_member(_at(kind, "remove", place)))
            elif members.pop(code, None) is None:
                errors.append(_twice(_at(kind, "remove", place)))
        for place, unit in enumerate(_moved(kind, detail)):
            code = unit["organisation"]
            if code not in members:
                errors.append(_not_a_member(_at(kind, "change_tier", place)))
            elif members[code][0] == unit["tier"]:
                errors.append(
                    _error(_at(kind, "change_tier", place), "unchanged", "该单位已在此层级。", "It has this tier already.")
                )
            else:
                members[code] = (unit["tier"], members[code][1])
        return Composition(lead, members), errors

    def _new_lead(
        self, members: dict[str, tuple[str | None, str | None]], detail: Mapping[str, Any]
    ) -> tuple[str, list[FieldError]]:
        lead = detail["lead"]
        if lead == self.lead or lead not in members:
            return self.lead, [
                _error(
                    "/detail/lead",
                    "not_a_member",
                    "新的牵头单位应为现有参与单位；如为新单位，请先增加为成员。",
                    "The new lead must be one of the members; take it in first.",
                )
            ]
        del members[lead]
        if detail.get("former_lead_tier"):
            members[self.lead] = (detail["former_lead_tier"], None)
        return lead, []


def renamed(kind: str, detail: Mapping[str, Any], successors: Mapping[str, str]) -> dict[str, Any]:
    """A change's detail with each organisation in the name of whoever took its place since."""

    def now(value: Any) -> Any:
        if isinstance(value, list):
            return [now(one) for one in value]
        if isinstance(value, Mapping):
            return {name: now(one) for name, one in value.items()}
        return successors.get(value, value) if isinstance(value, str) else value

    return {name: now(value) for name, value in detail.items()} if kind in (*ADJUSTING, "lead") else dict(detail)


def _nothing(kind: str, detail: Mapping[str, Any]) -> list[FieldError]:
    """An adjustment of units that adjusts none."""
    if kind != "units" or any(detail.get(name) for name in ("add", "remove", "change_tier")):
        return []
    return [_error("/detail", "nothing_changes", "请至少填写一项调整。", "Say at least one adjustment.")]


def _twice(pointer: str) -> FieldError:
    return _error(pointer, "unit_twice", "该单位重复列入，请只保留一处。", "This unit is listed twice; keep one entry.")


def _added(kind: str, detail: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [detail] if kind == "add_member" else detail.get("add", []) if kind == "units" else []


def _removed(kind: str, detail: Mapping[str, Any]) -> Sequence[str]:
    return [detail["organisation"]] if kind == "remove_member" else detail.get("remove", []) if kind == "units" else []


def _moved(kind: str, detail: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    return [detail] if kind == "change_tier" else detail.get("change_tier", []) if kind == "units" else []


def _at(kind: str, list: str, place: int) -> str:
    return f"/detail/{list}/{place}" if kind == "units" else "/detail/organisation"


def _not_a_member(pointer: str) -> FieldError:
    return _error(pointer, "not_a_member", "该单位不是参与单位，请核对代码。", "It is not a member; check its code.")


def _error(pointer: str, code: str, zh: str, en: str) -> FieldError:
    return FieldError(pointer, code, Text(zh, en))
