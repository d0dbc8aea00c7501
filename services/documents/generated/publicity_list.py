"""The public list of the applications that are proposed for recognition together (公示名单, A6(2))."""

from __future__ import annotations

from services.documents.generated.labels import LAW, bureau, zh
from services.documents.generated.layout import Facts, Sheet, day, said
from services.documents.generated.official_letter import Letter, letter
from services.kernel.identity import PROVINCE


def publicity_list(facts: Facts) -> Letter:
    """Compose the province's public announcement (公示) with the list of applications as its annex, and the contact for
    objections."""
    title, items = facts["title"], facts["items"]
    sheet = letter(PROVINCE, f"关于“{title}”的公示", to=None, date=day(facts["on"]), number=facts.get("document_number"))
    sheet.text(
        f"依据{LAW}第六条，按照《{facts['call_title']}》，经审核推荐、形式审查和专家评审，我厅拟认定{len(items)}个广西创新联合体，"
        "名单见附件，现予公示。"
    )
    sheet.section(
        "公示期限和异议",
        f"公示期至{day(facts['ends_on'])}。任何单位或者个人有异议的，请在公示期内以书面形式向我厅提出，说明理由并提供联系方式；"
        "公示期满无异议或者异议不成立的，列入广西创新联合体名册。",
    )
    contact = facts.get("contact")
    if contact:
        ways = [("联系人", contact.get("name")), ("电话", contact.get("telephone")), ("地址", contact.get("address"))]
        sheet.section("联系方式", "；".join(f"{name}：{value}" for name, value in ways if value) + "。")
    annex = Sheet(title)
    rows = [
        (place, item["name"], item["lead"], bureau(item["recommender"]), item["units"], _waived(item["waived"]))
        for place, item in enumerate(items, 1)
    ]
    head = ("序号", "创新联合体名称", "牵头单位", "推荐单位", "组成单位数", "豁免的原则性条件")
    annex.table(head, (2, 7, 6, 5, 3, 5), rows)
    sheet.annexes.append(annex)
    return sheet


def _waived(titles: list[dict[str, str]]) -> str:
    """Return the titles of the waived rules, without the observed figures."""
    return said("、".join(zh(title) for title in titles) or "无")
