"""`guichuang doctor`: says in plain words what is wrong and what to do. It works where other parts do not."""

from deploy.operations.doctor.report import environment, report
from deploy.operations.doctor.rounds import examine
from deploy.operations.doctor.symptom import Grade, Symptom

__all__ = ["Grade", "Symptom", "environment", "examine", "report"]
