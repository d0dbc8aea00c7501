"""The document of a bureau's signed opinion on a case (A6(1)). A recommending bureau addresses it to the province; any other
opinion is for the bureau's own files."""

from __future__ import annotations

from services.contracts.labels import LABELS, label
from services.documents.generated.labels import OUTCOMES, bureau, word, zh
from services.documents.generated.layout import Facts, Sheet, day, said
from services.documents.generated.official_letter import Letter, letter, ourselves
from services.kernel.identity import PROVINCE

#: The stage at which a bureau addresses its opinion to the province.
RECOMMENDATION = "recommendation"
#: (stage, outcome) → the wording of the conclusion, for those conclusions that have a wording of their own at a stage (第六条).
CONCLUSIONS = {(RECOMMENDATION, "pass"): "同意推荐", (RECOMMENDATION, "reject"): "不予推荐"}
#: The names of the sets of labels in which the name of a returned section is looked up: sections of an application, an annual
#: report, an evaluation report.
FORMS = ("application_section", "report_section", "participation_section")


def opinion(facts: Facts) -> Letter:
    given, names = facts["opinion"], facts.get("names", {})
    stage, title = given["stage"], facts["title"]
    outward = stage == RECOMMENDATION and facts["bureau"] != PROVINCE
    sheet = letter(
        facts["bureau"],
        f"关于“{title}”{label('case_kind', facts['kind']).zh}的{label('stage', stage).zh}意见",
        to=bureau(PROVINCE) if outward else None,
        date=day(given["at"]),
        number=facts.get("document_number"),
    )
    sheet.signer = _signer(names, given, facts["bureau"])
    lead = facts["lead"] or {}
    about = f"“{title}”由{said(lead.get('name'))}（统一社会信用代码：{said(lead.get('uscc'))}）牵头"
    field = f"，技术领域为{facts['field']}" if facts["field"] else ""
    sheet.text(f"{about}{field}。{ourselves(facts['bureau'])}经审核，提出如下意见。")
    sheet.section("结论", f"{CONCLUSIONS.get((stage, given['outcome'])) or word(OUTCOMES, given['outcome'])}。")
    if given["comment"]:
        sheet.section("说明", given["comment"])
    if given.get("sections"):
        sheet.items("退回补正事项", [f"{_section(row['section'])}：{row['comment']}" for row in given["sections"]])
    if given["waivers"]:
        sheet.items("建议豁免的原则性条件", [waiver_text(facts, waiver) for waiver in given["waivers"]])
    if given.get("differs"):
        sheet.section("签发意见与起草意见不一致之处", _difference(given["differs"]))
    if given["answers"]:
        sheet.annexes.append(_answers(given["answers"], facts["questions"]))
    if given["drafted_by"]:
        sheet.note = f"经办人：{person(names, given['drafted_by'], facts['bureau'], 'officer')}"
    return sheet


def _signer(names: Facts, given: Facts, of: str) -> str:
    """Return the name of the chief who signed. If an acting chief signed, return this person's name with the name of the chief
    represented."""
    chief = given.get("acting_for")
    if chief is None:
        return person(names, given["by"], of, "chief")
    return f"{person(names, given['by'], of, 'acting_chief')}（代{person(names, chief, of, 'chief')}）"


def person(names: Facts, username: str, of: str, role: str) -> str:
    """Return the person's name; if the account has no name any more, return the bureau and the role."""
    return names.get(username) or f"{bureau(of)}{label('role', role).zh}"


def waiver_text(facts: Facts, waiver: Facts) -> str:
    """Return the text about a waived rule: its title and article, and the reason of the waiver."""
    rule = facts.get("rules", {}).get(waiver["rule"])
    called = f"{zh(rule['title'])}（{zh(rule['article'])}）" if rule else "原则性条件"
    return f"{called}。{waiver['reason']}"


def _section(name: str) -> str:
    """Return the label of a section; the name as the reviewer entered it if no form has such a section."""
    return next((LABELS[form][name].zh for form in FORMS if name in LABELS[form]), name)


def _difference(differs: Facts) -> str:
    members = "、".join(label("opinion_member", name).zh for name in differs["members"])
    return f"{members}。理由：{differs['reason']}"


def _answers(answers: Facts, questions: list[Facts]) -> Sheet:
    """Return the answers to the stage's questions as a table, in the order of the questions."""
    texts = {question["id"]: zh(question["text"]) for question in questions}
    sheet = Sheet("逐项核查情况表")
    rows = [
        (place, texts.get(id), "符合" if answer["met"] else "不符合", answer["reason"])
        for place, (id, answer) in enumerate(sorted(answers.items()), 1)
    ]
    sheet.table(("序号", "核查内容", "结论", "理由"), (2, 8, 3, 8), rows)
    return sheet
