"""Messages: which audiences get them (an account, an organisation, a role, or the officials of a bureau) and how they are
worded."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypedDict

from services.contracts.labels import LABELS
from services.contracts.notification_answers import NotificationAnswerDict
from services.contracts.organisation_name import OrganisationName
from services.kernel.clock import SHANGHAI
from services.kernel.identity import PROVINCE, Actor
from services.policy import measure_titles, spell_out
from services.policy.bureaus import BUREAUS

LANGUAGES = ("zh", "en")
#: The fields of an event that cite the regulation.
CITED = ("article", "ground")
#: The text that a message shows instead of a value that the event does not have.
NOTHING = "—"
#: The text between the values of a list, by language.
_BETWEEN = {"zh": "、", "en": ", "}

_PLACE = re.compile(r"\{([a-z_.]+)\}")
#: The pattern of a sentence mark followed by a full stop, which is removed.
_STOPS = re.compile(r"([。！？；.])[。.](?=\s|$|[^。.])")
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d")

Facts = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Message:
    """One message to one audience. `texts` is {language: (title, text)}. `once`: a key, or None; an audience gets only one
    message with the same key."""

    audience: str
    type: str
    about: str
    texts: dict[str, tuple[str, str]]
    once: str | None


@dataclass(frozen=True, slots=True)
class Template:
    """The wording of the message about one type of event for one kind of reader; `templates.toml` explains the fields."""

    producer: str
    type: str
    to: tuple[str, ...]
    texts: dict[str, tuple[str, str]]
    when: Mapping[str, object]
    about: str | None = None
    once: str | None = None
    urgent: bool = False

    def messages(self, facts: Facts, subject: str) -> Iterator[Message]:
        """Yield the messages about one event, one for each audience."""
        if any(str(find(facts, field)) != fill_placeholders(str(value), facts, "en") for field, value in self.when.items()):
            return
        texts = {
            language: (fill_placeholders(title, facts, language), fill_placeholders(text, facts, language))
            for language, (title, text) in self.texts.items()
        }
        about = fill_placeholders(self.about, facts, "en") if self.about else subject
        once_key = f"{self.type} {fill_placeholders(self.once, facts, 'en')}" if self.once else None
        for audience in dict.fromkeys(self._audiences(facts)):
            yield Message(audience, self.type, about, texts, once_key)

    def _audiences(self, facts: Facts) -> Iterator[str]:
        for address in self.to:
            kind, _, path = address.partition(":")
            if kind == "role":
                yield address
                continue
            values = next((value for part in path.split("|") if (value := find(facts, part)) is not None), None)
            yield from (f"{kind}:{value}" for value in (values if isinstance(values, list) else [values]) if value)


#: Kind of audience that consists of a bureau's officials, written `<kind>:<bureau>` → the roles of the officials who belong to
#: it.
OFFICES: Mapping[str, tuple[str, ...]] = {"bureau": ("officer", "chief"), "officer": ("officer",), "chief": ("chief",)}


def audiences_of(actor: Actor) -> list[str]:
    """Return every audience to which an account belongs by its present roles, organisation and bureau."""
    audiences = [f"account:{actor.username}", *(f"role:{role}" for role in actor.roles)]
    if actor.organisation and actor.has("applicant"):
        audiences.append(f"organisation:{actor.organisation}")
    if actor.official:
        audiences += [f"{office}:{actor.bureau}" for office, roles in OFFICES.items() if actor.has(*roles)]
    return audiences


def shown(message: Any, language: str | None) -> NotificationAnswerDict:
    """Serialize a stored message for the API, in `language`, or in both languages if `language` is None and the gateway must
    choose."""

    def text(part: int) -> Any:
        return message.texts[language][part] if language else {name: message.texts[name][part] for name in LANGUAGES}

    return {
        "id": message.id,
        "type": message.type,
        "subject": message.about,
        "about": {"kind": message.about.partition("/")[0], "id": message.about.partition("/")[2]},
        "title": text(0),
        "body": text(1),
        "occurred_at": message.occurred_at.isoformat(),
        "read": bool(message.read),
    }


def find(facts: Facts, path: str) -> Any:
    """Return the value at a dotted path; for a list of objects, the list of their values; None if there is none."""
    value: Any = facts
    for name in path.split("."):
        if isinstance(value, list):
            value = [item.get(name) for item in value]
        else:
            value = value.get(name) if isinstance(value, Mapping) else None
    return value


def fill_placeholders(text: str, facts: Facts, language: str) -> str:
    """Fill in the placeholders of a text: codes and articles appear in words, instants in Asia/Shanghai. If an inserted sentence
    ends with a sentence mark, no second full stop follows."""
    filled_text = _PLACE.sub(lambda match: _value_in_words(match[1], find(facts, match[1]), language), text)
    return _STOPS.sub(r"\1", filled_text)


def _value_in_words(name: str, value: Any, language: str) -> str:
    if value is None:
        return NOTHING
    if isinstance(value, Mapping):
        return str(value.get(language, NOTHING))
    if isinstance(value, list):
        return _BETWEEN[language].join(_value_in_words(name, each, language) for each in value) or NOTHING
    text = str(value)
    if name in CITED:
        return (spell_out(text).zh if language == "zh" else spell_out(text).en) or text
    if translated := WORDS.get(name, {}).get(text):
        return translated[language]
    if _INSTANT.match(text):
        return datetime.fromisoformat(text).astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
    return text


class CaseFacts(TypedDict):
    """The values about the case that a message's template may name. `members`: the units without the lead."""

    title: str | None
    lead: OrganisationName | None
    units: list[str]
    members: list[str]
    bureaus: list[str]


