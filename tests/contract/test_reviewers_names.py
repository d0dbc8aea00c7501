"""Only the province and the auditor see the names of experts, third parties and objectors."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

import pypdfium2
import pytest
from sqlalchemy import select

from deploy.demo.client import Account, Answer, until
from deploy.demo.formation import Formation, sweep_after
from deploy.demo.invented import new_code
from deploy.demo.oversight import Member, Participation
from deploy.demo.papers import pdf
from deploy.demo.people import PROVINCE
from deploy.demo.review_actions import RUBRIC, declare
from services.kernel.persistence.tables import outbox
from tests.contract.access_table import LISTED, READERS, ROUTE_ROLES
from tests.contract.conftest import Running
from tests.contract.personas import Cast

#: The personas that may know the reviewers' names.
KNOW = ("province officer", "province chief", "auditor")
OTHERS = (
    "nobody",
    "lead",
    "member",
    "stranger",
    "own officer",
    "own chief",
    "other officer",
    "industry chief",
    "expert",
    "third party",
    "portal",
    "operator",
)
SCORES = {"scores": {row["criterion"]: 88 for row in RUBRIC}, "comment": "评审意见：可行。"}


class Panel:
    """The reviewers and objectors of the test, who have names that occur nowhere else, and the words by which a text would
    identify one of them."""

    objectors: list[str]

    def __init__(self, cast: Cast) -> None:
        self.people = cast.people
        self._words: dict[str, list[str]] = {}

    def join(self, role: str, name: str) -> Account:
        employer = new_code("610100", "university")
        expert = {"employer": employer, "fields": ["糖业"]} if role == "expert" else None
        organisation = {"organisation": employer} if role == "third_party" else {}
        account = self.people.new([role], name=name, expert=expert, **organisation)
        self._words[account.username] = [account.username, name, employer]
        return account

    def object_to(self, formation: Formation) -> None:
        """Let an organisation object to the recognition, and record a citizen's written objection; the province replies to
        both."""
        path, code = f"{formation.path}/objections", new_code("610100", "enterprise")
        account = self.people.new(["applicant"], name="郦庚玥", organisation=code)
        officer, written = self.people.officer(), {"objector": {"name": "郦辛玥", "contact": "郦氏巷 8 号"}}
        written |= {"document": officer.upload(formation.subject, "written_objection", "郦辛玥来函.pdf", pdf("来函"))}
        written |= {"received_on": formation.read()["decision"]["on"]}
        filed = account.post(path, {"reason": "请核实平台证明。"})
        recorded = officer.post(path, {"reason": "请核实投入。", "written": written})
        officer.post(f"{path}/{filed['id']}/answer", {"answer": "经核查，属实。", "also": [recorded["id"]]})
        self.objectors = [account.username, "郦庚玥", code, "郦辛玥", "郦氏巷"]

    def words(self, apart_from: str | None = None) -> list[str]:
        return [word for username, words in self._words.items() if username != apart_from for word in words]


@pytest.fixture(scope="module")
def panel(running: Running, cast: Cast) -> Panel:
    """Take the application through a review by a panel, from which one expert withdraws, to the recognition, and a participation
    through a review by a third party. Return these reviewers and objectors."""
    panel, people, formation = Panel(cast), cast.people, cast.formation
    seated = [panel.join("expert", f"郦{word}玥") for word in "甲乙丙丁戊"]
    substitute, institution = panel.join("expert", "郦己玥"), panel.join("third_party", "郦氏评审中心")
    formation.recommend()
    formation.check()
    formation.appoint(5, experts=[account.username for account in seated])
    review = formation.review(PROVINCE, "expert_review")
    seated[0].post(f"/reviews/{review}/recusals", {"reason": "曾与牵头单位合作。"})
    until(lambda: substitute.username in formation.seated(), "the substitute being drawn")
    for account in (*seated[1:], substitute):
        declare(account, review)
        account.post(f"/reviews/{review}/scores", SCORES)
    formation.decide()
    publicised = formation.reaches("publicised")
    panel.object_to(formation)
    portal = people.new(["portal"], bureau=formation.recommender, name="柳州门户")
    cast.things.update({"city review": cast.things["review"], "review": review, "city portal": portal.username})
    sweep_after(people, publicised["publicity"]["ends_on"])
    cast.things["recognised"] = formation.reaches("recognised")["consortium"]
    _reviewed_by(institution, cast)
    return panel


def _reviewed_by(institution: Account, cast: Cast) -> None:
    """Take the cast's participation from its report to its grade, with this third party as its reviewer."""
    people, things = cast.people, cast.things
    member = Member(people, cast.formation.units, things["consortium"])
    participation = Participation(member, people.officer().get(f"/evaluations/{things['evaluation']}"))
    participation.hand_in()
    participation.opine(participation.recommender, "recommendation")
    participation.opine(PROVINCE, "material_check")
    participation.appoint(third_party=institution.username, size=None)
    review = participation.review(PROVINCE, "expert_review")
    declare(institution, review)
    institution.post(f"/reviews/{review}/scores", SCORES)
    participation.reaches("submitted", stage="grading")
    # The third party can read the documents of the participation until the grade is given.
    assert institution.get("/documents", subject=f"consortium/{member.id}")["items"]
    participation.grade("good", 88)


def paths() -> list[str]:
    """Return the paths of all GET routes: the paths about an object from the access tables, and the paths of the other routes."""
    plain = [route.partition(" ")[2] for route in ROUTE_ROLES if route.startswith("GET ") and "{}" not in route]
    return [*dict.fromkeys((*plain, *READERS, *LISTED, "/events?limit=200", "/notifications?limit=200"))]


