"""The columns of the lists that can be exported as spreadsheets, with their headings in both languages."""

from __future__ import annotations

from services.contracts.application.register_requests import RegisterQuery
from services.contracts.evaluation.duties import BoardQuery
from services.contracts.review.requests import ReviewQuery

Columns = dict[str, dict[str, str]]

INBOX: Columns = {
    "title": {"zh": "名称", "en": "title"},
    "lead": {"zh": "牵头单位", "en": "lead"},
    "uscc": {"zh": "统一社会信用代码", "en": "unified social credit code"},
    "kind": {"zh": "类别", "en": "kind"},
    "stage": {"zh": "环节", "en": "stage"},
    "status": {"zh": "状态", "en": "status"},
    "recommender": {"zh": "推荐单位", "en": "recommender"},
    "opened_on": {"zh": "收到日期", "en": "received on"},
    "due_on": {"zh": "办理期限", "en": "due on"},
    "working_days_left": {"zh": "剩余工作日", "en": "working days left"},
    "assigned_to": {"zh": "办理人", "en": "assigned to"},
    "draft_by": {"zh": "起草人", "en": "drafted by"},
}
RANKING: Columns = {
    "normalised_rank": {"zh": "归一化排名", "en": "rank, normalised"},
    "rank": {"zh": "原始排名", "en": "rank, raw"},
    "title": {"zh": "名称", "en": "title"},
    "normalised": {"zh": "归一化得分", "en": "score, normalised"},
    "aggregate": {"zh": "原始得分", "en": "score, raw"},
    "spread": {"zh": "最高与最低之差", "en": "spread"},
    "outliers": {"zh": "离群评分数", "en": "outliers"},
    "status": {"zh": "状态", "en": "status"},
}
BOARD: Columns = {
    "number": {"zh": "编号", "en": "number"},
    "name": {"zh": "名称", "en": "name"},
    "lead": {"zh": "牵头单位", "en": "lead"},
    "recommender": {"zh": "推荐单位", "en": "recommender"},
    "year": {"zh": "年度", "en": "year"},
    "inspected_on": {"zh": "检查日期", "en": "inspected on"},
    "result": {"zh": "检查结果", "en": "result"},
    "under_guidance": {"zh": "加强督促指导", "en": "under guidance"},
    "follow_up_overdue": {"zh": "复查逾期", "en": "follow-up overdue"},
}
REGISTER: Columns = {
    "number": {"zh": "编号", "en": "number"},
    "name": {"zh": "名称", "en": "name"},
    "field": {"zh": "领域", "en": "field"},
    "status": {"zh": "状态", "en": "status"},
    "recognised_on": {"zh": "认定日期", "en": "recognised on"},
    "recommender": {"zh": "推荐单位", "en": "recommender"},
    "lead": {"zh": "牵头单位", "en": "lead"},
    "uscc": {"zh": "统一社会信用代码", "en": "unified social credit code"},
    "last_grade": {"zh": "最近评估等次", "en": "last grade"},
}
WORDS = {
    "inbox": {"zh": "审核事项", "en": "Cases"},
    "ranking": {"zh": "评审排名", "en": "Ranking"},
    "board": {"zh": "年度监督检查", "en": "Yearly inspections"},
    "register": {"zh": "创新联合体名册", "en": "Register of consortia"},
    "yes": {"zh": "是", "en": "yes"},
    "no": {"zh": "否", "en": "no"},
    "cut": {
        "zh": "仅列出前若干行，请缩小查询范围后再导出。",
        "en": "These are the first rows alone; narrow the filters and export again.",
    },
}


class InboxTableQuery(ReviewQuery):
    """The filters of an inbox that is exported as a spreadsheet."""

    class Meta:
        exclude = ("limit", "cursor")


class BoardTableQuery(BoardQuery):
    """The filters of an inspection board that is exported as a spreadsheet."""

    class Meta:
        exclude = ("limit", "cursor")


class RegisterTableQuery(RegisterQuery):
    """The filters of a register that is exported as a spreadsheet."""

    class Meta:
        exclude = ("limit", "cursor")
