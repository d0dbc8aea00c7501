"""The regulation as data, and the engine that evaluates it.

A policy (a TOML file in this folder, or a version published later) states every rule, threshold, deadline, stage and support
measure with its article. `evaluate(policy, facts)` gives one finding for each rule. The package does no I/O except reading its
own files.
"""

from services.kernel.clock import end_of_day
from services.policy.bureaus import BUREAUS, PROVINCE, Bureau, bureau_tree, city_bureau_of, industry_bureaus_of
from services.policy.citation import spell_out
from services.policy.codes import is_valid_region, is_valid_uscc
from services.policy.dates import (
    add_days,
    add_months,
    add_working_days,
    add_years,
    holidays_known_through,
    is_working_day,
    not_past,
    use_holidays,
    working_days_between,
)
from services.policy.engine import evaluate
from services.policy.errors import PolicyError, UnknownPolicy
from services.policy.evaluation_and_support import Evaluation, Grade, Ground, Measure
from services.policy.extension import check_extension
from services.policy.facts import DocumentFact, Facts, Figure, Platform, Standing, Unit
from services.policy.finding import Finding, blocking, eligible, open_in_principle, waive
from services.policy.holidays import HolidayCalendar, read_notices
from services.policy.industries import SECTIONS, industry_words, is_valid_industry
from services.policy.pipeline import AnnualReport, Changes, Deadlines, MonthDay, Stage
from services.policy.policy import Policies, Policy, load_builtin, measure_titles
from services.policy.retention import Retention
from services.policy.rule import Question, RequiredDocument, Rule

__all__ = [
    "BUREAUS",
    "PROVINCE",
    "SECTIONS",
    "AnnualReport",
    "Bureau",
    "Changes",
    "Deadlines",
    "DocumentFact",
    "Evaluation",
    "Facts",
    "Figure",
    "Finding",
    "Grade",
    "Ground",
    "HolidayCalendar",
    "Measure",
    "MonthDay",
    "Platform",
    "Policies",
    "Policy",
    "PolicyError",
    "Question",
    "RequiredDocument",
    "Retention",
    "Rule",
    "Stage",
    "Standing",
    "Unit",
    "UnknownPolicy",
    "add_days",
    "add_months",
    "add_working_days",
    "add_years",
    "blocking",
    "bureau_tree",
    "check_extension",
    "city_bureau_of",
    "eligible",
    "end_of_day",
    "evaluate",
    "holidays_known_through",
    "industry_bureaus_of",
    "industry_words",
    "is_valid_industry",
    "is_valid_region",
    "is_valid_uscc",
    "is_working_day",
    "load_builtin",
    "measure_titles",
    "not_past",
    "open_in_principle",
    "read_notices",
    "spell_out",
    "use_holidays",
    "waive",
    "working_days_between",
]
