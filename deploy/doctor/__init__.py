"""`guichuang doctor`: report faults and their remedies in plain words. The command works even if other parts of the platform do
not."""

from deploy.doctor.checks import examine
from deploy.doctor.finding import Finding, Grade
from deploy.doctor.report import environment, report

__all__ = ["Finding", "Grade", "environment", "examine", "report"]
