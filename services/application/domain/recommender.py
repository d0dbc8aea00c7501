"""The bureaus that may recommend an application: the city bureau of the lead's registration, or the industry bureau of its trade
(A6(1))."""

from __future__ import annotations

from collections.abc import Sequence

from services.kernel.errors import FieldError, Text
from services.policy import BUREAUS, PROVINCE, city_bureau_of, industry_bureaus_of


def home_bureau(recommender: str | None) -> str:
    """The bureau to which an event about a case is addressed: the recommender, or the province if the case names no valid
    recommender yet."""
    return recommender if recommender in BUREAUS else PROVINCE


def objection_to(recommender: str, region: str | None, industry: str | None, allowed: Sequence[str] | None) -> FieldError | None:
    """Return the error that says why this bureau cannot recommend this lead; None if it can. `allowed`: the industry bureaus that
    the call admits; None admits all (A8)."""
    bureau = BUREAUS.get(recommender)
    city = city_bureau_of(region) if region else None
    competent = BUREAUS[city].name.zh if city else "牵头单位注册地所在设区市科技局"
    own_en = BUREAUS[city].name.en if city else "the city bureau of the lead's registration"
    if recommender == city:
        return None
    if bureau is None or bureau.tier == "province":
        called = bureau.name if bureau else Text(f"“{recommender}”", f"“{recommender}”")
        return _recommender_error(
            "unknown_recommender",
            f"{called.zh}不是可以推荐的主管部门；请填写{competent}，或所属行业主管部门。",
            f"{called.en} is no bureau that recommends; give {own_en}, or the industry bureau of its trade.",
        )
    if bureau.tier == "city":
        return _recommender_error(
            "not_the_leads_city",
            f"{bureau.name.zh}不是牵头单位注册地所在设区市科技局；请填写{competent}，或所属行业主管部门。",
            f"{bureau.name.en} is not the city bureau of the lead's registration; give {own_en}, or its industry bureau.",
        )
    if allowed is not None and recommender not in allowed:
        return _recommender_error(
            "bureau_not_in_call",
            f"申报通知没有列入{bureau.name.zh}；请填写{competent}，或通知列出的行业主管部门。",
            f"The call does not admit the {bureau.name.en}; give {own_en}, or an industry bureau the call names.",
        )
    if recommender not in industry_bureaus_of(industry or ""):
        return _recommender_error(
            "not_the_leads_trade",
            f"{bureau.name.zh}不主管牵头单位所属行业（{industry or '未填写'}）；请核对单位信息中的行业，或改填{competent}。",
            f"The {bureau.name.en} is not in charge of the lead's trade ({industry or 'not entered'}); check the trade in its "
            f"data, or give {own_en}.",
        )
    return None


def _recommender_error(code: str, zh: str, en: str) -> FieldError:
    return FieldError("/recommender", code, Text(zh, en))
