"""The members that the events of the application service share, and the values of their examples."""

from __future__ import annotations

from typing import TypedDict

from marshmallow import fields

from services.contracts.common import EventData
from services.contracts.consortium_reference import ConsortiumReferenceData
from services.contracts.payload import JsonObject


class Data(EventData):
    article = fields.String()


class LeadName(Data):
    uscc = fields.String(required=True)
    name = fields.String(required=True, allow_none=True)


class NamedLead(TypedDict):
    uscc: str
    name: str | None


class AddressedMember(NamedLead):
    """A member to which an event is addressed. `registered`: whether the member has registered on the platform."""

    registered: bool


class ConsortiumData(ConsortiumReferenceData, Data):
    """The fields of every event about a consortium of the register."""


APPLICATION = "01980000-0000-7000-8000-000000000001"
CONSORTIUM = "01980000-0000-7000-8000-000000000002"
CALL = "01980000-0000-7000-8000-000000000003"
LEAD = {"uscc": "9145020098MA369042", "name": "柳州桂博一号科技股份有限公司"}
UNIT = {"uscc": "9145010035MA46841F", "name": "南宁澜瑞六号科技股份有限公司"}
MEMBER = {**UNIT, "registered": True}
TITLE = "广西糖业创新联合体"
UNITS = [LEAD["uscc"], UNIT["uscc"]]
consortium_example: JsonObject = {
    "consortium": CONSORTIUM,
    "number": "GXCX-2026-0001",
    "name": TITLE,
    "lead": LEAD,
    "article": "A12",
}
