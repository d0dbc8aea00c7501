"""Derive the key that identifies an outcome from its number, whatever the spelling and the kind under which it is reported (A13:
所有成果仅能使用一次).

Numbers that are unique by themselves share one namespace: patents and their applications, standards, DOIs, plant varieties,
software and product registrations, numbers of government projects. A number that an issuer assigned (contracts, awards, internal
projects) identifies an outcome only together with its issuer.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass

#: The namespaces of keys. They are stored in the column in which earlier releases stored an outcome's kind.
UNIQUE, ISSUED = "number", "issued"
#: Kinds of outcomes whose numbers an issuer assigns, unless the form of a number shows that the number is unique by itself.
ISSUER_KINDS = ("contract", "award", "project", "platform")

#: The most characters of a stored key; a longer key is cut and ends in the digest of the whole key.
_LONGEST_KEY = 160
#: Titles shorter than this (in characters) are too common to be compared.
_SHORTEST_TITLE = 4

#: Characters that separate the parts of a number and have no meaning.
_SEPARATORS = re.compile(r"[\s\-_/\\.,:;·•・()\[\]{}<>〔〕【】《》〈〉「」『』、，。；：#'\"|+*~–—−‐‑―]+")
_DASHES = re.compile(r"[‐‑‒–—―−－~]+")
_REMARK = re.compile(r"[(\[{<〔【《〈「『]([^()\[\]{}<>〔〕【】《》〈〉「」『』]*)[)\]}>〕】》〉」』]")
_FULL_WIDTH_REMARK = re.compile(r"（[^（）]*）")
_CHINESE = re.compile(r"[\u4e00-\u9fff]")
#: Words that only introduce a number: "专利号：…", "No. …".
_LABEL = re.compile(
    r"^(?:中国|国家|发明|实用新型|外观设计|软件著作权|计算机|新产品|产品|医疗器械|农药|兽药|种子|植物新品种|新品种|品种权|品种|技术|科技|项目|课题|立项|计划|任务书|任务|合同|协议|"
    r"标准|专利申请|专利|申请|公开|公告|授权|登记|注册|备案|审定|批准|证书|证|奖励|获奖|平台|认定|编号|号码|文号|序号|代码|号|NO|NUMBER|№|第)+"
)

_DOI_HEAD = re.compile(r"^(?:HTTPS?://)?(?:(?:DX\.|WWW\.)?DOI\.ORG/)?(?:DOI\s*:?\s*)?(?=10\.\d{4,9}\s*/)")
_SPACED_REMARK = re.compile(r"\s\([^()]*\)\s*$")
_CHINESE_REMARK = re.compile(r"\([^()]*[\u4e00-\u9fff][^()]*\)\s*$")

_PATENT_HEAD = re.compile(r"^(?:ZL|CN|ZLCN|CNZL)(?=\d)")
#: A Chinese patent number: year, type, serial; the check digit is ignored. A patent keeps the number of its application, so both
#: get the same key.
_PREFIXED_APPLICATION = re.compile(r"(?:ZL|CN)((?:19|20)\d{2}[1-9]\d{7})(?:\.?[\dX])?(?!\d)")
_APPLICATION = re.compile(r"^((?:19|20)\d{2}[1-9]\d{7})(?:\.?([\dX]))?$")
_OLD_APPLICATION = re.compile(r"^(\d{8})\.[\dX]$")
_OLD_PATENT = re.compile(r"^ZL(\d{8})\.?[\dX]$")
_PUBLICATION = re.compile(r"^CN(\d{7,9})([A-Z]\d?)$")
_FOREIGN = re.compile(r"^(?:PCT[A-Z]{2}\d{9,10}|(?:US|EP|WO|JP|KR)\d{6,}[A-Z]\d?)$")
_CHECK_WEIGHTS = (2, 3, 4, 5, 6, 7, 8, 9, 2, 3, 4, 5)

_STANDARD = re.compile(r"^([A-Z]+(?:\s*/\s*[A-Z]+)*|DB\s*\d{2}(?:\s*/?\s*T)?)\s*(\d+(?:\.\d+)*)(?:\s*[-:]\s*(\d{4}|\d{2}))?$")
#: Letters that mark a number as that of a standard.
_STANDARD_LETTERS = re.compile(r"^(?:GB[TZ]?|GB/[TZ]|DB\d{2}(?:/?T)?|[A-Z]{2,3}/[TZ]|[TQ]/[A-Z]+|ISO|IEC|ISO/IEC|ITU|IEEE|ASTM)$")

_SOFTWARE = re.compile(r"^(?:\d{4}SR\d{5,8}|软著登字第?\d+号?)$")
_VARIETY = re.compile(
    r"^(?:CNA[A-Z]?\d{8,12}|[\u4e00-\u9fff]{1,3}审[\u4e00-\u9fff]{1,4}\d{4,}号?|GPD[\u4e00-\u9fff]{1,6}\d{8,})$"
)
_REGISTRATION = re.compile(
    r"^[\u4e00-\u9fff]{1,4}(?:械注准|械注进|械注许|械备|药准字|药广审|食健字|食健注|妆特字|妆特|妆网备字|药证字|药字|准字|注准|登字)"
    r"[A-Z\u4e00-\u9fff]{0,4}\d{4,}号?$"
)

_GUANGXI_PROJECT = re.compile(r"^(?:广西(?:壮族自治区)?|自治区)?(?:科技计划|科技)?(?:项目)?桂科(.+)$")
_PROJECT_CODE = re.compile(r"^(?:A[A-F]|ZY|JF|JB|FN)\d{8}$")
_PROJECT_FORM = re.compile(r"^[A-Z]{2}\d{8}$")
_OTHER_PROJECT = re.compile(r"^(?:\d{4}YF[A-Z]\d{7}|\d{4}GXNSF[A-Z]{2}\d{6})$")


@dataclass(frozen=True, slots=True)
class OutcomeKey:
    """The key that identifies an outcome: `space` and `key`. `number`: the number alone, without its issuer, edition or stage of
    publication; it is used to find similar outcomes, and an equal `number` proves nothing."""

    space: str
    key: str
    number: str


def identify(
    kind: str, identifier: str, issuer: str | None, lead: str, names: Mapping[str, str] | None = None
) -> OutcomeKey | None:
    """Return the key that identifies an outcome; None if the identifier contains no number. `issuer`: a unified social credit
    code or a name; None means the lead. `names`: name of an organisation, as `plain_name` returns it → its code."""
    text = _without_remarks(identifier)
    for name, recognise in _RECOGNISERS.items():
        if recognised := recognise(kind, text):
            key, number = recognised
            return OutcomeKey(UNIQUE, _shortened_key(f"{name}:{key}"), _shortened_key(f"{name}:{number}"))
    plain = _without_label(text)
    if not plain:
        return None
    # A project number in this form belongs to a government project, unless an issuer is named: then the issuer assigned the
    # number.
    if kind == "project" and not issuer and _PROJECT_FORM.match(plain):
        return OutcomeKey(UNIQUE, _shortened_key(f"project:{plain}"), _shortened_key(f"project:{plain}"))
    if kind in ISSUER_KINDS and "专利" not in text:
        return OutcomeKey(ISSUED, _shortened_key(f"{_issuer(issuer, lead, names or {})}/{plain}"), _shortened_key(plain))
    return OutcomeKey(UNIQUE, _shortened_key(f"other:{plain}"), _shortened_key(plain))


def has_several_numbers(identifier: str) -> bool:
    """Return whether the identifier contains more than one patent number; each patent must be listed as an outcome of its own."""
    tight = re.sub(r"[\s\-_/]+", "", _upper(identifier))
    return len(set(_PREFIXED_APPLICATION.findall(tight))) > 1


def plain_name(name: str) -> str:
    """Return a name without blanks and punctuation, to compare names of organisations and titles of outcomes."""
    text = unicodedata.normalize("NFKC", name).upper()
    return "".join(sign for sign in text if unicodedata.category(sign)[0] in "LN")


def title_key(title: str) -> str | None:
    """Return the form in which titles are compared; None if the title is too short."""
    plain = plain_name(title)[:300]
    return plain if len(plain) >= _SHORTEST_TITLE else None


def _upper(identifier: str) -> str:
    text = unicodedata.normalize("NFKC", identifier).upper().strip()
    return "".join(sign for sign in text if unicodedata.category(sign) not in ("Cc", "Cf"))


def _without_remarks(identifier: str) -> str:
    """Return the identifier in half-width upper case, without remarks in brackets. Brackets that contain a part of the number,
    such as a year, stay. Brackets in a DOI may belong to it, so they stay unless they are full-width, follow a blank or contain
    Chinese."""
    text_upper = _upper(identifier)
    if _DOI_HEAD.match(text_upper):
        without_remark = _upper(_FULL_WIDTH_REMARK.sub("", identifier))
        return _CHINESE_REMARK.sub("", _SPACED_REMARK.sub("", without_remark))
    text = _REMARK.sub(lambda remark: remark[0] if re.search(r"\d", remark[1]) else "", text_upper).strip()
    last = list(_REMARK.finditer(text))
    if last and last[-1].end() == len(text) and _CHINESE.search(last[-1][1]):
        text = text[: last[-1].start()].strip()
    return text or text_upper


def _without_label(text: str) -> str:
    compact = _SEPARATORS.sub("", text)
    return _LABEL.sub("", compact) or compact


def _doi(kind: str, text: str) -> tuple[str, str] | None:
    """Recognise a DOI; None if the text is no DOI. Punctuation may belong to a DOI, so only the text before the DOI and stray
    blanks are removed."""
    if not _DOI_HEAD.match(text):
        return None
    doi = re.sub(r"\s+", "", _DOI_HEAD.sub("", _DASHES.sub("-", text))).rstrip(".,;/")
    return doi, doi


def _patent(kind: str, text: str) -> tuple[str, str] | None:
    tight = re.sub(r"[\s\-_/:,，、。;]+", "", text)
    if match := _PREFIXED_APPLICATION.search(tight):
        return match[1], match[1]
    labelled = kind == "patent" or "专利" in tight
    tight = _LABEL.sub("", tight)
    if old_number := _OLD_PATENT.match(tight):
        return old_number[1], old_number[1]
    if publication := _PUBLICATION.match(tight):
        return publication[1] + publication[2], publication[1]
    if _FOREIGN.match(tight):
        return tight, tight
    tight = _PATENT_HEAD.sub("", tight)
    if old_number := _OLD_APPLICATION.match(tight):
        return (old_number[1], old_number[1]) if labelled else None
    number = _APPLICATION.match(tight)
    if number and (labelled or "." in tight or number[2] == _check_digit(number[1])):
        return number[1], number[1]
    return None


def _check_digit(number: str) -> str:
    """Return the check digit of a twelve-digit patent application number."""
    return "0123456789X"[sum(int(digit) * weight for digit, weight in zip(number, _CHECK_WEIGHTS, strict=True)) % 11]


def _standard(kind: str, text: str) -> tuple[str, str] | None:
    text = _DASHES.sub("-", text)
    compact = _LABEL.sub("", text.strip(" :")).lstrip(" :")
    labelled = kind == "standard" or (compact != text and "标准" in text)
    match = _STANDARD.match(compact) or _STANDARD.match(re.sub(r"^([A-Z]+)\s+([A-Z])\b", r"\1/\2", compact))
    if match is None:
        return None
    letters = re.sub(r"\s", "", match[1])
    if not (labelled or _STANDARD_LETTERS.match(letters)):
        return None
    number = f"{letters.replace('/', '')}{match[2]}"
    return (f"{number}-{_whole_year(match[3])}" if match[3] else number), number


def _whole_year(year: str) -> str:
    if len(year) == 4:
        return year
    return f"19{year}" if int(year) >= 50 else f"20{year}"


def _form(pattern: re.Pattern[str]) -> Callable[[str, str], tuple[str, str] | None]:
    def recognise(kind: str, text: str) -> tuple[str, str] | None:
        compact = _SEPARATORS.sub("", text)
        for tight in (compact, _LABEL.sub("", compact)):
            if pattern.match(tight):
                return tight.rstrip("号"), tight.rstrip("号")
        return None

    return recognise


def _project(kind: str, text: str) -> tuple[str, str] | None:
    """Recognise the number of a government project, with or without 桂科; None if the text is no such number."""
    compact = _SEPARATORS.sub("", text)
    tight = _LABEL.sub("", compact) or compact
    if match := _GUANGXI_PROJECT.match(compact) or _GUANGXI_PROJECT.match(tight):
        tight = match[1].rstrip("号")
    elif not (_PROJECT_CODE.match(tight) or _OTHER_PROJECT.match(tight)):
        return None
    return tight, tight


#: The recognisers in the order in which they are tried. The first match decides, so the most specific forms come first.
_RECOGNISERS: Mapping[str, Callable[[str, str], tuple[str, str] | None]] = {
    "doi": _doi,
    "patent": _patent,
    "project": _project,
    "software": _form(_SOFTWARE),
    "variety": _form(_VARIETY),
    "registration": _form(_REGISTRATION),
    "standard": _standard,
}


def _issuer(issuer: str | None, lead: str, names: Mapping[str, str]) -> str:
    plain = plain_name(issuer or "")
    return names.get(plain, plain) or lead


def _shortened_key(key: str) -> str:
    if len(key) <= _LONGEST_KEY:
        return key
    return f"{key[: _LONGEST_KEY - 65]}:{hashlib.sha256(key.encode()).hexdigest()}"
