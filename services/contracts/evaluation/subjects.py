"""The consortium and the participation that evaluation events are about: shared schemas and examples."""

from __future__ import annotations

from marshmallow import fields

from services.contracts.common import Citation, EventData
from services.contracts.consortium_reference import ConsortiumReferenceData
from services.contracts.payload import JsonObject


class Data(EventData):
    article = Citation()


class _Lead(Data):
    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class ConsortiumData(ConsortiumReferenceData, Data):
    """Identifies the consortium that the event concerns."""

    lead = fields.Nested(_Lead, required=True)


class ParticipationData(ConsortiumData):
    participation = fields.String(required=True)
    evaluation = fields.String(required=True)
    title = fields.String(required=True)
    version = fields.Integer(required=True)


EVALUATION = "01980000-0000-7000-8000-000000000021"
PARTICIPATION = "01980000-0000-7000-8000-000000000022"
_LEAD = {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"}
_MEMBER = "9145010035MA46841F"
CONSORTIUM: JsonObject = {
    "consortium": "01980000-0000-7000-8000-000000000002",
    "number": "GXCX-2023-0001",
    "name": "广西糖业创新联合体",
    "lead": _LEAD,
    "article": "A13",
}
JOINED = CONSORTIUM | {
    "participation": PARTICIPATION,
    "evaluation": EVALUATION,
    "title": "2026 年度创新联合体绩效评估",
    "version": 1,
}
UNITS = {"units": [_LEAD["uscc"], _MEMBER]}
