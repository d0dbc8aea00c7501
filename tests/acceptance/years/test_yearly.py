"""Articles 10 to 12 and 14(6): annual reports, problems in which a consortium asks for help (coordination items), inspections, a
bureau's dashboard."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

from openpyxl import load_workbook

from deploy.demo.client import until
from deploy.demo.oversight import ANNUAL, AnnualReport, Calendar, Member
from deploy.demo.people import People
from tests.acceptance.driver import notice, refusal


def test_a_year_is_reported_to_recommender_and_province_and_accepted(people: People, calendar: Calendar) -> None:
    # Given a consortium that owes the report of this year but not of the last year
    member = Member.imported(people)
    report = AnnualReport(member, calendar.today.year)
    assert report.read()["status"] == "due"
    not_owed = refusal(AnnualReport(member, calendar.today.year - 1).write)
    assert (not_owed.status, not_owed.code, not_owed.problem["article"]) == (409, "report_not_owed", "A12")

    # When the lead submits the report without one of its sections, then the refusal names the section
    report.write(sections=ANNUAL | {"problems": None})
    assert refusal(report.submit).pointers == {"/sections/problems": "required"}

    # When the lead submits the report with a problem that the city shall help with, then the report is submitted and the problem
    # is an open coordination item of the city
    asked = {"matter": "协调中试基地用地指标。", "asked_of": member.recommender}
    report.write(coordination=[asked], documents=[member.paper("annual_report")])
    assert report.submit()["status"] == "submitted"
    matters = people.officer(member.recommender).get("/coordination-items", consortium=member.id)["items"]
    assert [(item["matter"], item["status"]) for item in matters] == [(asked["matter"], "open")]
    assert report.read(people.officer())["report"]["coordination"] == [asked]

    # When the city returns the report, then the lead submits it again and the city accepts it; the city also replies to the
    # coordination item and closes it
    report.opine(member.recommender, "acceptance", outcome="return", sections=[{"section": "transfer", "comment": "缺数据"}])
    report.reaches("returned")
    report.submit()
    report.opine(member.recommender, "acceptance")
    report.reaches("accepted")
    path = f"/coordination-items/{matters[0]['id']}"
    people.officer(member.recommender).post(f"{path}/answers", {"text": "已列入土地利用计划。"})
    people.officer(member.recommender).post(f"{path}/closing", {"result": "指标已落实。"})
    assert member.lead.get(path)["status"] == "closed"


def test_a_report_that_is_not_there_at_the_new_year_is_overdue_and_the_bureau_sees_it(people: People, calendar: Calendar) -> None:
    member = Member.imported(people)
    report = AnnualReport(member, calendar.today.year)
    # When one day is left until the report is due, then the lead gets a reminder
    calendar.move(date(report.year, 12, 30))
    assert "1 天" in notice(member.lead, report.subject, "report.reminded")["body"]
    # When the year is over, then the report is overdue, for the lead and on the bureau's dashboard
    before = people.officer(member.recommender).get("/dashboard")["oversight"]["reports"]["overdue"]
    calendar.move(date(report.year + 1, 1, 1))
    assert report.read()["status"] == "overdue"
    assert people.officer(member.recommender).get("/dashboard")["oversight"]["reports"]["overdue"] > before
    # and the lead can still submit the report, which is marked as late
    report.write()
    assert report.submit()["late"] is True


def test_the_bureau_sees_what_waits_and_exports_what_there_is(people: People, calendar: Calendar) -> None:
    member = Member.imported(people, name="=样例创新联合体", field="糖业")
    officer = people.officer(member.recommender)

    # When the bureau has not inspected the consortium this year, then the bureau's board of outstanding inspections lists it;
    # after an inspection, it no longer does
    def waiting() -> set[str]:
        lines = officer.all("/inspections/board", inspected="false", limit=200)
        return {line["consortium"]["id"] for line in lines}

    assert member.id in waiting()
    record = {"consortium": member.id, "inspected_on": calendar.today.isoformat(), "result": "good", "findings": "运行正常。"}
    officer.post("/inspections", record)
    assert member.id not in waiting()
    until(lambda: "inspection.recorded" in member.timeline(), "the timeline")

    # When the bureau exports its statistics, then the files have no consortia of other bureaus, and a name that begins with "="
    # is text and no formula
    seen = officer.get("/statistics/consortia")
    assert member.id in {item["consortium"] for item in seen["items"]}
    other = people.officer("450300").get("/statistics/consortia")
    assert member.id not in {item["consortium"] for item in other["items"]}
    text = officer.get("/statistics/consortia.csv").decode("utf-8-sig")
    assert '="=样例创新联合体"' in {row[1] for row in csv.reader(io.StringIO(text))}
    sheet = load_workbook(io.BytesIO(officer.get("/statistics/consortia.xlsx"))).active
    assert "=样例创新联合体" in {row[1].value for row in sheet.iter_rows()}


def test_a11_a_weak_inspection_needs_guidance_and_one_filed_after_its_year_is_late(people: People, calendar: Calendar) -> None:
    member = Member.imported(people)
    city = people.officer(member.recommender)
    record = {"consortium": member.id, "inspected_on": calendar.today.isoformat(), "result": "weak", "findings": "停滞。"}
    assert refusal(city.post, "/inspections", record).pointers == {
        "/under_guidance": "guidance_required",
        "/follow_up_on": "follow_up_required",
    }
    day = (calendar.today + timedelta(days=60)).isoformat()
    filed = city.post("/inspections", record | {"under_guidance": True, "follow_up_on": day})
    assert (filed["under_guidance"], filed["late"]) == (True, False)
    # When the bureau records an inspection of this year only in the next year, then the record is marked as late
    year = calendar.today.year
    calendar.move(date(year + 1, 1, 5))
    assert city.post("/inspections", record | {"inspected_on": f"{year}-12-30", "result": "fair"})["late"] is True


def test_a12_a_consortium_that_ends_owes_no_further_report(people: People, calendar: Calendar) -> None:
    # Given a consortium that owes its annual report, and whose recognition the province revokes
    member = Member.imported(people)
    report = AnnualReport(member, calendar.today.year)
    case = member.revoke("A14(7)")
    calendar.forward(16)
    people.chief().approve(f"/revocations/{case['id']}", "decision", {"outcome": "revoke", "reason": "事实清楚。"})
    # Then the consortium no longer owes the report, neither now nor in the next year
    assert report.read()["status"] == "ended"
    calendar.move(date(report.year + 1, 1, 10))
    assert report.read()["status"] == "ended"
    assert refusal(report.submit).code == "consortium_gone"
