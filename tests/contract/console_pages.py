"""Open the console's pages as each persona, and check that they have none of the faults that no page may have.

The crawl finds new pages by itself. If it cannot open a page because the page is about a new kind of object, it fails until `IDS`
or `LISTS` says where to find such an object.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

from flask import Flask, Response, g
from flask.testing import FlaskClient
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from console.api import Answer, InProcessTransport
from console.app import create_app
from console.labels import labels
from console.session import Sealer, Session
from console.settings import ConsoleSettings
from tests.contract.personas import PERSONAS, Cast

#: The key with which the console under test encrypts its cookies.
KEYS = ("a key of the tests",)
#: The most API calls that a page may make. The call for the vocabulary does not count, because a process makes it only once in
#: five minutes.
MOST_CALLS = 3
LANGUAGES = {"zh": "zh-CN", "en": "en"}
#: Role → the personas that represent it.
OF_ROLE = {
    "applicant": ("lead", "member", "stranger"),
    "officer": ("own officer", "province officer"),
    "chief": ("own chief", "province chief"),
    "expert": ("expert",),
    "third_party": ("third party",),
    "auditor": ("auditor",),
    "operator": ("operator",),
    "portal": ("portal",),
}
#: For the first segment of an address: the name of the id in the cast that replaces `<id>` in the address.
IDS = {
    "applications": "application",
    "calls": "call",
    "consortia": "consortium",
    "documents": "document",
    "objections": "application",
    "organisations": "organisation",
    "special-cases": "special_case",
    "old-consortia": "proposal",
}
#: Sections of the console whose objects the API lists under another name.
LISTS = {"scoring": "reviews"}
#: The sections of the application form.
SECTIONS = ("basics", "lead", "members", "scientist", "systems", "goals", "papers", "check")

_SNAKE = re.compile(r"(?<![\w.@/-])[a-z]+(?:_[a-z0-9]+)+(?![\w.@/-])")
_DOTTED = re.compile(r"[a-z_]+(?:\.[a-z_0-9]+)+")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_CLAUSE = re.compile(r"\bA\d{1,2}(?:\(\d|-\d)")
_WORD = re.compile(r"(?<![\w.@/-])[a-z][a-z-]*[a-z](?![\w.@/-])")
_BUREAU = re.compile(r"(?<![\w-])(?:45\d{4}|GX-[A-Z]+)(?![\w-])")
_ARTEFACTS = {"None", "True", "False", "null", "undefined", "NaN", "[]", "{}"}
#: HTML elements whose text people do not read, or that contain text for programs.
_UNREAD = ("script", "style", "template", "code", "pre")
_VOID = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "path", "use")
_READ_ATTRIBUTES = ("title", "alt", "placeholder", "aria-label")


@dataclass
class Shown(HTMLParser):
    """Collects the text of a page that a reader sees or hears."""

    texts: list[str] = field(default_factory=list)
    headings: int = 0
    language: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        #: The HTML elements that are open: for each, whether readers read its text, and whether the text is in the page's
        #: language.
        self._open: list[tuple[str, bool]] = []

    @classmethod
    def of(cls, html: str) -> Shown:
        found = cls()
        found.feed(html)
        return found

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.headings += tag == "h1"
        given = dict(attributes)
        if tag == "html":
            self.language = given.get("lang") or ""
        language = given.get("lang") or self.language
        read = self._read and tag not in _UNREAD and language == self.language
        if read:
            self.texts += [value for name in _READ_ATTRIBUTES if (value := given.get(name))]
        if tag not in _VOID:
            self._open.append((tag, read))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self._read and (text := " ".join(data.split())):
            self.texts.append(text)

    @property
    def _read(self) -> bool:
        return not self._open or self._open[-1][1]


def faults_of(html: str, language: str, codes: frozenset[str], names: Container[str] = ()) -> Iterator[str]:
    """Return the faults of a page that do not depend on its subject. `codes` are the codes that have names; `names` are names of
    people, which may also be words of the console."""
    shown = Shown.of(html)
    if shown.headings != 1:
        yield f"{shown.headings} headings of the first level"
    if shown.language != LANGUAGES[language]:
        yield f"lang={shown.language}"
    words = labels()
    other = "zh" if language == "en" else "en"
    foreign = {text[other] for text in words.values()} - {text[language] for text in words.values()}
    for text in shown.texts:
        if text in names:
            continue
        for kind, found in _machine_words(text, language, codes):
            yield f"{kind} {found!r} in {text[:80]!r}"
        if any(key in words for key in _DOTTED.findall(text)):
            yield f"label key in {text[:80]!r}"
        if text in foreign and len(text) > 2:
            yield f"not translated: {text[:80]!r}"


def _machine_words(text: str, language: str, codes: frozenset[str]) -> Iterator[tuple[str, str]]:
    for kind, pattern in (("machine word", _SNAKE), ("instant", _INSTANT), ("clause", _CLAUSE), ("bureau's code", _BUREAU)):
        yield from ((kind, found[0]) for found in pattern.finditer(text))
    if language == "zh":  # In English texts, codes cannot be recognised, because many codes are English words.
        yield from (("code", found[0]) for found in _WORD.finditer(text) if found[0] in codes)
    if text in _ARTEFACTS:
        yield "artefact", text


def codes_of(vocabulary: Mapping[str, Any]) -> frozenset[str]:
    """Return every code that the vocabulary names."""
    return frozenset(entry["code"] for entries in vocabulary["sets"].values() for entry in entries)


@dataclass(frozen=True, slots=True)
class Crawl:
    """A console, and the personas that open its pages."""

    app: Flask
    cast: Cast
    sessions: dict[str, Session] = field(default_factory=dict)

    def client(self, persona: str, language: str) -> FlaskClient:
        """Return a new browser in which this persona is logged in."""
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = language
        if persona != "nobody":
            client.set_cookie("guichuang", Sealer(lambda: KEYS).seal_session(self.session(persona)))
        return client

    def session(self, persona: str) -> Session:
        """Return the session of a persona, as a login begins it."""
        if persona not in self.sessions:
            self.sessions[persona] = self._log_in(persona)
        return self.sessions[persona]

    def names(self) -> Container[str]:
        """Return the names of the demonstration's people: they are data, whatever words they contain."""
        accounts = self.cast.people.server.ask("GET", "/auth/methods")["accounts"]
        created = {self.session(persona).account["name"] for persona in PERSONAS if persona != "nobody"}
        return created | {account[name] for account in accounts for name in ("username", "name")}

    def _log_in(self, persona: str) -> Session:
        account = self.cast.account(persona)
        me = account.get("/me")
        summary = {name: me[name] for name in ("username", "name", "roles", "bureau", "organisation")}
        return Sealer(lambda: KEYS).begin_session(account.token(), 3600, summary | {"unit": "某单位", "may_sign": True})

    def rules(self, method: str) -> list[Rule]:
        """Return the console's routes for a method, without static files."""
        rules = [rule for rule in self.app.url_map.iter_rules() if method in (rule.methods or ())]
        return sorted((rule for rule in rules if not str(rule).startswith("/assets/")), key=str)

    def roles(self, rule: Rule) -> tuple[str, ...]:
        """Return the roles for which a page is declared; empty for a page that everybody may open."""
        access: tuple[str, ...] = self.app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]
        return tuple(OF_ROLE) if access == ("*",) else access

    def candidates(self, rule: Rule, persona: str) -> Iterable[str]:
        """Return addresses of a route that may have content for a persona. Raises KeyError for a parameter that this module does
        not know."""
        path, things = str(rule), self.cast.things
        section = path.split("/")[2 if path.startswith(("/admin/", "/operations/")) else 1]
        values: dict[str, Iterable[str]] = {
            "number": [things["certificate"]],
            "name": SECTIONS,
            "page": ["1"],
            "ending": ("pdf", "docx"),
            "application": [things["application"]],
            "document": [things["document"]],
            "evaluation": [things["evaluation"]],
            "consortium": [things["consortium"]],
            "list": ["unknown"],
            "version": [things["policy"]],
        }
        paths = [path]
        for parameter in re.findall(r"<(?:\w+:)?(\w+)>", path):
            known = self._ids(section, persona) if parameter == "id" else values[parameter]
            paths = [re.sub(rf"<(?:\w+:)?{parameter}>", value, each) for each in paths for value in known]
        return paths

    def _ids(self, section: str, persona: str) -> list[str]:
        """Return the ids of the objects that a section's pages are about: those of the cast, or those that the API lists to this
        persona."""
        if section in IDS:
            return [self.cast.things[IDS[section]]]
        page = self.cast.account(persona).send("GET", f"/{LISTS.get(section, section)}?limit=50")
        items = page.body["items"] if page.status == 200 else []
        return [str(item.get("id") or item.get("username")) for item in items] or ["unknown"]


class Counted:
    """An API client that records the calls of each page. Two kinds are left out: the words for codes, read once in five minutes,
    and the account's roles, read again once a minute. In a slow run they could occur on any page."""

    def __init__(self, inner: InProcessTransport) -> None:
        self._inner = inner

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        if "/vocabulary" not in target and (method, target) != ("GET", "/api/v1/me"):
            g.asked = [*g.get("asked", []), f"{method} {target}"]
        return self._inner.send(method, target, headers, body, client)


def counted_console(gateway: Flask) -> Flask:
    """Build a console whose answers list, in `X-Asked`, the calls of the API that were made for them."""
    app = create_app(Counted(InProcessTransport(gateway)), ConsoleSettings(lambda: KEYS))

    @app.after_request
    def note(response: Response) -> Response:
        response.headers["X-Asked"] = " | ".join(g.get("asked", []))
        return response

    return app


def is_page(answer: TestResponse) -> bool:
    """Return whether an answer is a whole page, and not a redirect, file or fragment."""
    return (
        not 300 <= answer.status_code < 400
        and answer.mimetype == "text/html"
        and answer.get_data(as_text=True).lstrip().startswith("<!doctype")
    )
