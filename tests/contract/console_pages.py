"""Open the console's pages as each persona, and check that they have none of the faults that no page may have.

A new page needs no entry here, because the tests take the pages from the console's routes. A page about a new kind of object
fails the tests until `IDS` or `LISTS` says where to find such an object.
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

#: The keys with which the console under test encrypts its cookies.
KEYS = ("a key of the tests",)
#: The highest number of API calls for one page. The call for the vocabulary is not counted, because a process makes it only once
#: in five minutes.
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
#: First segment of a page's address → the name in the cast of the object whose id replaces `<id>` in the address.
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
#: First segment of a page's address → the segment of the API's path that lists the page's objects, where the two differ.
LISTS = {"scoring": "reviews"}
#: The names of the sections of the application form, as in their addresses.
SECTIONS = ("basics", "lead", "members", "scientist", "systems", "goals", "papers", "check")

_SNAKE = re.compile(r"(?<![\w.@/-])[a-z]+(?:_[a-z0-9]+)+(?![\w.@/-])")
_DOTTED = re.compile(r"[a-z_]+(?:\.[a-z_0-9]+)+")
_INSTANT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}")
_CLAUSE = re.compile(r"\bA\d{1,2}(?:\(\d|-\d)")
_WORD = re.compile(r"(?<![\w.@/-])[a-z][a-z-]*[a-z](?![\w.@/-])")
_BUREAU = re.compile(r"(?<![\w-])(?:45\d{4}|GX-[A-Z]+)(?![\w-])")
_ARTEFACTS = {"None", "True", "False", "null", "undefined", "NaN", "[]", "{}"}
#: HTML elements with text that people do not read or that is written for programs.
_UNREAD = ("script", "style", "template", "code", "pre")
_VOID = ("area", "base", "br", "col", "hr", "img", "input", "link", "meta", "source", "track", "wbr", "path", "use")
_READ_ATTRIBUTES = ("title", "alt", "placeholder", "aria-label")


@dataclass
class Shown(HTMLParser):
    """Collects from a page's HTML the texts that a reader sees or that a screen reader says."""

    texts: list[str] = field(default_factory=list)
    headings: int = 0
    language: str = ""

    def __post_init__(self) -> None:
        super().__init__()
        #: The HTML elements that are open: the name of each, and whether its text is collected, because readers read it and it is
        #: in the page's language.
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
    """Yield the faults of a page that do not depend on its subject. `codes` are the codes that the vocabulary names; `names` are
    texts that are exempt, because they are names of people."""
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
    """A console, and the personas that open its pages. The sessions of the personas are created on first use."""

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
        """Return the session that a login of this persona begins."""
        if persona not in self.sessions:
            self.sessions[persona] = self._log_in(persona)
        return self.sessions[persona]

    def names(self) -> Container[str]:
        """Return the names and usernames of the demonstration's people. Pages may show them, whatever words they contain."""
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
        """Return the roles that may open a page; empty if everybody may open it."""
        access: tuple[str, ...] = self.app.view_functions[rule.endpoint].access  # type: ignore[attr-defined]
        return tuple(OF_ROLE) if access == ("*",) else access

    def candidates(self, rule: Rule, persona: str) -> Iterable[str]:
        """Return the addresses of a route that may have content for a persona. Raises KeyError if the route has a parameter that
        this module does not know."""
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
        """Return the ids of the objects that a section's pages are about: the cast's object, or else the objects that the API
        lists to this persona."""
        if section in IDS:
            return [self.cast.things[IDS[section]]]
        page = self.cast.account(persona).send("GET", f"/{LISTS.get(section, section)}?limit=50")
        items = page.body["items"] if page.status == 200 else []
        return [str(item.get("id") or item.get("username")) for item in items] or ["unknown"]


class Counted:
    """An API client for the console that records the calls made for each page. It leaves out two kinds: the call for the
    vocabulary, made once in five minutes, and the call for the account's roles, made once a minute. A slow run could make them
    for any page."""

    def __init__(self, inner: InProcessTransport) -> None:
        self._inner = inner

    def send(self, method: str, target: str, headers: Mapping[str, str], body: bytes | None, client: str) -> Answer:
        if "/vocabulary" not in target and (method, target) != ("GET", "/api/v1/me"):
            g.asked = [*g.get("asked", []), f"{method} {target}"]
        return self._inner.send(method, target, headers, body, client)


def counted_console(gateway: Flask) -> Flask:
    """Build a console whose responses list, in the header `X-Asked`, the API calls that were made for them."""
    app = create_app(Counted(InProcessTransport(gateway)), ConsoleSettings(lambda: KEYS))

    @app.after_request
    def note(response: Response) -> Response:
        response.headers["X-Asked"] = " | ".join(g.get("asked", []))
        return response

    return app


def is_page(answer: TestResponse) -> bool:
    """Return whether a response is a whole page, and not a redirect, a file or a part of a page."""
    return (
        not 300 <= answer.status_code < 400
        and answer.mimetype == "text/html"
        and answer.get_data(as_text=True).lstrip().startswith("<!doctype")
    )