@dataclass
class Case:
    """Facts about a case that earlier events contained and later events omit."""

    subject: str
    title: str | None
    lead: OrganisationName | None
    units: list[str]
    bureaus: list[str]

    @classmethod
    def unknown(cls, subject: str) -> Case:
        return cls(subject, None, None, [], [])

    def learn(self, type: str, bureau: str, data: Facts) -> None:
        self.title = data.get("title") or self.title
        self.lead = data.get("lead") or self.lead
        self.units = data.get("units") or self.units
        if type == "review.opened" and bureau not in self.bureaus:
            self.bureaus = [*self.bureaus, bureau]

    def facts(self) -> CaseFacts:
        lead = self.lead.get("uscc") if self.lead else None
        members = [unit for unit in self.units if unit != lead]
        return {"title": self.title, "lead": self.lead, "units": self.units, "members": members, "bureaus": self.bureaus}


def facts_of(data: Facts, *, bureau: str, recommender: str | None, actor: str, case: Case | None) -> Facts:
    """Return the values that `{…}` in a message's template may name: the event's own data, its bureau, recommender and actor, the
    province, and the facts that earlier events contained about the event's case. If names clash, the event's own data wins."""
    facts: Facts = case.facts() if case else {}
    given_facts = {name: value for name, value in data.items() if value is not None}
    return {**facts, "bureau": bureau, "recommender": recommender, "province": PROVINCE, "actor": actor, **given_facts}


def _load() -> tuple[tuple[Template, ...], dict[str, dict[str, dict[str, str]]]]:
    document = tomllib.loads(Path(__file__).with_name("templates.toml").read_text(encoding="utf-8"))
    templates = tuple(
        Template(
            producer,
            type,
            tuple(row["to"]),
            {language: (row[language][0], row[language][1]) for language in LANGUAGES},
            row.get("when", {}),
            row.get("about"),
            row.get("once"),
            row.get("urgent", False),
        )
        for producer, types in document["on"].items()
        for type, rows in types.items()
        for row in rows
    )
    names = {code: bureau.name.to_dict() for code, bureau in BUREAUS.items()}
    words = {
        field: {code: label_text.to_dict() for name in sets for code, label_text in LABELS[name].items()}
        for field, sets in document["words"].items()
    }
    words["measure"] = {code: title.to_dict() for code, title in measure_titles().items()}
    return templates, words | document["sentences"] | dict.fromkeys(
        ("by", "bureau", "recommender", "from_bureau", "to_bureau"), names
    )


#: All templates, and the words for codes: field → code → language → word.
TEMPLATES, WORDS = _load()
#: The event types that have messages. Reminders have the type `reminder`.
TYPES = (*dict.fromkeys(template.type for template in TEMPLATES), "reminder", "webhook.paused")
#: The event types whose messages do not wait for a digest and are sent by SMS to accounts that want SMS.
URGENT = frozenset(template.type for template in TEMPLATES if template.urgent) | {"reminder"}
