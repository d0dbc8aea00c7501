"""The units of a consortium, and the units after a change (A12)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from services.contracts.application.change_requests import ChangeDetail, ChangedUnit
from services.kernel.errors import FieldError, Text

#: The kinds of change that add members, remove them or change their tier.
ADJUSTING = ("add_member", "remove_member", "change_tier", "units")


@dataclass(frozen=True, slots=True)
class Composition:
    """A consortium's lead and its members in order, as code → (tier, role)."""

    lead: str
    members: Mapping[str, tuple[str | None, str | None]]

    @property
    def units(self) -> list[str]:
        return [self.lead, *self.members]

    def after(self, kind: str, detail: ChangeDetail) -> tuple[Composition, list[FieldError]]:
        """Apply a change to the units. Return the units after it, and the mistakes in the change."""
        members, lead, errors = dict(self.members), self.lead, list(_empty_adjustment_errors(kind, detail))
        if kind == "lead":
            lead, errors = self._new_lead(members, detail)
        for index, unit in enumerate(added(kind, detail)):
            if unit["organisation"] in self.units:
                errors.append(
                    _error(_unit_pointer(kind, "add", index), "already_a_unit", "该单位已是组成单位。", "It is a unit already.")
                )
            elif unit["organisation"] in members:
                errors.append(_duplicate_unit(_unit_pointer(kind, "add", index)))
            members.setdefault(unit["organisation"], (unit.get("tier"), unit.get("role")))
        for index, code in enumerate(removed(kind, detail)):
            if code not in self.members:
                errors.append(_not_a_member(_unit_pointer(kind, "remove", index)))
            elif members.pop(code, None) is None:
                errors.append(_duplicate_unit(_unit_pointer(kind, "remove", index)))
        for index, unit in enumerate(moved(kind, detail)):
            code = unit["organisation"]
            if code not in members:
                errors.append(_not_a_member(_unit_pointer(kind, "change_tier", index)))
            elif members[code][0] == unit["tier"]:
                errors.append(
                    _error(
                        _unit_pointer(kind, "change_tier", index), "unchanged", "该单位已在此层级。", "It has this tier already."
                    )
                )
            else:
                members[code] = (unit["tier"], members[code][1])
        return Composition(lead, members), errors

    def _new_lead(self, members: dict[str, tuple[str | None, str | None]], detail: ChangeDetail) -> tuple[str, list[FieldError]]:
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


def renamed(kind: str, detail: ChangeDetail, successors: Mapping[str, str]) -> ChangeDetail:
    """Return the change's detail with each organisation replaced by its present successor."""

    def now(value: Any) -> Any:
        if isinstance(value, list):
            return [now(element) for element in value]
        if isinstance(value, Mapping):
            return {name: now(element) for name, element in value.items()}
        return successors.get(value, value) if isinstance(value, str) else value

    return cast(ChangeDetail, now(detail)) if kind in (*ADJUSTING, "lead") else detail


def _empty_adjustment_errors(kind: str, detail: ChangeDetail) -> list[FieldError]:
    """Return an error if an adjustment of units neither adds, removes nor moves a unit."""
    if kind != "units" or detail.get("add") or detail.get("remove") or detail.get("change_tier"):
        return []
    return [_error("/detail", "nothing_changes", "请至少填写一项调整。", "Say at least one adjustment.")]


def _duplicate_unit(pointer: str) -> FieldError:
    return _error(pointer, "unit_twice", "该单位重复列入，请只保留一处。", "This unit is listed twice; keep one entry.")


def added(kind: str, detail: ChangeDetail) -> Sequence[ChangedUnit]:
    """Return the units that a change adds, each `{organisation, tier, role}`."""
    return [detail] if kind == "add_member" else detail.get("add", []) if kind == "units" else []


def removed(kind: str, detail: ChangeDetail) -> Sequence[str]:
    """Return the codes of the members that a change removes. A change of lead removes none here: its `former_lead_tier` says
    whether the former lead stays as a member."""
    return [detail["organisation"]] if kind == "remove_member" else detail.get("remove", []) if kind == "units" else []


def moved(kind: str, detail: ChangeDetail) -> Sequence[ChangedUnit]:
    """Return the members whose tier a change changes, each `{organisation, tier}`."""
    return [detail] if kind == "change_tier" else detail.get("change_tier", []) if kind == "units" else []


def _unit_pointer(kind: str, list: str, index: int) -> str:
    return f"/detail/{list}/{index}" if kind == "units" else "/detail/organisation"


def _not_a_member(pointer: str) -> FieldError:
    return _error(pointer, "not_a_member", "该单位不是参与单位，请核对代码。", "It is not a member; check its code.")


def _error(pointer: str, code: str, zh: str, en: str) -> FieldError:
    return FieldError(pointer, code, Text(zh, en))
