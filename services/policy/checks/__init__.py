"""The checks a policy can name; importing this package fills their table."""

from services.policy.checks import lead, units
from services.policy.checks.papers import Papers
from services.policy.checks.registry import CHECKS, Check, Observation

__all__ = ["CHECKS", "Check", "Observation", "Papers", "lead", "units"]