def texts(running: Running, answer: Answer) -> Iterator[str]:
    """Yield all text of a response, including its headers and the text in generated documents and archives."""
    body: Any = answer.body
    if answer.status == 302:
        server = running.people.server
        body = server.send("GET", urljoin(server.base, answer.headers["Location"])).body
    yield str(dict(answer.headers))
    if not isinstance(body, bytes):
        yield json.dumps(body, ensure_ascii=False)
    elif body.startswith(b"%PDF"):
        yield "".join(page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(body))
    elif body.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            yield from (archive.read(name).decode(errors="replace") for name in archive.namelist())
    else:
        yield body.decode(errors="replace")


def told(running: Running, cast: Cast, who: str | Account) -> Iterator[tuple[str, str]]:
    """Yield (path, text) for all text that an account can read."""
    other = {"review": cast.things["city review"], "consortium": cast.things["recognised"]}
    for path in paths():
        for things in (cast.things, cast.things | other):
            if things is cast.things or "{" in path:
                filled = path.format_map(things)
                answer = who.send("GET", filled) if isinstance(who, Account) else cast.send(who, "GET", filled)
                yield from ((path, text) for text in texts(running, answer))


def published(running: Running) -> Iterator[tuple[str, str]]:
    """Yield (routing key, body) of every event that any service has published."""
    for runtime in running.host.runtimes.values():
        with runtime.database.read() as session:
            yield from ((row.routing_key, row.body) for row in session.execute(select(outbox.c.routing_key, outbox.c.body)))


def named(running: Running, cast: Cast, who: str | Account, words: list[str]) -> set[tuple[str, str]]:
    """Return (path, word) for each of these words that an account can read."""
    return {(path, word) for path, text in told(running, cast, who) for word in words if word in text}


@pytest.mark.parametrize("persona", OTHERS)
def test_nobody_outside_the_province_learns_who_reviews_or_objects(
    running: Running, cast: Cast, panel: Panel, persona: str
) -> None:
    found = named(running, cast, persona, panel.words() + panel.objectors)
    if persona == "operator":  # The operator manages accounts, including those of experts.
        found = {(path, word) for path, word in found if path != "/accounts"}
    assert found == set()


def test_the_citys_portal_learns_of_none(running: Running, cast: Cast, panel: Panel) -> None:
    portal = cast.people.person(cast.things["city portal"])
    types = {event["type"] for event in portal.get("/events", limit=200)["items"]}
    assert {"review.passed", "application.stage_passed", "participation.stage_passed"} <= types
    assert named(running, cast, portal, panel.words() + panel.objectors) == set()


def test_a_reviewer_learns_of_no_other(running: Running, cast: Cast, panel: Panel) -> None:
    for username in panel._words:
        others = panel.words(apart_from=username) + panel.objectors
        assert named(running, cast, cast.people.person(username), others) == set()


def test_the_province_and_the_auditor_know_them(running: Running, cast: Cast, panel: Panel) -> None:
    for persona in KNOW:
        assert named(running, cast, persona, panel.words()), persona
        objections = cast.send(persona, "GET", "/applications/{application}/objections").body["items"]
        assert [word for word in panel.objectors if word in str(objections)] == [*panel.objectors[:1], *panel.objectors[2:]]


def test_what_follows_by_itself_is_the_systems(cast: Cast, panel: Panel) -> None:
    application, review = cast.things["application"], cast.things["review"]
    steps = cast.account("auditor").get(f"/applications/{application}/timeline", limit=200)["items"]
    by = {step["detail"]["stage"]: step["actor"]["role"] for step in steps if step["type"] == "application.stage_passed"}
    assert by == {"recommendation": "chief", "formal_check": "chief", "expert_review": "system"}
    appointed = [step["actor"]["role"] for step in steps if step["type"] == "panel.appointed"]
    assert appointed == ["officer", "system"]
    # The audit log names the expert as actor where an expert withdrew or scored, and the system where the platform took the next
    # step by itself.
    subject = {"subject": f"application/{application}", "service": "review", "bureau": PROVINCE}
    entries = cast.account("auditor").get("/audit", **subject, limit=200)["items"]
    roles = [(entry["action"], entry["role"]) for entry in entries if entry["role"] in ("expert", "system")]
    assert roles.count(("score.given", "expert")) == 5
    assert {("panel.recused", "expert"), ("panel.appointed", "system"), ("review.passed", "system")} <= set(roles)
    assert review.startswith(PROVINCE)


def test_events_addressed_to_a_bureau_name_none(running: Running, panel: Panel) -> None:
    # Given all events that are not addressed to the province, so that a city's own deployment may receive them
    said = [body for key, body in published(running) if not key.endswith(PROVINCE)]
    assert len(said) > 20
    assert [body for body in said if any(word in body for word in panel.words() + panel.objectors)] == []


def test_a_reviewer_reads_nothing_of_what_is_decided(cast: Cast, panel: Panel) -> None:
    about = [path for path in READERS if "{application}" in path or "{review}" in path or "{document}" in path]
    assert len(about) > 10
    for username in panel._words:
        reviewer = cast.people.person(username)
        seen = {path: reviewer.send("GET", path.format_map(cast.things)).status for path in about}
        timeline = seen.pop("/applications/{application}/timeline")  # Everybody can read the public part of the timeline.
        assert (set(seen.values()) <= {403, 404}, timeline) == (True, 200), seen
        assert reviewer.send("GET", f"/documents?subject=consortium/{cast.things['consortium']}").status == 404
        assert reviewer.get("/reviews")["items"] == reviewer.get("/applications")["items"] == []
