"""Every recipient whom an event concerns gets a message, in both languages, and no other recipient gets one."""

from __future__ import annotations

from typing import Any

import pytest

from services.contracts import documents
from services.contracts.application import events as application_events
from services.contracts.evaluation import events as evaluation_events
from services.contracts.gateway import requests as gateway_requests
from services.contracts.review import requests as review_requests
from services.kernel.identity import PROVINCE, Actor
from services.notification.domain import (
    NOTHING,
    TEMPLATES,
    TYPES,
    Case,
    Message,
    audiences_of,
    facts_of,
    fill_placeholders,
    find,
)

EVENTS = {
    type: event
    for contract in (application_events, review_requests, documents, gateway_requests, evaluation_events)
    for type, event in contract.EVENTS.items()
}
LEAD, MEMBER = "9145020098MA369042", "9145010035MA46841F"
UNITS = {f"organisation:{LEAD}", f"organisation:{MEMBER}"}
CITY, TOP = "450200", PROVINCE
EVERYBODY = {"role:applicant", "role:officer", "role:chief"}

#: For each event type: the bureau to which the event is addressed, and the recipients of the message about it.
TOLD: dict[str, tuple[str, set[str]]] = {
    "call.opened": (TOP, EVERYBODY),
    "call.extended": (TOP, EVERYBODY),
    "call.cancelled": (TOP, EVERYBODY),
    "policy.published": (TOP, EVERYBODY),
    "member.invited": (CITY, {f"organisation:{MEMBER}"}),
    "member.confirmed": (CITY, {f"organisation:{LEAD}"}),
    "member.declined": (CITY, {f"organisation:{LEAD}"}),
    "member.reconfirmation_needed": (CITY, {f"organisation:{MEMBER}"}),
    "member.removed": (CITY, {f"organisation:{MEMBER}"}),
    "member.reminded": (CITY, {f"organisation:{MEMBER}"}),
    "application.submitted": (CITY, UNITS),
    "application.resubmitted": (CITY, UNITS),
    "application.stage_passed": (CITY, UNITS),
    "application.returned": (CITY, UNITS),
    "application.rejected": (CITY, UNITS),
    "application.withdrawn": (CITY, UNITS | {f"bureau:{CITY}"}),
    "application.publicised": (CITY, UNITS | {f"bureau:{CITY}"}),
    "application.declined": (CITY, UNITS | {f"bureau:{CITY}"}),
    "application.correction_extended": (CITY, UNITS),
    "application.rechecked": (TOP, {f"bureau:{TOP}"}),
    "application.held": (TOP, {f"organisation:{LEAD}", f"chief:{TOP}"}),
    "application.opinion_void": (CITY, {f"bureau:{CITY}"}),
    "objection.filed": (TOP, {f"bureau:{TOP}", f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "objection.answer_prepared": (TOP, {f"chief:{TOP}"}),
    "objection.answered": (TOP, {"account:zhang", f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "consortium.recognised": (CITY, UNITS | {f"bureau:{CITY}"}),
    "change.reported": (CITY, {f"organisation:{MEMBER}", f"bureau:{CITY}"}),
    "change.answered": (CITY, {f"organisation:{LEAD}"}),
    "change.requested": (CITY, {f"organisation:{LEAD}"}),
    "change.stage_passed": (CITY, {f"organisation:{LEAD}"}),
    "change.documents_asked": (CITY, {f"organisation:{LEAD}"}),
    "change.supplemented": (CITY, {f"bureau:{CITY}", f"bureau:{TOP}"}),
    "change.held": (TOP, {f"chief:{TOP}"}),
    "change.withdrawn": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "change.approved": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "change.refused": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "change.opinion_void": (CITY, {f"bureau:{CITY}"}),
    "consortium.changed": (CITY, UNITS | {f"bureau:{CITY}"}),
    "ground.arisen": (CITY, {f"bureau:{CITY}"}),
    "matter.filed": (CITY, {f"bureau:{TOP}", f"bureau:{CITY}"}),
    "consortium.handed_over": ("450300", {f"organisation:{LEAD}", "bureau:450300", f"bureau:{CITY}", f"bureau:{TOP}"}),
    "review.handed_over": (CITY, {f"bureau:{CITY}"}),
    "consortium.proposed": (TOP, {f"bureau:{TOP}"}),
    "consortium.proposal_refused": (TOP, {f"bureau:{TOP}"}),
    "ground.ceased": (CITY, {f"bureau:{TOP}", f"bureau:{CITY}"}),
    "consortium.watched": (TOP, {f"bureau:{TOP}", f"bureau:{CITY}"}),
    "change.asked": (CITY, {f"organisation:{LEAD}", f"bureau:{TOP}", f"bureau:{CITY}"}),
    "change.ask_closed": (CITY, UNITS),
    "integrity.recorded": (TOP, {f"organisation:{MEMBER}"}),
    "integrity.repaired": (TOP, {f"organisation:{MEMBER}"}),
    "matter.objected": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "matter.acknowledged": (CITY, {f"organisation:{LEAD}"}),
    "organisation.succeeded": (TOP, {f"organisation:{MEMBER}", "organisation:9145010035MA46842E"}),
    "organisation.verified": (TOP, {f"organisation:{MEMBER}"}),
    "organisation.verification_refused": (TOP, {f"organisation:{MEMBER}"}),
    "organisation.verification_ended": (CITY, {f"organisation:{MEMBER}", f"bureau:{CITY}"}),
    "support.requested": (TOP, {f"organisation:{LEAD}"}),
    "support.granted": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "support.declined": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "support.withdrawn": (CITY, {f"organisation:{LEAD}", f"bureau:{TOP}"}),
    "support.recorded": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}", f"bureau:{TOP}"}),
    "support.replaced": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}", f"bureau:{TOP}"}),
    "support.opinion_void": (TOP, {f"bureau:{TOP}"}),
    "consortium.revoked": (CITY, UNITS | {f"bureau:{CITY}"}),
    "review.opened": (CITY, {f"bureau:{CITY}"}),
    "decision_list.drafted": (TOP, {f"chief:{TOP}"}),
    "review.assigned": (CITY, {"account:liuzhou.officer"}),
    "review.corrected": (TOP, {f"bureau:{TOP}"}),
    "panel.appointed": (TOP, {"account:expert.1", "account:expert.2", "account:expert.3"}),
    "score.submitted": (TOP, {f"bureau:{TOP}"}),
    "acting_chief.appointed": (CITY, {"account:liuzhou.officer", f"chief:{CITY}"}),
    "acting_chief.ended": (CITY, {"account:liuzhou.officer", f"chief:{CITY}"}),
    "reviewer.term_ending": (TOP, {f"bureau:{TOP}", "account:expert-1"}),
    "score.voided": (TOP, {"account:expert.1"}),
    "reviewer.conflict_found": (TOP, {f"bureau:{TOP}"}),
    "report.due": (CITY, {f"organisation:{LEAD}"}),
    "report.reminded": (CITY, {f"organisation:{LEAD}"}),
    "report.overdue": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}", f"bureau:{TOP}"}),
    "report.submitted": (CITY, {f"organisation:{LEAD}", f"bureau:{TOP}"}),
    "report.returned": (CITY, {f"organisation:{LEAD}"}),
    "report.accepted": (CITY, {f"organisation:{LEAD}"}),
    "report.reopened": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "report.ended": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "report.opinion_void": (CITY, {f"bureau:{CITY}"}),
    "coordination.opened": (CITY, {f"bureau:{CITY}"}),
    "coordination.answered": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "coordination.closed": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "inspection.recorded": (CITY, {f"organisation:{LEAD}", f"bureau:{TOP}"}),
    "inspection.follow_up_due": (CITY, {f"bureau:{CITY}"}),
    "evaluation.noticed": (TOP, {"role:officer", "role:chief"}),
    "evaluation.changed": (TOP, {"role:officer", "role:chief"}),
    "evaluation.cancelled": (TOP, {"role:officer", "role:chief"}),
    "evaluation.due": (CITY, {f"bureau:{TOP}"}),
    "evaluation.graded": (TOP, {f"chief:{TOP}"}),
    "evaluation.publicised": (TOP, {"role:officer", "role:chief"}),
    "evaluation.published": (CITY, UNITS | {f"bureau:{CITY}"}),
    "participation.invited": (CITY, {f"organisation:{LEAD}"}),
    "participation.extended": (CITY, {f"organisation:{LEAD}"}),
    "participation.outcome_allowed": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "participation.submitted": (CITY, {f"organisation:{LEAD}"}),
    "participation.stage_passed": (CITY, {f"organisation:{LEAD}"}),
    "participation.returned": (CITY, {f"organisation:{LEAD}"}),
    "participation.withdrawn": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}", f"bureau:{TOP}"}),
    "participation.absent": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}", f"bureau:{TOP}"}),
    "participation.deferral_requested": (TOP, {f"bureau:{TOP}"}),
    "participation.correction_extended": (CITY, {f"organisation:{LEAD}"}),
    "participation.deferral_answered": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "participation.rescored": (TOP, {f"chief:{TOP}"}),
    "participation.opinion_void": (CITY, {f"bureau:{CITY}"}),
    "grade.publicised": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "grade.objected": (TOP, {f"bureau:{TOP}", f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "grade.objection_answer_prepared": (TOP, {f"chief:{TOP}"}),
    "grade.objection_answered": (TOP, {"account:applicant-91450200", f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "rectification.opened": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}"}),
    "rectification.submitted": (CITY, {f"bureau:{TOP}", f"bureau:{CITY}"}),
    "rectification.due": (CITY, {f"organisation:{LEAD}", f"bureau:{CITY}", f"bureau:{TOP}"}),
    "rectification.closed": (CITY, UNITS | {f"bureau:{CITY}"}),
    "revocation.proposed": (TOP, {f"bureau:{TOP}"}),
    "revocation.opened": (CITY, UNITS | {f"bureau:{CITY}"}),
    "revocation.dismissed": (CITY, {f"bureau:{CITY}"}),
    "revocation.stated": (CITY, {f"bureau:{TOP}"}),
    "revocation.decided": (CITY, UNITS | {f"bureau:{CITY}"}),
    "document.rejected": (TOP, {"account:lead"}),
    "record.due": (PROVINCE, {f"organisation:{LEAD}"}),
    "record.disposed": (PROVINCE, {f"bureau:{PROVINCE}"}),
    "document.damaged": (TOP, {"role:operator"}),
    "registration.requested": (CITY, {f"bureau:{CITY}"}),
    "registration.approved": (CITY, {"account:liuzhou-demo"}),
    "password.reset": (TOP, {"account:liuzhou-demo"}),
}


def known_case() -> Case:
    """Return what the service knows of an application that was submitted and whose review was opened at the city."""
    case = Case.unknown("application/1")
    case.learn("application.submitted", CITY, EVENTS["application.submitted"].example)
    case.learn("review.opened", CITY, EVENTS["review.opened"].example)
    return case


def messages(type: str, bureau: str = CITY, *, case: Case | None = None, **change: Any) -> list[Message]:
    data = EVENTS[type].example | change
    facts = facts_of(data, bureau=bureau, recommender=CITY, actor="lead", case=case or known_case())
    return [message for t in TEMPLATES if t.type == type for message in t.messages(facts, "application/1")]


def test_every_type_somebody_is_told_of_is_in_the_table() -> None:
    assert set(TYPES) == {*TOLD, "reminder", "webhook.paused"}


def test_every_template_listens_to_the_service_that_says_it() -> None:
    assert {(t.type, t.producer) for t in TEMPLATES} == {(type, EVENTS[type].producer) for type in TOLD}


@pytest.mark.parametrize("type", sorted(TOLD))
def test_those_concerned_are_told_once_and_nobody_else(type: str) -> None:
    bureau, expected = TOLD[type]
    change = {"submitted": 3} if type == "score.submitted" else {}
    audiences = [message.audience for message in messages(type, bureau, **change)]
    assert sorted(audiences) == sorted(expected)


@pytest.mark.parametrize("type", sorted(TOLD))
def test_nothing_is_left_blank_when_the_event_says_all(type: str) -> None:
    change = {"submitted": 3} if type == "score.submitted" else {}
    for message in messages(type, **change):
        for title, text in message.texts.values():
            assert NOTHING not in title + text
            assert "{" not in title + text


def texts(type: str, audience: str, **change: Any) -> dict[str, tuple[str, str]]:
    [found] = [message.texts for message in messages(type, **change) if message.audience == audience]
    return found


def test_codes_and_instants_are_told_in_words() -> None:
    told = texts("application.returned", f"organisation:{LEAD}")
    assert told["zh"][1].startswith("柳州市科学技术局在审核推荐环节退回“广西糖业创新联合体”，请于 2026-03-20 23:59 前")
    assert "at the stage recommendation" in told["en"][1]


def test_the_values_of_a_list_are_told_in_words() -> None:
    told = texts("organisation.verified", f"organisation:{MEMBER}")
    assert "：事业单位、创新平台。" in told["zh"][1]
    assert "declares: public institution, innovation platforms." in told["en"][1]


def test_a_reason_given_in_words_stays_as_it_is() -> None:
    assert "牵头单位撤回" in texts("application.withdrawn", f"organisation:{LEAD}")["zh"][1]
    assert "不符合布局方向" in texts("application.rejected", f"organisation:{LEAD}")["en"][1]


def test_the_lead_hears_the_comment_and_the_members_only_that_it_was_returned() -> None:
    assert "请补充章程" in texts("application.returned", f"organisation:{LEAD}")["zh"][1]
    assert "请补充章程" not in texts("application.returned", f"organisation:{MEMBER}")["zh"][1]


def test_experts_learn_of_no_other_expert() -> None:
    for message in messages("panel.appointed", TOP):
        told = str(message.texts)
        assert not any(name in told for name in ("expert.1", "expert.2", "expert.3"))


def test_objectors_stay_unnamed_to_the_lead() -> None:
    for type in ("objection.filed", "objection.answered"):
        assert "zhang" not in str([m.texts for m in messages(type) if m.audience != "account:zhang"])


def test_a_lead_hears_why_its_part_in_a_round_ended() -> None:
    for reason, words in {"withdrawn": "内部重组", "cancelled": "作废", "revoked": "已取消资格", "dissolved": "已解散"}.items():
        told = texts("participation.withdrawn", f"organisation:{LEAD}", reason=reason)
        assert words in told["zh"][1]
    upheld = messages("grade.objection_answered", outcome="upheld")
    assert {f"organisation:{LEAD}", f"chief:{TOP}"} <= {message.audience for message in upheld}


def test_a_refused_deferral_says_until_when_the_report_may_be_handed_in() -> None:
    told = texts("participation.deferral_answered", f"organisation:{LEAD}", outcome="refused", closes_on="2026-11-20")
    assert "2026-11-20" in told["zh"][1]


def test_a_third_party_is_told_like_an_expert() -> None:
    told = messages("panel.appointed", TOP, experts=[], third_party="institute")
    assert [message.audience for message in told] == ["account:institute"]


def test_a_voiding_that_came_too_late_is_told_as_such() -> None:
    [told] = messages("participation.opinion_void", TOP, what="score_void")
    assert "评分作废未生效" in told.texts["zh"][0]


def test_scores_are_told_only_when_all_are_in() -> None:
    assert messages("score.submitted", TOP, submitted=2) == []
    assert len(messages("score.submitted", TOP, submitted=3)) == 1


def test_an_import_is_told_as_one() -> None:
    told = texts("consortium.recognised", f"bureau:{CITY}", imported=True)
    assert "按原工作方案" in told["zh"][1]


def test_a_withdrawal_reaches_every_bureau_with_a_case_and_no_other() -> None:
    case = known_case()
    case.learn("review.opened", TOP, {})
    case.learn("review.opened", TOP, {})
    told = {m.audience for m in messages("application.withdrawn", case=case)}
    assert told == UNITS | {f"bureau:{CITY}", f"bureau:{TOP}"}


def test_an_event_that_comes_before_what_it_builds_on_is_told_all_the_same() -> None:
    [first, *_] = messages("panel.appointed", TOP, case=Case.unknown("application/1"))
    assert first.texts["zh"][0] == f"评审任务：“{NOTHING}”"


@pytest.mark.parametrize(
    ("actor", "expected"),
    [
        (Actor("a", ("applicant",), organisation=LEAD), {"account:a", "role:applicant", f"organisation:{LEAD}"}),
        (Actor("c", ("chief",), CITY), {"account:c", "role:chief", f"bureau:{CITY}", f"chief:{CITY}"}),
        (Actor("e", ("expert",)), {"account:e", "role:expert"}),
        (Actor("x", ("auditor",), organisation=LEAD), {"account:x", "role:auditor"}),
    ],
)
def test_an_account_belongs_to_the_audiences_of_what_it_is(actor: Actor, expected: set[str]) -> None:
    assert set(audiences_of(actor)) == expected


def test_paths_go_into_objects_and_over_lists() -> None:
    facts = {"units": [{"uscc": "1"}, {"uscc": "2"}], "lead": {"name": "甲"}, "n": None}
    assert (find(facts, "units.uscc"), find(facts, "lead.name"), find(facts, "n.m")) == (["1", "2"], "甲", None)
    assert fill_placeholders("{lead.name}/{none}", facts, "zh") == f"甲/{NOTHING}"


def test_braces_in_what_people_wrote_are_not_places() -> None:
    assert fill_placeholders("{reason}", {"reason": "{lead}", "lead": "secret"}, "zh") == "{lead}"
