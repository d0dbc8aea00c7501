"""The opinion form: which accounts may draft and sign, the requests of a returned case beside the changes that followed, and the
fields that the form sends."""

from __future__ import annotations

from typing import Any

import pytest

from console import case_view, opinions

OFFICER = {"username": "liuzhou.officer", "roles": ["officer"]}
CHIEF = {"username": "liuzhou.chief", "roles": ["chief"]}
ACTING = {"username": "liuzhou.officer2", "roles": ["chief", "officer"], "acting_for": "liuzhou.chief"}
OUTCOMES = ("pass", "return", "reject")


def review(*allowed: str, refused: tuple[str, ...] = (), **more: Any) -> dict[str, Any]:
    stage = {"stage": more.get("stage", "recommendation"), "four_eyes": True, "outcomes": list(OUTCOMES)}
    actions = [{"id": id, "allowed": True} for id in allowed] + [{"id": id, "allowed": False} for id in refused]
    known = {"status": "open", "stage": "recommendation", "kind": "formation", "findings": [], "round": 1, "opinions": []}
    return known | {"actions": actions, "stages": [stage]} | more


def draft(by: str) -> dict[str, Any]:
    return {"by": by}


@pytest.mark.parametrize(
    ("case", "reader", "of", "part"),
    [
        (review("draft"), OFFICER, None, case_view.ReaderTask(writes=True, outcomes=OUTCOMES)),
        (review("sign"), CHIEF, draft("liuzhou.officer"), case_view.ReaderTask(writes=True, signs=True, outcomes=OUTCOMES)),
        (review(refused=("sign",)), CHIEF, None, case_view.ReaderTask(writes=True, waits=True)),
        (review("draft", refused=("sign",)), ACTING, None, case_view.ReaderTask(writes=True, drafts=True, outcomes=OUTCOMES)),
        (
            review("draft", "sign"),
            ACTING,
            draft("liuzhou.officer"),
            case_view.ReaderTask(writes=True, signs=True, outcomes=OUTCOMES),
        ),
        (review("draft", status="returned"), OFFICER, None, case_view.ReaderTask()),
        (review("assign"), {"username": "auditor", "roles": ["auditor"]}, None, case_view.ReaderTask()),
        (review("draft", stage="decision"), OFFICER, None, case_view.ReaderTask(writes=True, outcomes=("pass", "reject"))),
        (review("return", stage="decision"), CHIEF, None, case_view.ReaderTask(writes=True, signs=True, outcomes=("return",))),
    ],
)
def test_the_page_offers_what_the_reader_may_do(
    case: dict[str, Any], reader: dict[str, Any], of: dict[str, Any] | None, part: case_view.ReaderTask
) -> None:
    assert case_view.part_of(case, reader, of) == part


def test_what_a_return_asked_for_stands_beside_what_changed() -> None:
    # Given a case that was returned with requests about two sections, of which one was changed since, and a change of a section
    # that no request named
    sections = [{"section": "members", "comment": "补充合作基础。"}, {"section": "goals", "comment": "缺年度指标。"}]
    given = {"outcome": "return", "signed": True, "round": 1, "sections": sections}
    change = {"pointer": "/goals", "before": None, "after": "中试线"}
    diff = {"sections": [{"section": "name", "changes": [change]}, {"section": "goals", "changes": [change]}]}
    rows = case_view.changed(review(round=2, opinions=[given]), diff)
    assert [(row.section, row.asked, len(row.changes)) for row in rows] == [
        ("members", ("补充合作基础。",), 0),
        ("goals", ("缺年度指标。",), 1),
        ("name", (), 1),
    ]
    assert case_view.changed(review(), diff) == []


def test_a_phrase_goes_to_the_end_of_its_field_and_nowhere_else() -> None:
    values = opinions.typed({"/comment": "经审核，", "/sections/0/comment": "缺材料"})
    for field in ("/comment", "/answers/Q1/reason", "/sections/0/comment", "/sections/7/comment", "/outcome", "/nothing/here"):
        opinions.insert(values, field, "材料属实。")
    assert (values["comment"], values["answers"]) == ("经审核，材料属实。", {"Q1": {"reason": "材料属实。"}})
    assert [one["comment"] for one in values["sections"]] == ["缺材料材料属实。"]
    assert (values["outcome"], set(values)) == (None, set(opinions.typed({})))


def test_what_is_sent_says_which_leaving_members_bear_a_main_task_once_it_was_asked() -> None:
    form = {"/outcome": "pass", "/main_task_bearing/asked": "yes", "/main_task_bearing/9145A": "yes"}
    assert opinions.body(opinions.typed(form), "recommendation", signs=False)["main_task_bearing"] == ["9145A"]
    assert "main_task_bearing" not in opinions.body(opinions.typed({"/outcome": "pass"}), "recommendation", signs=False)


def test_an_acting_chiefs_draft_says_that_it_is_one() -> None:
    values = opinions.typed({"/outcome": "pass", "/differs_reason": "与草稿不同"})
    assert opinions.body(values, "recommendation", signs=False, drafts=True)["draft"] is True
    assert opinions.body(values, "recommendation", signs=True)["differs_reason"] == "与草稿不同"


def test_a_draft_of_the_decision_says_what_it_grants() -> None:
    form = {"/outcome": "pass", "/amount": "2000000", "/knowingly/asked": "yes"}
    sent = opinions.body(opinions.typed(form), "decision", signs=False)
    assert (sent["amount"], sent["knowingly"]) == ("2000000", False)
    assert opinions.body(opinions.typed(form | {"/knowingly/yes": "yes"}), "decision", signs=False)["knowingly"] is True
    assert not {"amount", "knowingly"} & set(
        opinions.body(opinions.typed(form | {"/outcome": "reject"}), "decision", signs=False)
    )
    assert not {"amount", "knowingly"} & set(opinions.body(opinions.typed({"/outcome": "pass"}), "decision", signs=False))
