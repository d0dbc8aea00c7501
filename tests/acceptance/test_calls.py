"""Article 6: calls open, close, are extended and cancelled; members may come from outside Guangxi."""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta

from deploy.demo.client import until
from deploy.demo.formation import Formation, draft_body, open_call, put_organisation, register
from deploy.demo.invented import EIGHT, consortium
from deploy.demo.people import People
from tests.acceptance.driver import notice, refusal


def test_nothing_is_submitted_outside_the_calls_window(people: People) -> None:
    # Given two calls: one whose window is over, and one whose window has not begun
    now = datetime.now(UTC)
    past = open_call(people, opens_at=(now - timedelta(days=9)).isoformat(), closes_at=(now - timedelta(seconds=1)).isoformat())
    coming = open_call(people, opens_at=(now + timedelta(days=3649)).isoformat())

    # When a lead submits a complete application in each call, then each submission is refused with a code for the reason
    units = consortium(EIGHT)
    register(people, units)
    for call, code in ((past, "call_closed"), (coming, "call_not_open")):
        case = Formation.complete(people, call["id"], units)
        refused = refusal(case.submit)
        assert (refused.status, refused.code) == (409, code)
        assert case.read()["status"] == "draft"


def test_a_call_can_be_extended_and_never_shortened(people: People) -> None:
    # Given a call that has closed
    now = datetime.now(UTC)
    opened = (now - timedelta(days=9)).isoformat()
    call = open_call(people, opens_at=opened, closes_at=(now - timedelta(seconds=1)).isoformat())
    case = Formation.complete(people, call["id"])
    assert refusal(case.submit).code == "call_closed"

    # When the province extends the call, then the lead can submit the application that was refused before
    later = (now + timedelta(days=3650)).isoformat()
    people.chief().patch(f"/calls/{call['id']}", {"closes_at": later})
    assert case.submit()["status"] == "submitted"

    # and the province cannot shorten the call, and an applicant cannot change it
    earlier = (now + timedelta(days=1)).isoformat()
    assert refusal(people.chief().patch, f"/calls/{call['id']}", {"closes_at": earlier}).status in (409, 422)
    assert refusal(case.lead.patch, f"/calls/{call['id']}", {"closes_at": later}).status == 403


def test_a_cancelled_call_ends_its_applications(people: People, call: str) -> None:
    # Given a submitted application in a call
    case = Formation.complete(people, call)
    case.submit()
    review = case.review(case.recommender, "recommendation")

    # When the province cancels the call and gives a reason
    people.chief().post(f"/calls/{call}/cancellation", {"reason": "申报指南调整。"})

    # Then the application is withdrawn, its review case closes, and no further request changes the application
    assert case.reaches("withdrawn")
    case.closed(case.recommender, review)
    units = consortium(EIGHT)
    register(people, units)
    late = refusal(people.applicant(units[0]["uscc"]).post, "/applications", draft_body(units, call_id=call))
    assert late.status == 409


def test_a_member_that_is_not_registered_is_invited_registers_and_confirms(people: People, call: str) -> None:
    # Given a draft with a member that is not registered on the platform
    units = consortium(EIGHT)
    stranger = units[-1]
    register(people, units[:-1])
    case = Formation.draft(people, call, units)
    known = {member["organisation"]: member["registered"] for member in case.read()["members"]}
    assert known == {unit["uscc"]: unit is not stranger for unit in units[1:]}

    # When the member registers from a region outside Guangxi, and the province approves the registration
    username, password = f"newcomer-{secrets.token_hex(4)}", secrets.token_urlsafe(12)
    asked = {name: stranger[name] for name in ("uscc", "name", "region", "kind")}
    registration = people.server.ask(
        "POST",
        "/registrations",
        body={**asked, "contact": {"name": "联系人", "phone": "020-0000000"}, "username": username, "password": password},
    )
    assert registration["bureau"] == "450000"
    approval = f"/registrations/{registration['id']}/approval"
    assert refusal(people.officer("450200").post, approval, {"decision": "approve"}).status == 404
    people.officer().post(approval, {"decision": "approve"})
    newcomer = people.server.login(username, password)
    people.adopt(stranger["uscc"], newcomer)

    # Then the member gets the invitation, enters its data and confirms, and the lead can submit the application
    put_organisation(newcomer, stranger)
    notice(newcomer, case.subject, "member.invited")
    until(lambda: all(member["registered"] for member in case.read()["members"]), "the newcomer being registered")
    case.hand_in()
    case.confirm()
    assert case.submit()["status"] == "submitted"
