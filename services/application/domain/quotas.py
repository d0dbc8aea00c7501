"""Quotas: how many consortia an organisation may lead (L6) and take part in (M3), by the policy's limits (A5(2)5, A5(3)5)."""

from __future__ import annotations

from dataclasses import dataclass

from services.policy import Policy, Standing

#: The names of policy checks: the two whose rules limit quotas, and the check of integrity records.
LEADING, TAKING_PART, INTEGRITY = "lead_seats", "unit_seats", "integrity"
#: The checks that are not evaluated again after the submission: those of the lead's figures and staff, and of the submitted
#: documents.
FROZEN = ("lead_revenue", "lead_rd_staff", "lead_rd_effort", "documents")


@dataclass(frozen=True, slots=True)
class Limits:
    """The maximum numbers of consortia that one organisation may lead and take part in; None if the policy sets no limit."""

    leading: int | None
    taking_part: int | None

    @classmethod
    def of(cls, policy: Policy) -> Limits:
        limits = {rule.check.name: int(rule.params["maximum"]) for rule in policy.rules if "maximum" in rule.params}
        return cls(limits.get(LEADING), limits.get(TAKING_PART))

    def admit(self, standing: Standing, *, leading: bool) -> bool:
        """Return whether the limits allow an organisation to take part in one more consortium, beside the number in `standing`.
        `leading`: whether it would lead that consortium."""
        if leading and self.leading is not None and standing.leads + 1 > self.leading:
            return False
        return self.taking_part is None or standing.joins + 1 <= self.taking_part


def recheck_limits(policy: Policy) -> tuple[str, ...]:
    """The ids of the rules that are evaluated again before the decision and before the recognition."""
    return tuple(rule.id for rule in policy.rules if rule.check.name not in FROZEN)
