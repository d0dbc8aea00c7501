"""Compare the console's pages on a platform with 10,000 cases with those on one with 100, requested alternately. Also measure the
pages of a call with many applications."""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import urllib3
from sqlalchemy import Engine, create_engine, insert, select
from sqlalchemy.orm import Session

from bench.console import spread_of, timed, visitor_cookie
from bench.copies import Kept, Row, copy
from bench.infrastructure import median
from bench.table import Line
from deploy.demo.client import Account
from deploy.demo.formation import Formation, open_call
from deploy.demo.oversight import Member
from deploy.demo.people import PROVINCE, People
from deploy.demo.platform import Embedded, accounts
from deploy.keys.key_folder import CONSOLE, KeysFolder
from gateway.identity import tables as identity
from services.application import tables as application
from services.kernel.settings import Settings
from services.review import tables as review
from services.review.case_tasks import outdated, renew

SMALL, LARGE = 100, 10_000
#: The number of cases that wait at the city on each platform, so that its lists fill a page. A tenth of all cases wait there in
#: addition.
WAITING = 60
#: The number of applications and of experts in the large call, which both platforms have.
OF_CALL, EXPERTS = 300, 60
#: The number of times that each page is requested on each platform, and the number of earlier requests that do not count.
TIMES, WARM_UP = 40, 5
#: The largest factor by which a page may take longer on the large platform.
MOST = 1.5
CITY = "450200"

_REVIEW = (
    Kept(review.subjects.c.subject),
    Kept(review.cases.c.subject),
    Kept(review.rounds.c.case_id),
    Kept(review.opinions.c.case_id),
    Kept(review.seats.c.case_id),
    Kept(review.scores.c.case_id),
    Kept(review.draws.c.case_id),
)
_APPLICATION = (
    Kept(application.organisations.c.uscc),
    Kept(application.applications.c.id),
    Kept(application.units.c.application_id),
    Kept(application.versions.c.application_id),
    Kept(application.readers.c.application_id),
    Kept(application.places.c.subject),
    Kept(application.timeline.c.subject),
    Kept(application.terms.c.id),
    Kept(application.directions.c.id),
)
_REGISTER = (
    Kept(application.organisations.c.uscc),
    Kept(application.consortia.c.id),
    Kept(application.consortium_units.c.consortium_id),
    Kept(application.register_states.c.consortium_id),
    Kept(application.places.c.subject),
    Kept(application.timeline.c.subject),
    Kept(application.terms.c.id),
)


@dataclass(frozen=True, slots=True)
class Page:
    """A page, and the account that opens it; `what` is its name in the table."""

    what: str
    path: str
    account: Account | None


@dataclass(frozen=True, slots=True)
class Filled:
    """A running platform with many cases, and the pages that are requested from it."""

    base: str
    keys: Callable[[], tuple[str, ...]]
    pages: Sequence[Page]


@dataclass(frozen=True, slots=True)
class Templates:
    """The cases that are copied many times: one that waits at its city, one before the decision, and one in the register."""

    call: str
    waiting: Formation
    decided: Formation
    member: Member
    number: str
    expert: str
    #: The name of a case (waiting, scoring or decided) → the id of its review at the bureau.
    reviews: Mapping[str, str]


def measure() -> list[Line]:
    """Fill a platform with few cases and one with many, then request every page of the two platforms alternately."""
    quiet = {"GUICHUANG_RATE_LIMIT": "0", "GUICHUANG_LOG_LEVEL": "WARNING"}
    with TemporaryDirectory(prefix="guichuang-bench-") as name:
        small, large = Path(name, "small"), Path(name, "large")
        with Embedded(small, **quiet) as first:
            templates = _templates(People(first.server, accounts(small)))
        shutil.copytree(small, large)
        for folder, cases in ((small, SMALL), (large, LARGE)):
            _fill(folder, templates, cases)
        with Embedded(small, **quiet) as few, Embedded(large, **quiet) as many:
            both = [_pages(few, templates, SMALL), _pages(many, templates, LARGE)]
            pool = urllib3.PoolManager(retries=False)
            return [_compared(pool, both, place) for place in range(len(both[0].pages))]


def _compared(pool: urllib3.PoolManager, both: Sequence[Filled], place: int) -> Line:
    took: list[list[float]] = [[], []]
    cookies = [visitor_cookie(filled.keys, filled.pages[place].account) for filled in both]
    for turn in range(TIMES + WARM_UP):
        for side, filled in enumerate(both):
            page, cookie = filled.pages[place], cookies[side]
            spent = timed(pool, filled.base + page.path, {"Cookie": cookie, "Accept-Language": "zh-CN"})
            if turn >= WARM_UP:
                took[side].append(spent)
    few, many = took
    ratio = median(many) / median(few)
    return Line(
        f"console growth: {both[0].pages[place].what}, {LARGE:,} cases",
        spread_of(many),
        f"the same with {SMALL}: {spread_of(few)}",
        f"{ratio:.2f} ×",
        f"≤ {MOST:g} ×",
        ratio <= MOST,
    )


def _templates(people: People) -> Templates:
    """Create one case of each kind by real requests, so that each waits for its next step."""
    call = str(open_call(people, places=10_000)["id"])
    waiting, scoring, decided = (_submitted(people, call) for _ in range(3))
    for case in (scoring, decided):
        case.recommend()
        case.check()
    experts = decided.appoint()["experts"]
    decided.score(experts)
    member = Member.imported(people)
    # Run the sweeps, so that the research directions are indexed.
    people.operator.post("/sweeps", {"as_of": date.today().isoformat()})
    reviews = {
        "waiting": waiting.review(CITY, "recommendation"),
        "scoring": scoring.review(PROVINCE, "expert_review"),
        "decided": decided.review(PROVINCE, "decision"),
    }
    return Templates(call, waiting, decided, member, member.lead.get(member.path)["number"], experts[0], reviews)


