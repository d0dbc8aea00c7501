"""A city with its own broker, gateway and console: its people log in there with their accounts, and work while the province's
deployment is upgraded and while the link is cut."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
import urllib3

from deploy.cli.verify import verify
from deploy.cluster.local_cluster import LocalCluster
from deploy.demo.client import until
from deploy.local_services import install
from deploy.local_services.local_service import free_ports
from services.kernel.settings import Settings
from tests.deploy.own_broker import OwnBroker
from tests.deploy.scenario import World, guichuang, heard_from, received, rows, sent_to, settled, waiting
from tests.integration.bus.buses import eventually

GUILIN = "450300"
#: The text that a page of the city's console shows while the province's platform does not answer.
UNREACHABLE = "自治区平台暂时连接不上"
POOL = urllib3.PoolManager(retries=False, timeout=60)


class Page(HTMLParser):
    """A page as a reader sees it: its text, the addresses of its links, and the hidden fields of its forms by action."""

    def __init__(self, answer: urllib3.BaseHTTPResponse) -> None:
        super().__init__()
        self.status = answer.status
        self.location = answer.headers.get("Location", "")
        self.cookie = answer.headers.get("Set-Cookie", "").partition(";")[0]
        self.text = ""
        self.links: dict[str, str] = {}
        self.forms: dict[str, dict[str, str]] = {}
        self._form: dict[str, str] = {}
        self._link = ""
        self.feed(answer.data.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "a":
            self._link = at.get("href", "")
        elif tag == "form":
            self._form = self.forms.setdefault(at.get("action", ""), {})
        elif tag == "input" and at.get("type") == "hidden":
            self._form[at["name"]] = at.get("value", "")

    def handle_endtag(self, tag: str) -> None:
        if tag == "a":
            self._link = ""

    def handle_data(self, data: str) -> None:
        self.text += data
        if self._link and data.strip():
            self.links.setdefault(data.strip(), self._link)

    def form(self, end: str) -> tuple[str, dict[str, str]]:
        """Return the form whose action ends with `end`: its action and hidden fields."""
        return next((action, fields) for action, fields in self.forms.items() if action.endswith(end))


class Reader:
    """A person who has logged in at a console with a name and a password."""

    def __init__(self, base: str, username: str, password: str) -> None:
        self.base = base
        self._cookie = ""
        page = self.post("/login", {"/username": username, "/password": password})
        assert (page.status, page.location) == (303, "/todo"), page.text
        self._cookie = page.cookie

    def get(self, path: str) -> Page:
        return self._ask("GET", path)

    def post(self, path: str, fields: dict[str, str]) -> Page:
        return self._ask("POST", path, fields=fields, encode_multipart=False)

    def _ask(self, method: str, path: str, **more: Any) -> Page:
        url = path if "://" in path else self.base + path
        headers = {"Accept-Language": "zh-CN", "Cookie": self._cookie, "Sec-Fetch-Site": "same-origin"}
        return Page(POOL.request(method, url, headers=headers, redirect=False, **more))

    def opine(self, review: str, outcome: str, **more: str) -> None:
        """Send the opinion form of a case. An officer's opinion becomes a draft for the chief."""
        action, hidden = self.get(f"/reviews/{review}").form("/opinion")
        page = self.post(action, hidden | {"/outcome": outcome, "/comment": "经审核，意见如上。", "do": "send"} | more)
        assert page.status == 303, page.text

    def sign(self, review: str) -> None:
        """Sign the draft that the page of the case shows."""
        action, hidden = self.get(f"/reviews/{review}").form("/signature")
        page = self.post(action, hidden)
        assert (page.status, page.location) == (303, f"/reviews/{review}?done=signed"), page.text


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    install.ensure()
    http = f"127.0.0.1:{free_ports(['http'])['http']}"
    settings = Settings(http=http, var=str(tmp_path_factory.mktemp("var")), seed="demo", rate_limit="0", log_level="WARNING")
    with LocalCluster(settings, [GUILIN]) as machine:
        yield World(machine)


