"""Statistics of the register: which columns there are, and what they are called."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.base import Answer, Body, whole
from services.kernel.errors import Text

#: The columns of the tables, in their order.
COLUMNS = {
    "number": Text("编号", "number"),
    "name": Text("名称", "name"),
    "field": Text("领域", "field"),
    "status": Text("状态", "status"),
    "recognised_on": Text("认定日期", "recognised on"),
    "recommender": Text("推荐单位", "recommender"),
    "lead": Text("牵头单位统一社会信用代码", "lead"),
    "lead_name": Text("牵头单位", "lead's name"),
    "units": Text("组成单位数", "units"),
    "enterprises": Text("企业数", "enterprises"),
    "in_guangxi": Text("区内单位数", "units in Guangxi"),
    "rd_staff_of_lead": Text("牵头单位研发人员", "R&D staff of the lead"),
    "figures_year": Text("财务年度", "fiscal year"),
    "main_business_revenue": Text("主营业务收入（元）", "main-business revenue (yuan)"),
    "rd_expense": Text("研发费用（元）", "R&D expense (yuan)"),
    "last_grade": Text("最近评估等次", "last grade"),
    "graded_on": Text("等次生效日期", "graded on"),
    "under_guidance": Text("加强督促指导", "under guidance"),
    "report": Text("年报状态", "annual report"),
    "inspection": Text("监督检查结果", "inspection"),
    "open_matters": Text("未办结协调事项", "open matters"),
    "outcomes": Text("评估成果数", "outcomes claimed"),
    "granted": Text("专项支持金额（元）", "granted (yuan)"),
}


class StatisticsQuery(Body):
    """`year` of reports and inspections, this one unless said."""

    year = whole(1900, 9999, strict=False, load_default=None)


class StatisticsAnswer(Answer):
    year = fields.Integer(required=True)
    items = fields.List(fields.Dict(), required=True)