def _fill(folder: Path, templates: Templates, cases: int) -> None:
    settings = Settings(var=str(folder))
    engines = {name: create_engine(settings.database(name)) for name in ("review", "application", "gateway")}
    _experts(templates.expert, engines["review"], engines["gateway"])
    _multiply(engines, templates.call, templates.waiting, range(1, WAITING + cases // 10), settled=False)
    _multiply(engines, templates.call, templates.decided, range(1, OF_CALL), settled=False)
    _multiply(engines, templates.call, templates.decided, range(OF_CALL, OF_CALL + cases), settled=True)
    _register(engines["application"], templates, cases)
    with Session(engines["review"]) as session, session.begin():
        for case in outdated(session):
            renew(session, case)
    for engine in engines.values():
        engine.dispose()


def _pages(platform: Embedded, templates: Templates, cases: int) -> Filled:
    people = People(platform.server, accounts(platform.folder))
    call, waiting, reviews = templates.call, templates.waiting, templates.reviews
    lead = people.applicant(waiting.units[0]["uscc"])
    copied = f"{reviews['waiting'][:-8]}{cases // 20:08x}"
    officer, chief, city = people.officer(), people.chief(), people.officer(CITY)
    pages = [
        Page("home", "/", None),
        Page("register", "/register", None),
        Page("register, searched", "/register?q=样例创新", None),
        Page("publicity", "/publicity", None),
        Page("inbox of a city", "/reviews?tab=draft", city),
        Page("inbox of a city, all", "/reviews?tab=all", city),
        Page("inbox of a city, overdue", "/reviews?tab=overdue", city),
        Page("inbox of a city, searched", "/reviews?tab=all&q=没有这样的名称", city),
        Page("inbox of the province", "/reviews?tab=decision", officer),
        Page("to-do list of a city", "/todo", city),
        Page("to-do list of the province", "/todo", chief),
        Page("case page", f"/reviews/{copied}", city),
        Page("case page of the province", f"/reviews/{reviews['decided'][:-8]}{OF_CALL // 2:08x}", officer),
        Page("assigning", f"/reviews/assignment?case={copied}", city),
        Page("register of an official", "/consortia", officer),
        Page("an applicant's list", "/applications", lead),
        Page("an applicant's case", f"/applications/{waiting.id}", lead),
        Page("similar directions", f"/applications/{waiting.id}/similar", lead),
        Page(f"ranking of {OF_CALL} applications", f"/calls/{call}/ranking", officer),
        Page(f"decision lists of {OF_CALL} applications", f"/calls/{call}/decision-lists", officer),
        Page(f"panel out of {EXPERTS} experts", f"/reviews/{reviews['scoring']}/panel", officer),
        Page(f"decision among {OF_CALL} applications", f"/reviews/{reviews['decided']}/decision", chief),
        Page("an expert's list", "/scoring", people.person(templates.expert)),
    ]
    return Filled(platform.server.base, KeysFolder(platform.folder / "keys").sealing_keys(CONSOLE), pages)


def _submitted(people: People, call: str) -> Formation:
    case = Formation.complete(people, call)
    case.submit()
    return case


def _experts(template: str, of_review: Engine, of_gateway: Engine) -> None:
    """Create many experts by copying the expert with this account, and give each an employer of its own."""
    for engine, table in ((of_review, review.accounts), (of_gateway, identity.accounts)):
        with engine.begin() as connection:
            row = dict(connection.execute(select(table).where(table.c.username == template)).one()._mapping)
            rows = [row | {"username": f"{template}-{number}"} | _employed(row, number) for number in range(EXPERTS)]
            connection.execute(insert(table), rows)


def _employed(row: Row, number: int) -> Row:
    expert = dict(row["expert"] or {})
    return {"expert": expert | {"employer": f"91450000MA{number:08d}"}} if expert else {}


def _multiply(engines: dict[str, Engine], call: str, case: Formation, numbers: range, *, settled: bool) -> None:
    """Create copies of a case, each with units of its own. With `settled`, the copies are approved applications in calls of a
    hundred each."""
    other = secrets.token_hex(2)
    units = {unit["uscc"]: f"9{place}{other}{{:08d}}0000" for place, unit in enumerate(case.units)}
    today = date.today()

    def settle(row: Row, number: int) -> None:
        row |= {"settled": 1, "status": "approved", "call": f"call-{number // 100}"}

    def due(row: Row, number: int) -> None:
        row["due_on"] = (today + timedelta(days=number % 365)).isoformat()
        if settled:
            settle(row, number)

    def decide(row: Row, number: int) -> None:
        row["compared_version"] = -1 if settled else row["version"]
        if settled:
            row |= {"status": "recognised", "stage": None}

    changes = {"cases": due, "applications": decide}
    with engines["review"].begin() as connection:
        found = connection.execute(select(review.cases.c.id).where(review.cases.c.subject == case.subject))
        ids = [case.subject, *(row.id for row in found)]
    for name, kept, of in (("review", _REVIEW, ids), ("application", _APPLICATION, [case.id, case.subject, *units])):
        named = [Kept(each.column, changes.get(each.table.name)) for each in kept]
        copy(engines[name], named, of, units, numbers, shared=[call])


def _register(engine: Engine, templates: Templates, cases: int) -> None:
    member, number = templates.member, templates.number
    units = {unit["uscc"]: f"8{place}{{:08d}}00000000" for place, unit in enumerate(member.units)}
    own = units | {number: number[:-4] + "{:06d}"}
    kept = [Kept(each.column) for each in _REGISTER]
    copy(engine, kept, [member.id, f"consortium/{member.id}", *units], own, range(1, cases + 1))
