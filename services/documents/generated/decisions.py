"""The documents that record how an application was decided (A6, A8): proposed for recognition, not recognised, or rejected at an
earlier stage."""

from __future__ import annotations

from services.contracts.labels import label
from services.documents.generated.labels import LAW, bureau, zh
from services.documents.generated.layout import Facts, day, said
from services.documents.generated.official_letter import Letter, letter, ourselves, state_remedies
from services.documents.generated.opinion import waiver_text
from services.kernel.identity import PROVINCE


def decision(facts: Facts) -> Letter:
    """Compose the rejection if the facts name the stage that ended the application, otherwise the province's decision."""
    if facts.get("rejected"):
        return rejection(facts)
    return declined(facts) if facts["declined"] else approved(facts)


def approved(facts: Facts) -> Letter:
    """Compose the decision that proposes the recognition. The publicity period and the entry in the register follow it."""
    made, name = facts["decision"], facts["name"]
    sheet = _letter(facts, f"关于拟认定“{name}”为广西创新联合体的决定", day(made["on"]))
    sheet.text(f"{_basis(facts)}，我厅决定拟认定“{name}”为广西创新联合体。")
    if made.get("reason"):
        sheet.section("决定理由", made["reason"])
    if facts.get("objections"):
        sheet.items("公示期间成立的异议及其处理", facts["objections"])
    if made.get("waivers"):
        sheet.items("豁免的原则性条件", [waiver_text(facts, waiver) for waiver in made["waivers"]])
    if made.get("acknowledgements"):
        known = [f"{zh(each['text'])}（审核意见认为不符合）。{each['reason']}" for each in made["acknowledgements"]]
        sheet.items("对审核意见认为不符合的条件的确认", known)
    if facts["publicity"]:
        ends = day(facts["publicity"]["ends_on"])
        sheet.section(
            "公示",
            f"公示期至{ends}。任何单位或者个人有异议的，请在公示期内向我厅提出。"
            "公示期满无异议或者异议不成立的，列入广西创新联合体名册。",
        )
    else:
        sheet.section("登记", "自本决定作出之日起，列入广西创新联合体名册。")
    return sheet


def declined(facts: Facts) -> Letter:
    made, name = facts["decision"], facts["name"]
    sheet = _letter(facts, f"关于对“{name}”不予认定的决定", day(made["on"]))
    sheet.text(f"{_basis(facts)}，我厅决定对“{name}”不予认定。")
    sheet.section("决定理由", made["reason"])
    state_remedies(sheet, PROVINCE, "决定")
    return sheet


def rejection(facts: Facts) -> Letter:
    """Compose the rejection of an application that a bureau's opinion ended (A6(1))."""
    ended, name = facts["rejected"], facts["name"]
    code, reached = ended["bureau"], label("stage", ended["stage"]).zh
    sheet = letter(
        code,
        f"关于“{name}”组建申请未通过{reached}的决定",
        to=said(facts["lead_name"]),
        date=day(ended["on"]),
        number=facts.get("document_number"),
        copies=bureau(facts["recommender"] if code == PROVINCE else PROVINCE),
    )
    sheet.text(f"你单位牵头申报的“{name}”，经{reached}，依据{LAW}第六条，{ourselves(code)}决定不予通过，组建申请办理程序终止。")
    sheet.section("决定理由", ended["reason"])
    state_remedies(sheet, code, "决定")
    return sheet


def _letter(facts: Facts, matter: str, date: str) -> Letter:
    return letter(
        PROVINCE,
        matter,
        to=said(facts["lead_name"]),
        date=date,
        number=facts.get("document_number"),
        copies=bureau(facts["recommender"]) if facts["recommender"] not in (None, PROVINCE) else None,
    )


def _basis(facts: Facts) -> str:
    """Return the sentence that lists the steps before the decision, with their articles."""
    if facts.get("channel") == "special_case":
        return f"你单位牵头申报的“{facts['name']}”，依据{LAW}第八条，经“一事一议”程序"
    return f"你单位牵头申报的“{facts['name']}”，经审核推荐、形式审查和专家评审，依据{LAW}第六条"