@pytest.fixture(scope="module")
def own(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[OwnBroker]:
    """Yield the city after it has got a broker, a gateway and a console of its own."""
    with OwnBroker(world, GUILIN, tmp_path_factory.mktemp("own")) as own:
        guichuang(own.deployment, "broker", "declare", "review", "gateway")
        own.join()
        world.machine.cities[GUILIN].stop()
        own.start()
        own.retire()
        yield own


def test_a_citys_people_work_at_its_console_while_the_province_is_away(world: World, own: OwnBroker) -> None:
    machine = world.machine
    province, city = machine.operators(), own.deployment.operators()
    officer, chief = (Reader(own.console, *own.login(role)) for role in ("officer", "chief"))
    # Given an application that the city returned at its own console, and that the lead has corrected
    case = world.application(GUILIN)
    case.submit()
    review = own_case(own, case.subject)
    # the first page of the city's console is the login, and its menu links to the province's console for data that only the
    # province has
    assert Page(POOL.request("GET", own.console, redirect=False)).location == "/login"
    assert officer.get("/todo").links["联合体名册"] == f"{own.province_url}/consortia"
    returned = {"/sections/0/section": "name", "/sections/0/comment": "名称请与章程一致。"}
    officer.opine(review, "return", **returned)
    chief.sign(review)
    case.reaches("returned")
    case.change(name="桂林特色产业创新联合体")
    case.submit()
    until(lambda: len(own.people.officer(GUILIN).get(f"/reviews/{review}")["rounds"]) == 2, "the second round at the city")
    papers = own.people.officer(GUILIN).get(f"/reviews/{review}")["documents"]

    # When the province's deployment is stopped for its upgrade
    machine.province.stop()
    # Then the city's officer and chief can log in with their accounts, and open the inbox and the case, with the application's
    # content, verdict, names of units and changes
    officer, chief = (Reader(own.console, *own.login(role)) for role in ("officer", "chief"))
    assert "桂林特色产业创新联合体" in officer.get("/reviews?tab=all").text
    page = officer.get(f"/reviews/{review}")
    names = [unit["name"] for unit in case.units]
    for words in (
        "桂林特色产业创新联合体",
        "以下为提交时冻结的内容",
        "本轮变化",
        "名称请与章程一致。",
        "条件研判",
        *names,
    ):
        assert words in page.text
    # and the page says within seconds that documents, timeline and register cannot be opened while the province's platform is
    # down, and keeps the links to them
    until(lambda: UNREACHABLE in officer.get(f"/reviews/{review}").text, "the page knowing that the province is away")
    assert page.links["过程"] == f"{own.province_url}/applications/{case.id}/process"
    assert page.links[papers[0]["filename"]] == f"{own.province_url}/documents/{papers[0]['id']}"
    register = officer.get("/register")
    assert (register.status, register.links["在自治区平台打开"]) == (503, f"{own.province_url}/register")
    # and the city's officer can draft an opinion
    officer.opine(review, "pass", **answers(own, review))
    assert "at this version" in guichuang(machine.province, "migrate")

    # When the province's deployment is back, and the link between the brokers is cut
    machine.province.start()
    until(world.people.server.ready, "the province's gateway", seconds=120)
    own.cut()
    # Then the city's chief can read the officer's draft and sign it
    until(lambda: UNREACHABLE in chief.get(f"/reviews/{review}").text, "the page knowing that the link is cut")
    chief.sign(review)
    assert "已办" in chief.get("/reviews?tab=settled").text
    # and the province's platform works too, and has not received the opinion yet
    assert case.read()["stage"] == "recommendation"

    # When the link between the brokers works again
    own.mend()
    case.reaches("submitted", stage="formal_check")
    # Then the pages no longer report the interruption, and with the bureau's account at the province, their links open pages of
    # the province's console
    until(lambda: UNREACHABLE not in officer.get(f"/reviews/{review}").text, "the city reaches the province")
    page = officer.get(f"/reviews/{review}")
    there = Reader(f"http://{machine.settings.http}", *account(world, "officer"))
    steps = there.get(page.links["过程"])
    assert (steps.status, "桂林特色产业创新联合体" in steps.text) == (200, True)
    assert there.get(page.links[papers[0]["filename"]]).status in (200, 302, 303, 307)
    assert there.get(f"/documents/{papers[0]['id']}/pages/1").status == 200
    assert there.get("/register").status == 200
    # and neither side lacks or duplicates an event, the city has one case, and all audit entries are sealed and verify
    settled(lambda: waiting(own.broker, f"review.{GUILIN}"))
    sent, came = sent_to(GUILIN, province), received(city)
    for producer in ("application", "evaluation"):
        assert Counter(came.get(producer, [])) == Counter(sent.get(producer, []))
    for service in ("application", "notification"):
        eventually(lambda service=service: heard_from(GUILIN, city, service, province))
    assert rows(city, "review", "SELECT count(*), count(DISTINCT subject) FROM cases") == [(1, 1)]
    unsealed = "SELECT count(*) FROM audit WHERE sealed IS NULL"
    settled(lambda: rows(city, "review", unsealed)[0][0], lambda: rows(province, "review", unsealed)[0][0])
    assert verify(machine.operators(GUILIN)) == 0


def test_the_provinces_console_shows_the_city_its_release_and_its_lag(world: World, own: OwnBroker) -> None:
    # Given the report about its waiting events that the city's deployment sends at its start, Then the province's console shows
    # the operator the city's release and its delay
    release = re.findall(r"[0-9.]+", guichuang(own.deployment, "version"))[0]
    operator = Reader(f"http://{world.machine.settings.http}", *account(world, "operator"))
    until(lambda: "自有消息服务" in operator.get("/deployments").text, "the city's report")
    page = " ".join(operator.get("/deployments").text.split())
    assert re.search(rf"桂林市科学技术局正常单独部署，自有消息服务[\d: -]+ 报告{re.escape(release)}\d+ 分钟0", page), page


def own_case(own: OwnBroker, subject: str) -> str:
    """Wait until the city has a case about a subject (such as an application); return the case's id."""
    found: list[str] = []

    def there() -> bool:
        items = own.people.officer(GUILIN).get("/reviews", limit=200)["items"]
        found[:] = [item["id"] for item in items if item["subject"] == subject]
        return bool(found)

    until(there, "the city's case")
    return found[0]


def answers(own: OwnBroker, review: str) -> dict[str, str]:
    """Return the form fields that answer every question of the case's present stage with yes."""
    case = own.people.officer(GUILIN).get(f"/reviews/{review}")
    stage = next(one for one in case["stages"] if one["stage"] == case["stage"])
    return {f"/answers/{id}/{name}": value for id in stage["questions"] for name, value in (("met", "yes"), ("reason", "属实。"))}


def account(world: World, role: str) -> tuple[str, str]:
    """Return name and password of an account with this role at the province's gateway: the operator, or an official of the
    city."""
    bureau = None if role == "operator" else GUILIN
    found = next(one for one in world.people.listed if role in one["roles"] and one["bureau"] == bureau)
    return found["username"], found["password"]
