"""Article 5: a lead may lead one consortium, a member may join three; quotas are reserved by the submission."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

from deploy.demo.formation import Formation, open_call, register
from deploy.demo.invented import EIGHT, Organisation, consortium
from deploy.demo.papers import pdf
from deploy.demo.people import People
from tests.acceptance.driver import failing, refusal

#: The number of applications that are submitted at the same time and compete for one quota.
RIVALS = 6
#: The units of an application: the smallest set that fails no rule except C1, the in-principle rule about the number of units.
THREE = EIGHT[:3]


#: The request's part about the past of a consortium that was recognised under the plan of 2021: its grades and the support that
#: it used.
HISTORY = {
    "grades": [{"grade": "good", "issued_on": "2025-03-01", "published_on": "2025-09-10"}],
    "support": [{"measure": "special_project_new", "used_on": "2022-11-01", "amount": "3000000.00"}],
}


def test_a_fourth_consortium_of_a_member_carries_the_finding(people: People, call: str) -> None:
    # Given an organisation that is a member of three applications under review (A5(3)5)
    shared = consortium(EIGHT)[1]
    register(people, [shared])
    for _ in range(3):
        assert failing(_with(people, call, shared).submit()["verdict"]["findings"]) == {"C1"}

    # When the lead of a fourth application with this member submits, then the submission is accepted, and its verdict names the
    # member in the failed in-principle rule M3
    fourth = _with(people, call, shared)
    findings = fourth.submit()["verdict"]["findings"]
    finding = next(finding for finding in findings if finding["rule"] == "M3")
    assert (finding["status"], finding["severity"], finding["citation"]) == ("fail", "in_principle", "A5(3)5")
    assert shared["uscc"] in str(finding["observed"])


def test_a_lead_may_lead_one_consortium_at_a_time(people: People, call: str) -> None:
    # Given a lead whose application is under review (A5(2)5)
    units = consortium(THREE)
    register(people, units)
    first = Formation.complete(people, call, units)
    assert failing(first.submit()["verdict"]["findings"]) == {"C1"}

    # When the lead starts a second application in the same call, then the refusal names the first application
    units = [units[0], *consortium(THREE)[1:]]
    register(people, units[1:])
    assert refusal(Formation.draft, people, call, units).problem["application"] == first.id

    # When the lead submits an application in another call, then that application fails rule L6, because the lead's only quota is
    # reserved
    other = str(open_call(people)["id"])
    second = Formation.complete(people, other, units)
    assert failing(second.submit()["verdict"]["findings"]) == {"C1", "L6"}

    # When the lead withdraws both applications, then its next draft does not fail rule L6
    second.lead.post(f"{second.path}/withdrawal", {})
    first.lead.post(f"{first.path}/withdrawal", {})
    third = Formation.draft(people, call, units)
    assert "L6" not in failing(third.eligibility()["findings"])


def test_of_submissions_at_the_same_moment_only_as_many_as_there_are_places_get_one(people: People, call: str) -> None:
    # Given an organisation that can join one more consortium, and six complete applications that name it as a member
    shared = consortium(EIGHT)[1]
    register(people, [shared])
    for _ in range(2):
        _with(people, call, shared).submit()
    rivals = [_with(people, call, shared) for _ in range(RIVALS)]

    # When the leads submit all six applications at the same time
    with ThreadPoolExecutor(RIVALS) as pool:
        verdicts = list(pool.map(lambda rival: rival.submit()["verdict"], rivals))

    # Then exactly one application gets the quota, and each of the others fails rule M3
    assert sorted("M3" in failing(verdict["findings"]) for verdict in verdicts) == [False] + [True] * (RIVALS - 1)
    standing = people.officer().get(f"/organisations/{shared['uscc']}/standing")
    assert standing["joins"] == 3


def test_consortia_of_the_2021_plan_count_from_the_first_day(people: People, call: str) -> None:
    # Given a consortium that was recognised under the repealed plan of 2021 and that an officer of the province proposes for the
    # register (A16)
    units = consortium(EIGHT)
    register(people, units)
    imported = {
        "name": "广西老牌创新联合体",
        "field": "糖业",
        "recognised_on": "2022-05-20",
        "recommender": "450200",
        "lead": units[0]["uscc"],
        "lead_name": units[0]["name"],
        "members": [{"organisation": unit["uscc"], "name": unit["name"], "tier": "core"} for unit in units[1:]],
    }
    officer = people.officer()
    proposed = officer.post("/consortia", imported | {"history": HISTORY})
    path = f"/consortia/{proposed['id']}"
    case = Formation.draft(people, call, units)
    assert proposed["status"] == "proposed"
    assert "L6" not in failing(case.eligibility()["findings"])

    # When a chief confirms the proposal with the document of the former recognition
    paper = officer.upload(f"consortium/{proposed['id']}", "basis", "认定文件.pdf", pdf("认定文件"))
    assert refusal(people.chief().approve, path, "confirmation", {"documents": []}).pointers == {"/documents": "required"}
    entry = people.chief().approve(path, "confirmation", {"documents": [paper]})
    assert (entry["status"], entry["recognised_on"]) == ("active", "2022-05-20")
    # then the support that the consortium used earlier counts against its limits
    uses = {item["measure"]: item for item in people.officer().get(f"{path}/entitlements")["items"]}
    assert uses["special_project_new"]["left"] == 0

    # and a draft of another application by the consortium's lead fails rule L6
    assert "L6" in failing(case.eligibility()["findings"])
    # and the public register lists the consortium
    public = people.server.ask("GET", "/public/consortia", query={"number": entry["number"]})["items"]
    assert [item["id"] for item in public] == [entry["id"]]
    # and a lead may not enter such a consortium
    assert refusal(case.lead.post, "/consortia", imported).status == 403


def _with(people: People, call: str, shared: Organisation) -> Formation:
    """Create a complete application of new units, of which the second is the shared organisation."""
    units = consortium(THREE)
    units[1] = shared
    register(people, [unit for unit in units if unit is not shared])
    return Formation.complete(people, call, units)
