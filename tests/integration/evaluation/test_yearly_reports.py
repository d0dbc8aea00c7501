"""An annual report from the obligation to the acceptance: drafts, opinions, reminders and matters of coordination (A12)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest

from services.contracts.application.application_requests import GOALS
from services.contracts.evaluation.duties import AnnualReport
from services.kernel.errors import Conflict, Forbidden, Invalid, NotFound, PreconditionFailed
from services.kernel.identity import Actor
from services.kernel.testing import ServiceHarness
from services.policy import add_days
from tests.integration.evaluation.scenario import CHIEF, CITY, LEAD, OFFICER, PROVINCE_CHIEF, say, swept, to, told

SECTIONS = {
    "systems": "理事会制度健全。",
    "core_technology": "完成两项攻关。",
    "transfer": "转化一项。",
    "application": "推广三个品种。",
    "problems": "中试用地紧张。",
    "next_year": "建成中试线。",
}
REMINDERS = ("report_reminders", "overdue_reports")


def write(bench: ServiceHarness, id: str, year: int = 2026, actor: Actor = LEAD, if_match: str | None = None, **body: Any) -> Any:
    report = AnnualReport().load({"sections": SECTIONS} | body)
    return bench.tell("write_annual_report", actor, id=id, year=year, report=report, if_match=if_match)


def submit(bench: ServiceHarness, id: str, year: int = 2026) -> Any:
    return bench.tell("submit_annual_report", LEAD, id=id, year=year, documents_statement=None)


def opined(bench: ServiceHarness, id: str, type: str, version: int, producer: str = f"review.{CITY}", **data: Any) -> None:
    said = {"case": f"{CITY}-1", "version": version, "stage": "acceptance", "next_stage": None, "article": "A12"} | data
    say(bench, type, producer, f"report/{id}-2026", said)


def read(bench: ServiceHarness, id: str, actor: Actor = LEAD, year: int = 2026) -> Any:
    return bench.ask("annual_report", actor, id=id, year=year)


def test_a_report_goes_to_the_recommender_and_is_accepted(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    # Given a draft of a report, which only its lead can read
    id = recognise()
    write(bench, id, indicators=[{"goal": 0, "indicator": 0, "actual": "2"}])
    assert read(bench, id, OFFICER)["report"] is None
    # When the lead submits the report, then the recommender may read it, and an event opens the recommender's acceptance case
    assert submit(bench, id)["status"] == "submitted"
    [opening] = told(bench, "report.submitted")
    assert (opening["stage"], opening["kind"], opening["late"]) == ("acceptance", "annual_report", False)
    assert read(bench, id, OFFICER)["report"]["sections"] == SECTIONS
    # When the recommender accepts the report, then its status is accepted
    opined(bench, id, "review.passed", 1)
    assert read(bench, id)["status"] == "accepted"
    assert [event["year"] for event in told(bench, "report.accepted")] == [2026]


def test_a_report_for_a_year_not_owed_is_refused_with_the_article(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    for year in (2025, 2027):
        with pytest.raises(Conflict) as caught:
            write(bench, id, year)
        assert (caught.value.code, caught.value.details["article"]) == ("report_not_owed", "A12")


def test_an_incomplete_report_names_each_section_that_lacks(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    write(bench, id, sections={"systems": "健全。", "transfer": "  "})
    with pytest.raises(Invalid) as caught:
        submit(bench, id)
    lacking = ["core_technology", "transfer", "application", "problems", "next_year"]
    assert [error.pointer for error in caught.value.errors] == [f"/sections/{name}" for name in lacking]
    assert read(bench, id)["status"] == "due", "nothing is lost"


@pytest.mark.parametrize("kind", GOALS)
def test_each_kind_of_goal_is_reported_against_every_year(
    bench: ServiceHarness, recognise: Callable[..., str], kind: str
) -> None:
    # Given a consortium that was recognised with one goal, of one of the seven kinds (A7)
    indicator = {"name": "成果", "target": "3", "unit": "项", "due": "2028-12-31"}
    goal = {"kind": kind, "statement": "每年推进。", "indicators": [indicator]}
    id = recognise(goals=[goal])
    for year, actual in ((2026, "1"), (2027, "2")):
        # When its lead reports the indicator's value for the year, then the recommender reads the value beside the goal and its
        # target
        to(bench, date(year, 12, 1))
        swept(bench)
        write(bench, id, year, indicators=[{"goal": 0, "indicator": 0, "actual": actual}])
        submit(bench, id, year)
        seen = read(bench, id, OFFICER, year)
        assert seen["goals"] == [goal]
        assert seen["report"]["indicators"] == [{"goal": 0, "indicator": 0, "actual": actual}]


def test_goals_and_bureaus_that_do_not_exist_are_refused_at_once(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    indicators = [{"goal": 0, "indicator": 0, "actual": "1"}, {"goal": 0, "indicator": 9, "actual": "1"}]
    with pytest.raises(Invalid) as caught:
        write(bench, id, indicators=indicators, coordination=[{"matter": "用地", "asked_of": "459900"}])
    assert [error.pointer for error in caught.value.errors] == ["/indicators/1", "/coordination/0/asked_of"]


def test_others_do_not_write_and_a_lost_race_is_told(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    etag = write(bench, id)["etag"]
    write(bench, id, if_match=etag)
    with pytest.raises(PreconditionFailed):
        write(bench, id, if_match=etag)
    with pytest.raises(NotFound):
        write(bench, id, actor=Actor("x", ("applicant",), organisation="91450200MA5KAAAA09"))
    with pytest.raises(Forbidden):
        write(bench, id, actor=OFFICER)


def test_a_returned_report_is_corrected_and_an_opinion_on_the_old_version_is_void(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    id = recognise()
    write(bench, id)
    submit(bench, id)
    opined(bench, id, "review.returned", 1, comment="请补充。", sections=[{"section": "transfer", "comment": "缺数据"}])
    returned = read(bench, id)
    assert (returned["status"], returned["correction"]["sections"][0]["section"]) == ("returned", "transfer")
    write(bench, id)
    submit(bench, id)
    # An opinion on the first version, which a correction has replaced, is void, and so is an opinion of a bureau that is not the
    # recommender.
    opined(bench, id, "review.passed", 1)
    opined(bench, id, "review.passed", 2, producer="review.450300")
    assert read(bench, id)["status"] == "submitted"
    assert [event["reason"] for event in told(bench, "report.opinion_void")] == ["superseded_version", "not_its_turn"]
    assert [version["version"] for version in read(bench, id)["versions"]] == [1, 2]


def test_the_province_reopens_an_accepted_report(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    write(bench, id)
    submit(bench, id)
    opined(bench, id, "review.passed", 1)
    with pytest.raises(Forbidden):
        bench.tell("reopen_annual_report", CHIEF, id=id, year=2026, reason="数据有误")
    bench.tell("reopen_annual_report", PROVINCE_CHIEF, id=id, year=2026, reason="数据有误")
    assert read(bench, id)["status"] == "returned"
    write(bench, id)
    assert submit(bench, id)["version"] == 2


def test_reminders_fire_once_a_step_and_stop_when_it_is_handed_in(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    id = recognise()
    for day, days_left in ((date(2026, 11, 1), 60), (date(2026, 12, 1), 30)):
        to(bench, day)
        assert swept(bench, *REMINDERS) == [("report_reminders", "reminded")]
        assert swept(bench, *REMINDERS) == []
        assert told(bench, "report.reminded")[-1]["days_left"] == days_left
    write(bench, id)
    submit(bench, id)
    to(bench, date(2026, 12, 30))
    assert swept(bench, *REMINDERS) == []


def test_after_the_new_year_it_is_overdue_once_and_reminded_of_weekly(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    recognise()
    to(bench, date(2026, 12, 31))
    swept(bench)
    to(bench, date(2027, 1, 1))
    assert swept(bench, *REMINDERS) == [("overdue_reports", "overdue")]
    for day in (date(2027, 1, 8), date(2027, 1, 15)):
        to(bench, day)
        assert swept(bench, *REMINDERS) == [("report_reminders", "reminded")]
    assert [event.get("days_overdue") for event in told(bench, "report.reminded")][-2:] == [8, 15]
    assert len(told(bench, "report.overdue")) == 1


def test_a_platform_that_slept_reminds_once_and_not_for_every_step_it_missed(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    recognise()
    to(bench, date(2028, 2, 29))  # The clock passes the ends of two years, on a leap day.
    swept(bench)
    # Then each of the two missed years has one "overdue" event, only the older year has a reminder, and the year that has just
    # begun has neither
    assert sorted(event["year"] for event in told(bench, "report.reminded")) == [2026]
    assert sorted(event["year"] for event in told(bench, "report.overdue")) == [2026, 2027]
    to(bench, date(2028, 3, 7))
    swept(bench)
    assert sorted(event["year"] for event in told(bench, "report.reminded")) == [2026, 2026, 2027]


def test_a_first_submission_in_time_is_never_overdue_and_a_late_one_says_so(
    bench: ServiceHarness, recognise: Callable[..., str]
) -> None:
    in_time, late = recognise(), recognise()
    write(bench, in_time)
    submit(bench, in_time)
    opined(bench, in_time, "review.returned", 1, comment="请补充。", sections=[])
    to(bench, date(2027, 1, 2))
    assert read(bench, in_time)["status"] == "returned"
    assert read(bench, late)["status"] == "overdue"
    write(bench, late)
    assert submit(bench, late)["late"] is True
    write(bench, in_time)
    assert submit(bench, in_time)["late"] is False


def test_each_matter_of_a_report_is_followed_until_it_is_closed(bench: ServiceHarness, recognise: Callable[..., str]) -> None:
    # Given a report that raises two matters of coordination
    id = recognise()
    land, power = {"matter": "中试用地", "asked_of": CITY}, {"matter": "用电指标", "asked_of": "450000"}
    write(bench, id, coordination=[land, power])
    submit(bench, id)
    in_time = {item["due_on"] for item in bench.ask("list_matters", LEAD, limit=50, cursor=None)["items"]}
    assert (
        in_time
        == {add_days(bench.clock.today(), 60).isoformat()}
        == {data["due_on"] for data in told(bench, "coordination.opened")}
    )

    def matters(actor: Actor = LEAD) -> dict[str, Any]:
        items = bench.ask("list_matters", actor, limit=50, cursor=None)["items"]
        return {item["matter"]: item for item in items}

    assert {name: item["status"] for name, item in matters().items()} == {"中试用地": "open", "用电指标": "open"}
    # Only the bureau that the consortium asks, here the province, may answer the matter; when it has closed the matter, then the
    # lead sees the matter as closed, and no further answer is accepted
    item = matters()["用电指标"]["id"]
    with pytest.raises(Forbidden):
        bench.tell("answer_matter", OFFICER, id=item, text="已转。")
    bench.tell("answer_matter", PROVINCE_CHIEF, id=item, text="已协调电网。")
    bench.tell("close_matter", PROVINCE_CHIEF, id=item, result="已落实。")
    with pytest.raises(Conflict):
        bench.tell("answer_matter", PROVINCE_CHIEF, id=item, text="又答。")
    assert matters()["用电指标"]["status"] == "closed"
    # When the corrected report leaves out the open matter and raises a new one, then the open matter is withdrawn, and the closed
    # matter stays closed
    opined(bench, id, "review.returned", 1, comment="请补充。", sections=[])
    write(bench, id, coordination=[power, {"matter": "人才住房", "asked_of": CITY}])
    submit(bench, id)
    assert {name: item["status"] for name, item in matters().items()} == {
        "中试用地": "withdrawn",
        "用电指标": "closed",
        "人才住房": "open",
    }
    with pytest.raises(NotFound):
        bench.ask("get_matter", Actor("other", ("officer",), "450300"), id=item)
