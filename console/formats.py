"""Format values for pages: dates and instants in Beijing time, money in 万元, regions and codes by their names."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any

from markupsafe import Markup

from console.forms import field_id
from console.labels import translate

#: A fixed offset suffices, because Beijing time has no summer time.
BEIJING = timezone(timedelta(hours=8))
_CITATION = re.compile(r"A(\d+)((?:\(\d+\)|\d+)*)")
_NUMERALS = "〇一二三四五六七八九十"


def moment(value: str | None) -> str:
    """Format an instant in Beijing time: `2026-11-30 17:30`."""
    return datetime.fromisoformat(value).astimezone(BEIJING).strftime("%Y-%m-%d %H:%M") if value else ""


def now() -> str:
    """Return the present minute in Beijing, for printed pages."""
    return datetime.now(BEIJING).strftime("%Y-%m-%d %H:%M")


def day(value: str | None) -> str:
    """Return the date in Beijing of a date or an instant."""
    if not value:
        return ""
    return value if len(value) == 10 else datetime.fromisoformat(value).astimezone(BEIJING).date().isoformat()


def month_day(value: str | None) -> str:
    """Return `11-30` for a day of this year, `2027-11-30` for any other."""
    date_shown = day(value)
    return date_shown[5:] if date_shown[:4] == now()[:4] else date_shown


def weekday(value: str, language: str = "zh") -> str:
    """Format a date with its weekday: `2026-11-30 星期一`."""
    return f"{value} {translate(f'format.weekday.d{date.fromisoformat(value).isoweekday()}', language)}"


def money(value: str | None, language: str = "zh") -> Markup | str:
    """Format an amount in yuan as 万元, and in English as yuan, without unnecessary decimals. The exact sum is shown as the
    element's title."""
    if value in (None, ""):
        return ""
    exact = Decimal(str(value))
    rounded = (exact if language == "en" else exact / 10_000).normalize()
    text = translate("format.shown_money", language, amount=f"{rounded:,f}")
    return Markup('<span title="{}">{}</span>').format(translate("format.yuan", language, amount=f"{exact:,.2f}"), text)


def amount(value: Decimal, unit: str, language: str = "zh") -> Markup | str:
    """Format a figure of a rule with its unit: `27 人`, `66.7%`, `12,648 万元`."""
    if unit == "money":
        return money(str(value), language)
    text = f"{value.normalize():,f}"
    return f"{text}%" if unit == "share" else translate(f"format.unit.{unit}", language, amount=text)


def article(citation: str | None, language: str = "zh") -> str:
    """Format a citation: `A5(2)3` becomes 第五条第（二）项第3目, or Article 5(2)3."""
    if not citation:
        return ""
    if language == "en":
        return _CITATION.sub(lambda match: f"Article {match[1]}{match[2]}", citation)
    return _CITATION.sub(_article_zh, citation).replace(", ", "、")


def anchor(citation: str) -> str:
    """Return the anchor of a clause on the page of the regulation: `A5(2)3` becomes `A5-2-3`."""
    return "-".join(re.findall(r"A?\d+", citation))


def _article_zh(match: re.Match[str]) -> str:
    text = f"第{numeral(int(match[1]))}条"
    for item, point in re.findall(r"\((\d+)\)|(\d+)", match[2]):
        text += f"第（{numeral(int(item))}）项" if item else f"第{point}目"
    return text


def numeral(number: int) -> str:
    """Return a number from 1 to 99 in Chinese numerals."""
    tens, ones = divmod(number, 10)
    if not tens:
        return _NUMERALS[ones]
    return ("" if tens == 1 else _NUMERALS[tens]) + "十" + (_NUMERALS[ones] if ones else "")


def points(value: float | None) -> str:
    """Format points out of 100 with one decimal; a dash if there are none."""
    return "–" if value is None else f"{value:.1f}"


def place_between(value: float, low: float, highest: float = 100.0) -> str:
    """Return the position of a value between two others, in per cent of the distance."""
    return f"{100 * (value - low) / (highest - low):.1f}"


def policy(version: str) -> str:
    """Return the version number of a policy: the number after the @ in `guangxi_trial@1`."""
    return version.partition("@")[2] or version


def home_first(regions: list[tuple[str, str]]) -> list[tuple[str, str]]:
    """Return the regions with those of Guangxi first, because most readers choose a region of Guangxi."""
    return sorted(regions, key=lambda region: not region[0].startswith("45"))


def item_number(index: int, language: str) -> str:
    """Return the number of an article's item as the regulation prints it: （一）, or (1) in English."""
    return f"（{numeral(index)}）" if language == "zh" else f"({index}) "


def city(name: str, language: str) -> str:
    """Return a city's name without 市, for a small tile. The longest name may break before its last syllable."""
    return name.removesuffix("市") if language == "zh" else name.replace("Fangchenggang", "Fangcheng\u00adgang")


def readable(filename: str) -> bool:
    """Return whether the API can show this file as images of its pages, judged by the file's name. Other files can only be
    downloaded."""
    return filename.lower().endswith((".pdf", ".png", ".jpg", ".jpeg"))


#: Browsers and operating systems, each with the word by which its `User-Agent` is recognised. The first match counts, because the
#: `User-Agent` of a browser listed first also contains the words of browsers listed later.
_BROWSERS = (
    ("MicroMessenger", "WeChat"),
    ("Edg", "Edge"),
    ("QQBrowser", "QQ Browser"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def browser(user_agent: str | None) -> str:
    """Return the browser and the operating system of a `User-Agent` as a person calls them: `Chrome, Windows`. Empty if it names
    no known browser."""
    names = [next((name for fragment, name in table if fragment in (user_agent or "")), "") for table in (_BROWSERS, _SYSTEMS)]
    return ", ".join(name for name in names if name)


FILTERS: dict[str, Callable[..., Any]] = {
    "moment": moment,
    "day": day,
    "month_day": month_day,
    "weekday": weekday,
    "money": money,
    "article": article,
    "amount": amount,
    "browser": browser,
    "anchor": anchor,
    "home_first": home_first,
    "item_number": item_number,
    "points": points,
    "place_between": place_between,
    "policy": policy,
    "city": city,
    "field_id": field_id,
    "readable": readable,
}
