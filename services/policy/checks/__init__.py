"""The checks that the rules of a policy can name. Importing this package registers all of them."""

from services.policy.checks import lead, units
from services.policy.checks.registry import CHECKS, Check, Observation
from services.policy.checks.written_documents import Papers

__all__ = ["CHECKS", "Check", "Observation", "Papers", "lead", "units"]
