"""Statistics of the register: the columns and their headings."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.common import Answer, Body, year

#: The columns of the tables, in their order, each with its heading in both languages.
COLUMNS: dict[str, dict[str, str]] = {
    "number": {"zh": "编号", "en": "number"},
    "name": {"zh": "名称", "en": "name"},
    "field": {"zh": "领域", "en": "field"},
    "status": {"zh": "状态", "en": "status"},
    "recognised_on": {"zh": "认定日期", "en": "recognised on"},
    "recommender": {"zh": "推荐单位", "en": "recommender"},
    "lead": {"zh": "牵头单位统一社会信用代码", "en": "lead"},
    "lead_name": {"zh": "牵头单位", "en": "lead's name"},
    "units": {"zh": "组成单位数", "en": "units"},
    "enterprises": {"zh": "企业数", "en": "enterprises"},
    "in_guangxi": {"zh": "区内单位数", "en": "units in Guangxi"},
    "rd_staff_of_lead": {"zh": "牵头单位研发人员", "en": "R&D staff of the lead"},
    "figures_year": {"zh": "财务年度", "en": "fiscal year"},
    "main_business_revenue": {"zh": "主营业务收入（元）", "en": "main-business revenue (yuan)"},
    "rd_expense": {"zh": "研发费用（元）", "en": "R&D expense (yuan)"},
    "last_grade": {"zh": "最近评估等次", "en": "last grade"},
    "graded_on": {"zh": "等次生效日期", "en": "graded on"},
    "under_guidance": {"zh": "加强督促指导", "en": "under guidance"},
    "report": {"zh": "年报状态", "en": "annual report"},
    "inspection": {"zh": "监督检查结果", "en": "inspection"},
    "open_matters": {"zh": "未办结协调事项", "en": "open matters"},
    "outcomes": {"zh": "评估成果数", "en": "outcomes claimed"},
    "granted": {"zh": "专项支持金额（元）", "en": "granted (yuan)"},
}


class StatisticsQuery(Body):
    """The query of the statistics. `year`: the year of reports and inspections; the present year by default."""

    year = year(load_default=None)


class StatisticsAnswer(Answer):
    year = fields.Integer(required=True)
    items = fields.List(fields.Dict(), required=True)


class StatisticsRow(TypedDict):
    """One consortium in the part of the statistics that the application service answers."""

    consortium: str
    number: str
    name: str
    field: str
    status: str
    recognised_on: str
    recommender: str
    lead: str
    lead_name: str | None
    units: int
    enterprises: int
    in_guangxi: int
    rd_staff_of_lead: int | None
    figures_year: int | None
    main_business_revenue: str | None
    rd_expense: str | None
    last_grade: str | None
    graded_on: str | None
    under_guidance: bool
    granted: str


class StatisticsRows(TypedDict):
    rows: list[StatisticsRow]


class YearlyRow(TypedDict):
    """One consortium in the part of the statistics that the evaluation service answers."""

    report: str | None
    inspection: str | None
    open_matters: int
    outcomes: int


class YearlyStatistics(TypedDict):
    """The evaluation service's rows by the consortium's id."""

    year: int
    rows: dict[str, YearlyRow]


class StatisticsItem(StatisticsRow, YearlyRow):
    """One consortium with the data of both services."""


class StatisticsAnswerDict(TypedDict):
    year: int
    items: list[StatisticsItem]
