"""Every code that the API takes or returns has a label in Chinese and English, and all texts use that label."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

import services
from console.labels import labels
from gateway.files.application_workbook import FORMER_KINDS, FORMER_TIERS, KINDS, TIERS
from services.contracts import documents
from services.contracts.application import application_requests
from services.contracts.application import events as application_events
from services.contracts.evaluation import events as evaluation_events
from services.contracts.gateway import events as gateway_events
from services.contracts.labels import LABELS, REGIONS
from services.contracts.review import requests as review_requests
from services.kernel.errors import Text
from services.notification.domain import TYPES
from services.policy import load_builtin
from services.policy.bureaus import BUREAUS
from services.policy.codes import is_valid_region
from tests.contract.conftest import Running
from tests.contract.routes import document_of

API = "/api/v1"
ROOT = Path(services.__file__ or "").parents[1]


def enums(schema: Any, where: str) -> Iterator[tuple[str, dict[str, Any]]]:
    if isinstance(schema, dict):
        if any(choice is not None for choice in schema.get("enum", ())):
            yield where, schema
        for name, part in schema.items():
            yield from enums(part, f"{where}/{name}")
    elif isinstance(schema, list):
        for place, part in enumerate(schema):
            yield from enums(part, f"{where}/{place}")


def test_every_choice_of_the_document_names_its_words(running: Running) -> None:
    document = document_of(running)
    found = [*enums(document["paths"], ""), *enums(document["components"]["schemas"], "")]
    assert len(found) > 60
    unnamed = [where for where, schema in found if "x-vocabulary" not in schema]
    assert unnamed == []
    wordless = [
        (where, choice)
        for where, schema in found
        for choice in schema["enum"]
        if choice is not None and choice not in LABELS[schema["x-vocabulary"]]
    ]
    assert wordless == []


def test_the_vocabulary_is_public_and_is_not_sent_twice(running: Running) -> None:
    # Given a reader without an account
    client = running.app.test_client()
    # When the reader requests the vocabulary
    read = client.get(f"{API}/vocabulary")
    body = read.get_json()
    # Then the response has the labels of all codes in both languages, whichever language the reader prefers
    assert body == client.get(f"{API}/vocabulary", headers={"Accept-Language": "en"}).get_json()
    assert {"code": "general", "zh": "一般协作层单位", "en": "general partner"} in body["sets"]["tier"]
    assert [question["id"] for question in body["questions"]] == [f"Q{number}" for number in range(1, 10)]
    assert {bureau["code"] for bureau in body["bureaus"]} == set(BUREAUS)
    # And the support measures have the titles from the policy
    [policy] = load_builtin()
    measures = [{"code": measure.measure} | measure.title.to_dict() for measure in policy.measures]
    assert body["sets"]["support_measure"] == measures
    # And a cache may store the response for five minutes and then check whether it has changed
    assert read.headers["Cache-Control"] == "public, max-age=300"
    again = client.get(f"{API}/vocabulary", headers={"If-None-Match": read.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_every_word_is_there_in_both_languages() -> None:
    words = [word for codes in (*LABELS.values(), REGIONS) for word in codes.values()]
    assert [word for word in words if not word.zh.strip() or not word.en.strip() or not word.en.isascii()] == []


def test_every_code_has_a_word_of_its_own() -> None:
    # Readers of the audit log and of timelines see event types and entry types side by side, so no two of these types may have
    # the same label.
    groups = LABELS | {"event": {**LABELS["event"], **LABELS["entry"]}}
    shared = [
        (name, word, codes)
        for name, words in groups.items()
        for language in ("zh", "en")
        for word, codes in _codes_by_word(words, language).items()
        if len(codes) > 1
    ]
    assert shared == []


def _codes_by_word(words: Mapping[str, Text], language: str) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for code, word in words.items():
        found.setdefault(getattr(word, language), []).append(code)
    return found


def test_every_event_and_every_type_of_message_has_a_word() -> None:
    events = {
        *application_events.EVENTS,
        *review_requests.EVENTS,
        *evaluation_events.EVENTS,
        *documents.EVENTS,
        *gateway_events.EVENTS,
        *TYPES,
    }
    assert events - set(LABELS["event"]) == set()


def test_the_policy_and_the_words_agree() -> None:
    # Given the policy that comes with the software
    [policy] = load_builtin()

    # Then the labels of grades, documents and stages in the policy are the same as in the vocabulary
    def called(name: str, codes: Any) -> dict[str, tuple[str, str]]:
        return {code: (LABELS[name][code].zh, LABELS[name][code].en) for code in codes}

    grades = {grade.grade: (grade.title.zh, grade.title.en) for grade in policy.evaluation.grades}
    assert grades == called("grade", grades)
    papers = {paper.kind: (paper.label.zh, paper.label.en) for paper in policy.required_documents}
    assert papers == called("document_kind", papers)
    assert {stage.name for stages in policy.pipelines.values() for stage in stages} <= set(LABELS["stage"])
    assert set(policy.pipelines) == set(LABELS["case_kind"])


#: The names of the sets of codes whose labels are terms of the regulation.
OF_THE_REGULATION = ("tier", "goal", "operating_system", "grade", "bureau_tier", "organisation_kind")


def test_the_regulations_terms_are_listed_nowhere_but_in_the_labels() -> None:
    """Only the labels' file may list such terms or codes. A literal is a second list if it contains two terms of one set, or all
    codes of one set; a single term in a text is allowed."""
    second = [
        f"{path}:{node.lineno} {name}"
        for folder in ("services", "gateway", "deploy", "console")
        for path in (ROOT / folder).rglob("*.py")
        if not path.is_relative_to(ROOT / "deploy" / "demo")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (literals := _literals(node))
        for name in OF_THE_REGULATION
        if len(literals & {word.zh for word in LABELS[name].values()}) > 1
        or (folder in ("services", "gateway") and not isinstance(node, ast.Dict) and set(LABELS[name]) <= literals)
    ]
    assert second == []


def test_the_console_has_no_table_of_the_regulations_terms() -> None:
    sets = [{word.zh for word in LABELS[name].values()} for name in OF_THE_REGULATION]
    for path in (ROOT / "console" / "labels").glob("*.toml"):
        values = set(re.findall(r"zh = \"([^\"]+)\"", path.read_text(encoding="utf-8")))
        assert [values & words for words in sets if len(values & words) > 1] == [], path.name


def test_the_console_calls_the_roles_as_the_labels_do() -> None:
    """The console has its own labels for the roles, because its frame shows them even on an error page, when the vocabulary
    cannot be read."""
    for code, word in LABELS["role"].items():
        own = labels()[f"role.{code}"]
        assert (own["zh"], own["en"].lower()) == (word.zh, word.en)


def _literals(node: ast.AST) -> set[str]:
    if isinstance(node, ast.Dict):
        parts = [*(key for key in node.keys if key), *node.values]
    elif isinstance(node, ast.Tuple | ast.List | ast.Set):
        parts = list(node.elts)
    else:
        return set()
    parts += [inner for part in parts if isinstance(part, ast.Tuple | ast.List) for inner in part.elts]
    return {part.value for part in parts if isinstance(part, ast.Constant) and isinstance(part.value, str)}


def test_regions_are_of_the_standard_and_every_city_bureau_has_its_own() -> None:
    assert [code for code in REGIONS if not is_valid_region(code)] == []
    cities = {code for code, bureau in BUREAUS.items() if bureau.tier == "city"}
    assert {code for code in REGIONS if code.startswith("45") and code.endswith("00")} == cities | {"450000"}


@pytest.mark.parametrize(("words", "former"), [(TIERS, FORMER_TIERS), (KINDS, FORMER_KINDS)])
def test_words_of_former_templates_are_still_read(words: dict[str, str], former: dict[str, str]) -> None:
    assert set(words.values()) == set(former.values())


def test_an_error_says_the_choices_in_the_regulations_words() -> None:
    errors = application_requests.Member().validate({"organisation": "91450200MA5KAAAA09", "tier": "outer"})
    [said] = errors["tier"]
    assert said.zh == "只能是：核心层单位、紧密合作单位、一般协作层单位。"
    assert said.en == "Must be one of: core unit, close partner, general partner."


def test_every_entry_of_a_timeline_or_of_the_audit_log_has_a_word() -> None:
    """The types are read from the literals in the code of commands and reactions; a type that is also an event's has its label
    there."""
    areas = "|".join(sorted({type.split(".")[0] for type in LABELS["entry"]}))
    written = re.compile(rf"\"((?:{areas})\.[a-z_]+)\"")
    folder = Path(services.__file__ or "").parent
    sources = [*folder.rglob("commands/*.py"), *folder.rglob("reactions.py")]
    types = {type for path in sources for type in written.findall(path.read_text(encoding="utf-8"))}
    assert len(types) > 60
    assert types - set(LABELS["entry"]) - set(LABELS["event"]) == set()
