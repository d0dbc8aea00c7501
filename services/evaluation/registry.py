"""What the evaluation service offers and hears."""

from services.evaluation.queries.annual_reports import annual_reports
from services.evaluation.reactions import recognised
from services.evaluation.sweeps import open_yearly_reports, unopened_reports
from services.kernel.registry import Registry

registry = Registry("evaluation")

registry.query(annual_reports)

registry.reaction("application", "consortium.recognised", recognised)

registry.sweep("annual_reports", unopened_reports, open_yearly_reports)
