"""Recipients find their messages whenever they read, even if they registered later. Each account has its own read state."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from services.contracts import documents
from services.contracts.application import events as application_events
from services.contracts.evaluation import events as evaluation_events
from services.contracts.gateway import requests as gateway_requests
from services.contracts.notification import NotificationAnswer, PreferencesAnswer
from services.contracts.review import requests as review_requests
from services.kernel.errors import Invalid, NotFound
from services.kernel.identity import Actor
from services.kernel.ids import new_id
from services.kernel.messaging.envelope import Event
from services.kernel.persistence import migrate
from services.kernel.testing import ServiceHarness
from services.notification.delivery.preferences import DEFAULTS
from services.notification.registry import registry

LEAD = Actor("lead", ("applicant",), organisation="9145020098MA369042")
COLLEAGUE = Actor("colleague", ("applicant",), organisation="9145020098MA369042")
MEMBER = Actor("member", ("applicant",), organisation="9145010035MA46841F")
OFFICER = Actor("liuzhou.officer", ("officer",), "450200")
CHIEF = Actor("liuzhou.chief", ("chief",), "450200")
ELSEWHERE = Actor("guilin.officer", ("officer",), "450300")
EXPERT = Actor("expert.1", ("expert",))

SAID = {
    (event.producer, type): event
    for contract in (application_events, review_requests, documents, gateway_requests, evaluation_events)
    for type, event in contract.EVENTS.items()
}


@pytest.fixture
def bench(tmp_path: Path) -> ServiceHarness:
    return ServiceHarness(registry, tmp_path / "notification.db", policies=None)


@pytest.fixture
def happens(bench: ServiceHarness) -> Callable[..., None]:
    """Return a function that publishes an event of another service: the example of its contract, with changes."""
    sequence = iter(range(1, 1000))

    def published(
        type: str, *, bureau: str = "450200", subject: str = "application/1", actor: str = "lead", **change: Any
    ) -> None:
        [(producer, event)] = [(p, e) for (p, t), e in SAID.items() if t == type]
        body = Event(
            id=new_id(),
            type=type,
            version=1,
            occurred_at=bench.clock.now(),
            producer=f"review.{bureau}" if producer == "review" else producer,
            subject=subject,
            bureau=bureau,
            recommender="450200",
            sequence=next(sequence),
            actor={"username": actor, "role": None, "bureau": None, "organisation": None},
            correlation_id="c",
            causation_id=None,
            data=event.example | change,
        )
        bench.react(body.to_json())

    return published


def inbox(bench: ServiceHarness, actor: Actor, **change: Any) -> list[dict[str, Any]]:
    query = {"unread": None, "limit": 50, "cursor": None} | change
    return bench.ask("list_notifications", actor, **query)["items"]  # type: ignore[no-any-return]


def types(bench: ServiceHarness, actor: Actor, **change: Any) -> list[str]:
    return [item["type"] for item in inbox(bench, actor, **change)]


def test_every_published_example_can_be_told(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    for _, type in SAID:
        happens(type)
    assert inbox(bench, LEAD)


def test_the_units_hear_of_their_case_and_the_bureau_of_its_work(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    happens("application.submitted")
    happens("review.opened")
    assert types(bench, LEAD) == types(bench, MEMBER) == ["application.submitted"]
    assert types(bench, OFFICER) == types(bench, CHIEF) == ["review.opened"]
    assert types(bench, ELSEWHERE) == types(bench, EXPERT) == []


def test_a_message_is_answered_in_both_languages_and_leads_to_its_subject(
    bench: ServiceHarness, happens: Callable[..., None]
) -> None:
    happens("review.opened")
    [item] = inbox(bench, OFFICER)
    assert item["title"] == {"zh": "待办：“广西糖业创新联合体”审核推荐", "en": "To do: recommendation of “广西糖业创新联合体”"}
    assert item["subject"].startswith("review/450200-")
    assert not NotificationAnswer().validate(item | {"title": item["title"]["zh"], "body": item["body"]["zh"]})


def test_what_one_service_said_of_a_case_is_known_when_the_other_speaks(
    bench: ServiceHarness, happens: Callable[..., None]
) -> None:
    happens("application.submitted")
    happens("panel.appointed", bureau="450000")
    [item] = inbox(bench, EXPERT)
    assert item["title"]["zh"] == "评审任务：“广西糖业创新联合体”"


def test_an_expert_is_told_once_of_a_task_however_often_the_panel_changes(
    bench: ServiceHarness, happens: Callable[..., None]
) -> None:
    happens("panel.appointed", bureau="450000")
    happens("panel.appointed", bureau="450000", experts=["expert.1", "expert.9"])
    assert len(inbox(bench, EXPERT)) == 1
    assert len(inbox(bench, Actor("expert.9", ("expert",)))) == 1
    happens("panel.appointed", bureau="450000", version=2)
    assert len(inbox(bench, EXPERT)) == 2


def test_an_organisation_that_registers_later_finds_its_invitation(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    happens("member.invited", organisation={"uscc": "91450300TESTTEST0T", "name": "桂林某单位", "registered": False})
    newcomer = Actor("newcomer", ("applicant",), organisation="91450300TESTTEST0T")
    assert types(bench, newcomer) == ["member.invited"]


def test_reading_is_each_accounts_own_matter(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    happens("application.submitted")
    happens("application.stage_passed")
    newest, oldest = inbox(bench, LEAD)
    assert (newest["read"], newest["type"]) == (False, "application.stage_passed")
    assert bench.tell("mark_read", LEAD, id=newest["id"])["read"] is True
    assert bench.tell("mark_read", LEAD, id=newest["id"])["read"] is True
    assert types(bench, LEAD, unread=True) == [oldest["type"]]
    assert types(bench, LEAD, unread=False) == [newest["type"]]
    assert [item["read"] for item in inbox(bench, LEAD)] == [True, False]
    assert [item["read"] for item in inbox(bench, COLLEAGUE)] == [False, False]


def test_nobody_reads_what_is_not_for_them(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    happens("review.opened")
    [item] = inbox(bench, OFFICER)
    for stranger in (LEAD, ELSEWHERE):
        with pytest.raises(NotFound):
            bench.tell("mark_read", stranger, id=item["id"])
    with pytest.raises(NotFound):
        bench.tell("mark_read", OFFICER, id=new_id())


def test_pages_follow_one_another_over_all_audiences(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    for _ in range(3):
        happens("application.stage_passed")
        happens("call.opened")
        happens("document.rejected")
    seen, cursor = [], None
    while True:
        answer = bench.ask("list_notifications", LEAD, unread=None, limit=4, cursor=cursor)
        seen += [item["id"] for item in answer["items"]]
        cursor = answer["next_cursor"]
        if cursor is None:
            break
        assert len(answer["items"]) == 4
    assert len(seen) == len(set(seen)) == 9
    assert seen == sorted(seen, reverse=True)


def test_preferences_mute_and_choose_the_language(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    happens("application.submitted")
    happens("call.opened")
    assert bench.ask("get_preferences", LEAD) == DEFAULTS
    night = {"from": "22:00", "to": "07:00"}
    wishes = {**DEFAULTS, "language": "en", "muted": ["call.opened"], "quiet_hours": night, "digest": "daily"}
    assert bench.tell("set_preferences", LEAD, **wishes) == wishes == bench.ask("get_preferences", LEAD)
    assert not PreferencesAnswer().validate(wishes)
    [item] = inbox(bench, LEAD)
    assert item["title"] == "“广西糖业创新联合体” has been submitted"
    assert len(inbox(bench, COLLEAGUE)) == 2
    bench.tell("set_preferences", LEAD, **DEFAULTS)
    assert len(inbox(bench, LEAD)) == 2


def test_only_what_somebody_is_told_of_can_be_muted(bench: ServiceHarness) -> None:
    with pytest.raises(Invalid) as refused:
        bench.tell("set_preferences", LEAD, **{**DEFAULTS, "muted": ["call.opened", "nothing.such"]})
    assert [error.pointer for error in refused.value.errors] == ["/muted/1"]


def test_the_migrations_make_the_tables(bench: ServiceHarness) -> None:
    assert migrate.differences("notification", bench.database) == []


def _seen(bench: ServiceHarness, actor: Actor, **query: Any) -> dict[str, Any]:
    return dict(bench.ask("list_notifications", actor, **({"unread": None, "limit": 50, "cursor": None} | query)))


def test_unread_messages_are_counted_for_each_account(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    # Given two messages to the lead's organisation
    happens("application.returned", subject="application/1")
    happens("application.rejected", subject="application/1")
    before = _seen(bench, LEAD)
    assert before["unread"] == bench.ask("unread_count", LEAD)["unread"] == 2
    # When one account reads one of the messages
    bench.tell("mark_read", LEAD, id=before["items"][0]["id"])
    # Then that account has one unread message less, and a colleague's account does not
    assert bench.ask("unread_count", LEAD) == {"unread": 1}
    assert bench.ask("unread_count", COLLEAGUE) == {"unread": 2}


def test_all_that_was_seen_is_read_at_once_and_what_came_after_is_not(
    bench: ServiceHarness, happens: Callable[..., None]
) -> None:
    # Given an account that has read a page of messages, and a message that arrives later
    happens("application.returned")
    seen = _seen(bench, LEAD)["items"][0]["id"]
    happens("application.rejected")
    # When the account marks as read every message that it has seen
    assert bench.tell("mark_all_read", LEAD, up_to=seen) == {"read": 1, "unread": 1}
    # Then repeating the request marks no further message, and a request without a limit marks every message
    assert bench.tell("mark_all_read", LEAD, up_to=seen) == {"read": 0, "unread": 1}
    assert bench.tell("mark_all_read", LEAD, up_to=None) == {"read": 1, "unread": 0}
    assert bench.ask("unread_count", COLLEAGUE) == {"unread": 2}


def test_messages_are_filtered_by_type_and_name_what_they_are_about(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    happens("application.returned", subject="application/7")
    happens("application.rejected", subject="application/7")
    [item] = _seen(bench, LEAD, type="application.returned")["items"]
    assert (item["type"], item["about"]) == ("application.returned", {"kind": "application", "id": "7"})
    assert _seen(bench, LEAD, type="no.such_type")["items"] == []


def test_muted_messages_do_not_count(bench: ServiceHarness, happens: Callable[..., None]) -> None:
    happens("application.returned")
    happens("application.rejected")
    wishes = {"language": None, "channels": DEFAULTS["channels"], "quiet_hours": None, "digest": "none"}
    bench.tell("set_preferences", LEAD, muted=["application.returned"], **wishes)
    assert bench.ask("unread_count", LEAD) == {"unread": 1}
    assert bench.tell("mark_all_read", LEAD, up_to=None) == {"read": 1, "unread": 0}


@pytest.mark.parametrize("type", ["objection.filed", "objection.answered", "grade.objected", "grade.objection_answered"])
def test_the_recommender_hears_of_objections_and_their_answers(
    bench: ServiceHarness, happens: Callable[..., None], type: str
) -> None:
    # Given an objection to an announcement of the province, or its answer
    happens(type, bureau="450000", outcome="dismissed")
    # Then officials of the recommending city get a message, and officials of other cities get none
    assert len(inbox(bench, OFFICER)) == 1
    assert inbox(bench, ELSEWHERE) == []
