"""`guichuang doctor`: says in plain words what is wrong and what to do. It works where other parts do not."""

from deploy.doctor.checks import examine
from deploy.doctor.finding import Finding, Grade
from deploy.doctor.report import environment, report

__all__ = ["Finding", "Grade", "environment", "examine", "report"]
