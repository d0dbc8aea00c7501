"""Outcomes count once (A13: 所有成果仅能使用一次): the same patent, standard or paper is the same however it is written."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from typing import Any

from services.kernel.errors import Conflict, FieldError, Invalid, Text

#: What people put between the parts of a number, all of it without meaning.
_SEPARATORS = re.compile(r"[\s\-_/\\.,:;·•・()\[\]{}<>〔〕【】《》〈〉「」、，。；：#'\"|+*~–—−‐‑―]+")
_DASHES = re.compile(r"[‐‑‒–—―−－~]+")
#: Words that only say what follows: "专利号：…", "No. …".
_LABEL = re.compile(
    r"^(?:中国|国家|发明|实用新型|外观设计|软件著作权|计算机|新产品|产品|医疗器械|农药|兽药|种子|品种|技术|科技|项目|课题|立项|计划|任务书|任务|合同|协议|"
    r"标准|专利申请|专利|申请|公开|公告|授权|登记|注册|备案|审定|批准|证书|证|奖励|获奖|平台|认定|编号|号码|文号|序号|代码|号|NO|NUMBER|№|第)+"
)
_DOI_HEAD = re.compile(r"^(?:HTTPS?://)?(?:(?:DX\.|WWW\.)?DOI\.ORG/)?(?:DOI\s*:?\s*)?", re.IGNORECASE)
_STANDARD = re.compile(r"^([A-Z]+(?:\s*/\s*[A-Z]+)*)\s*(\d+(?:\.\d+)*)(?:\s*[-:]\s*(\d{2,4}))?$")
_PATENT_HEAD = re.compile(r"^(?:ZL|CN|ZLCN|CNZL)(?=\d)")
#: Year, type, serial; the check digit behind them says nothing more.
_APPLICATION_NUMBER = re.compile(r"^((?:19|20)\d{2}[1-9]\d{7})[\dX]?$")
_OLD_APPLICATION_NUMBER = re.compile(r"^(\d{8})\.[\dX]$")


def key_of(kind: str, identifier: str) -> str:
    """The one way to write an outcome's number: full-width and half-width forms, case, separators, labels and prefixes make no
    difference. Empty where nothing of a number is left."""
    text = unicodedata.normalize("NFKC", identifier).upper().strip()
    text = "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf"))
    return _BY_KIND.get(kind, _plain)(text)[:200]


def _plain(text: str) -> str:
    bare = _SEPARATORS.sub("", text)
    return _LABEL.sub("", bare) or bare


def _patent(text: str) -> str:
    """The application's number without its check digit, which patents keep for life; a publication's number as it is."""
    tight = _PATENT_HEAD.sub("", _LABEL.sub("", re.sub(r"[\s\-_/:]+", "", text)))
    if old := _OLD_APPLICATION_NUMBER.match(tight):
        return old[1]
    tight = _SEPARATORS.sub("", tight)
    new = _APPLICATION_NUMBER.match(tight)
    return new[1] if new else tight


def _standard(text: str) -> str:
    text = _DASHES.sub("-", text)
    text = _LABEL.sub("", re.sub(r"^[\s:]+|[\s:]+$", "", text)).lstrip(" :")
    found = _STANDARD.match(text) or _STANDARD.match(re.sub(r"^([A-Z]+)\s+([A-Z])\b", r"\1/\2", text))
    if found is None:
        return _plain(text)
    letters = re.sub(r"[\s/]", "", found[1])
    return f"{letters}{found[2]}" + (f"-{found[3]}" if found[3] else "")


def _paper(text: str) -> str:
    """A DOI's own signs belong to it; only what leads to it and stray blanks do not."""
    return re.sub(r"\s+", "", _DOI_HEAD.sub("", _DASHES.sub("-", text))).rstrip(".,;/")


_BY_KIND: Mapping[str, Callable[[str], str]] = {"patent": _patent, "standard": _standard, "paper": _paper}


def checked(outcomes: Sequence[Mapping[str, Any]], begin: date, end: date) -> list[dict[str, Any]]:
    """The outcomes with their keys. Raises Invalid for a number that is none and for one listed twice, Conflict for one achieved
    outside the period (A13)."""
    keyed = [{**outcome, "key": key_of(outcome["kind"], outcome["identifier"])} for outcome in outcomes]
    if errors := (*_empty(keyed), *_twice(keyed)):
        raise Invalid("invalid_outcomes", "成果填写有误，请按提示修改。", "The outcomes have mistakes.", errors=errors)
    if outside := tuple(_outside(keyed, begin, end)):
        raise Conflict(
            "outcome_outside_period",
            f"评估只计周期内产生的成果：{begin.isoformat()} 至 {end.isoformat()}（第十三条），请删除周期外的成果。",
            f"Only outcomes of the period from {begin.isoformat()} to {end.isoformat()} count (article 13); remove the others.",
            errors=outside,
            article="A13",
        )
    return keyed


def _empty(outcomes: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    text = Text("请填写成果的编号，例如专利号、标准号、DOI。", "Give the outcome's number, such as a patent number or a DOI.")
    return [
        FieldError(f"/outcomes/{place}/identifier", "no_identifier", text)
        for place, outcome in enumerate(outcomes)
        if not outcome["key"]
    ]


def _twice(outcomes: Sequence[Mapping[str, Any]]) -> list[FieldError]:
    found = []
    seen: dict[tuple[str, str], int] = {}
    for place, outcome in enumerate(outcomes):
        first = seen.setdefault((outcome["kind"], outcome["key"]), place)
        if first != place and outcome["key"]:
            text = Text(
                f"与第 {first + 1} 项是同一成果，请只保留一项。", f"This is the same outcome as entry {first + 1}; keep one."
            )
            found.append(FieldError(f"/outcomes/{place}/identifier", "outcome_twice", text))
    return found


def _outside(outcomes: Sequence[Mapping[str, Any]], begin: date, end: date) -> list[FieldError]:
    text = Text(
        f"成果日期应在 {begin.isoformat()} 至 {end.isoformat()} 之间。",
        f"The date must lie between {begin.isoformat()} and {end.isoformat()}.",
    )
    return [
        FieldError(f"/outcomes/{place}/achieved_on", "outside_period", text)
        for place, outcome in enumerate(outcomes)
        if not begin <= date.fromisoformat(outcome["achieved_on"]) <= end
    ]
